"""How the service goes over time: volumes, answers, satisfaction, flags, suggestions."""
