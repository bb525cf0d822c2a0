"""Who takes waiting conversations: groups, presence, capacity, offers, office hours."""
