"""All tables in one place, for Alembic and for tests."""

from desk.accounts.models import Staff, StaffSession
from desk.catalog.models import Faq, Home, Order, Product
from desk.conversations.models import Conversation, Message
from desk.database import Base
from desk.reviews.models import FlaggedReply, SuggestionUse
from desk.tickets.models import Ticket, TicketCounter, TicketEntry

__all__ = [
    "Base",
    "Conversation",
    "Faq",
    "FlaggedReply",
    "Home",
    "Message",
    "Order",
    "Product",
    "Staff",
    "StaffSession",
    "SuggestionUse",
    "Ticket",
    "TicketCounter",
    "TicketEntry",
]
