"""All tables in one place, for Alembic and for tests."""

from desk.accounts.models import (
    KnownDevice,
    LoginTry,
    RecoveryCode,
    RoleRule,
    Staff,
    StaffSession,
)
from desk.audit.models import AuditEntry, AuditHead
from desk.catalog.models import Faq, Home, Order, Product
from desk.conversations.models import Conversation, Message
from desk.database import Base
from desk.deadlines.models import CalendarDay
from desk.escalation.models import Absence, Commitment, Duty, Escalation
from desk.feedback.models import Coordination, Survey
from desk.idempotency import IdempotentCall
from desk.outbox.models import Notice, OutboxAttachment, OutboxMessage, Webhook
from desk.privacy.models import Consent, ConsentNotice, Erasure
from desk.reports.models import Rectification, SentReport
from desk.reviews.models import FlaggedReply, SuggestionUse, Suspect
from desk.tickets.models import (
    Attachment,
    PendingEntry,
    SavedView,
    Ticket,
    TicketCounter,
    TicketEntry,
    TicketGroup,
    TicketLink,
)
from desk.tickets.progress import ProgressTry
from desk.transfers.models import Transfer

__all__ = [
    "Absence",
    "Attachment",
    "AuditEntry",
    "AuditHead",
    "Base",
    "CalendarDay",
    "Commitment",
    "Consent",
    "ConsentNotice",
    "Conversation",
    "Coordination",
    "Duty",
    "Erasure",
    "Escalation",
    "Faq",
    "FlaggedReply",
    "Home",
    "IdempotentCall",
    "KnownDevice",
    "LoginTry",
    "Message",
    "Notice",
    "Order",
    "OutboxAttachment",
    "OutboxMessage",
    "PendingEntry",
    "Product",
    "ProgressTry",
    "RecoveryCode",
    "Rectification",
    "RoleRule",
    "SavedView",
    "SentReport",
    "Staff",
    "StaffSession",
    "SuggestionUse",
    "Survey",
    "Suspect",
    "Ticket",
    "TicketCounter",
    "TicketEntry",
    "TicketGroup",
    "TicketLink",
    "Transfer",
    "Webhook",
]
