"""All tables in one place, for Alembic and for tests."""

from desk.accounts.models import (
    KnownDevice,
    LoginTry,
    RecoveryCode,
    RoleRule,
    Staff,
    StaffSession,
)
from desk.accounts.single_sign_on.models import SignOnTry, StaffIdentity
from desk.audit.models import AuditEntry, AuditHead
from desk.catalog.models import CatalogChange, Faq, Home, Order, Product
from desk.conversations.access_models import CustomerAccess, ReturnLink
from desk.conversations.colleague_models import Draft, Mention
from desk.conversations.models import ChatPhoto, Conversation, Message, QueueWait
from desk.database import Base
from desk.deadlines.models import CalendarDay
from desk.escalation.models import Absence, Commitment, Duty, Escalation
from desk.feedback.models import Coordination, Survey
from desk.idempotency import IdempotentCall
from desk.knowledge.models import FaqRevision, TrainingExample, UnansweredDecision
from desk.outbox.account_notices import AccountNoticeMark
from desk.outbox.models import Notice, OutboxAttachment, OutboxMessage, Webhook
from desk.privacy.models import Consent, ConsentNotice, Erasure
from desk.reports.models import Rectification, SentReport
from desk.reviews.models import FlaggedReply, SuggestionUse, Suspect
from desk.reviews.quality_models import (
    Appeal,
    QualityDraw,
    QuestionGap,
    RandomSample,
    RiskSample,
    Scorecard,
    SecondJudgement,
)
from desk.routing.models import AgentState, GroupMember, Offer, StaffGroup
from desk.rulebook.models import RuleBase, RuleDraft, RuleVersion, ScriptRevision
from desk.sealing.models import SealedCopy
from desk.sharing.models import Share, ShareUse
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
from desk.tickets.progress_codes import ProgressCode
from desk.transfers.models import Transfer

__all__ = [
    "Absence",
    "AccountNoticeMark",
    "AgentState",
    "Appeal",
    "Attachment",
    "AuditEntry",
    "AuditHead",
    "Base",
    "CalendarDay",
    "CatalogChange",
    "ChatPhoto",
    "Commitment",
    "Consent",
    "ConsentNotice",
    "Conversation",
    "Coordination",
    "CustomerAccess",
    "Draft",
    "Duty",
    "Erasure",
    "Escalation",
    "Faq",
    "FaqRevision",
    "FlaggedReply",
    "GroupMember",
    "Home",
    "IdempotentCall",
    "KnownDevice",
    "LoginTry",
    "Mention",
    "Message",
    "Notice",
    "Offer",
    "Order",
    "OutboxAttachment",
    "OutboxMessage",
    "PendingEntry",
    "Product",
    "ProgressCode",
    "ProgressTry",
    "QualityDraw",
    "QuestionGap",
    "QueueWait",
    "RandomSample",
    "RecoveryCode",
    "Rectification",
    "ReturnLink",
    "RiskSample",
    "RoleRule",
    "RuleBase",
    "RuleDraft",
    "RuleVersion",
    "SavedView",
    "Scorecard",
    "ScriptRevision",
    "SealedCopy",
    "SecondJudgement",
    "SentReport",
    "Share",
    "ShareUse",
    "SignOnTry",
    "Staff",
    "StaffGroup",
    "StaffIdentity",
    "StaffSession",
    "SuggestionUse",
    "Survey",
    "Suspect",
    "Ticket",
    "TicketCounter",
    "TicketEntry",
    "TicketGroup",
    "TicketLink",
    "TrainingExample",
    "Transfer",
    "UnansweredDecision",
    "Webhook",
]
