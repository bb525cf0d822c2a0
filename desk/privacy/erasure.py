"""Deletes what a person wrote and who it was, and leaves what counts the matter.

A ticket keeps its number, kind, category, place down to the building, deadlines and the kinds and
times of its timeline, for the statistics; names, contact, room, all texts and files go. An open
ticket, and a conversation that is under way, is kept until it is settled: the company still owes
the answer. The request stays open, and the retention job completes it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.conversations import capability
from desk.conversations.drafts import clear_drafts
from desk.conversations.models import ChatPhoto, Conversation, Message, Mode
from desk.escalation.models import Commitment
from desk.feedback.models import Coordination, Survey
from desk.locale import t
from desk.outbox.models import OutboxAttachment, OutboxMessage
from desk.privacy.consent import withdraw
from desk.privacy.models import Consent, Erasure
from desk.privacy.quality_notes import clear_quality_notes
from desk.privacy.subject import Subject
from desk.reviews.models import Suspect
from desk.sealing.service import destroy
from desk.tickets.models import Attachment, Ticket, TicketEntry, TicketState
from desk.tickets.progress import ProgressTry
from desk.tickets.progress_codes import ProgressCode
from desk.tickets.search import index_ticket
from desk.transfers.models import Transfer

PERSONAL_COLUMNS = (
    "customer_name", "phone", "phone_index", "room", "email", "unit", "spot", "order_no",
)  # fmt: skip


@dataclass
class Outcome:
    """What was deleted and what had to stay.

    Attributes:
        tickets, conversations: how many were cleared.
        kept: numbers of open tickets.
        kept_conversations: how many are under way.
        cleared_conversations: ids, so that the bot's own record can be deleted after the commit.
    """

    tickets: int = 0
    conversations: int = 0
    kept: list[str] = field(default_factory=list)
    kept_conversations: int = 0
    cleared_conversations: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing had to stay."""
        return not self.kept and not self.kept_conversations

    def as_json(self) -> dict[str, Any]:
        """Return what is stored and shown."""
        return {
            "tickets": self.tickets,
            "conversations": self.conversations,
            "kept": self.kept,
            "kept_conversations": self.kept_conversations,
        }


def request_erasure(
    session: Session, subject: Subject, *, actor: str, reason: str, now: datetime | None = None
) -> tuple[Erasure, Outcome]:
    """Withdraw all consents, delete what may be deleted, and remember the rest."""
    now = now or utc_now()
    first = subject.conversation_ids[0] if subject.conversations else None
    erasure = Erasure(
        phone_index=subject.phone_index,
        conversation_id=None if subject.phone_index else first,
        state="open",
        requested_by=actor,
        requested_at=now,
        outcome={},
    )
    session.add(erasure)
    session.flush()
    outcome = carry_out(session, erasure, subject, actor=actor, note=reason, now=now)
    return erasure, outcome


def carry_out(
    session: Session,
    erasure: Erasure,
    subject: Subject,
    *,
    actor: str,
    now: datetime,
    note: str | None = None,
) -> Outcome:
    """Delete what may be deleted by now; the request is done when nothing had to stay."""
    withdraw(
        session,
        conversation_ids=subject.conversation_ids,
        ticket_ids=subject.ticket_ids,
        phone_index=subject.phone_index,
        now=now,
    )
    outcome = erase(session, subject)
    # What the customer has deleted is not kept sealed either.
    destroy(session, [one.number for one in subject.tickets] + subject.conversation_ids)
    erasure.outcome = outcome.as_json()
    if outcome.is_complete:
        erasure.state, erasure.done_at, erasure.phone_index = "done", now, None
    record(
        session,
        actor,
        Action.ERASED,
        f"erasure {erasure.id}",
        note=note,
        at=now,
        kept=len(outcome.kept) + outcome.kept_conversations,
        tickets=outcome.tickets,
        conversations=outcome.conversations,
    )
    return outcome


def erase(session: Session, subject: Subject) -> Outcome:
    """Clear every settled ticket of a person, and the conversations that no open one needs."""
    outcome = Outcome()
    needed = set()
    for ticket in subject.tickets:
        if ticket.state == TicketState.CLOSED:
            clear_ticket(session, ticket)
            outcome.tickets += 1
        else:
            outcome.kept.append(ticket.number)
            needed.add(ticket.conversation_id)
    for conversation in subject.conversations:
        if conversation.id in needed or conversation.mode in (Mode.QUEUED, Mode.AGENT):
            outcome.kept_conversations += 1
        else:
            clear_conversation(session, conversation)
            outcome.conversations += 1
            outcome.cleared_conversations.append(conversation.id)
    return outcome


def clear_ticket(session: Session, ticket: Ticket) -> None:
    """Delete from a ticket, and from all that hangs on it, who and what was said."""
    gone = t("privacy.erased")
    clear_contact(session, ticket)
    ticket.description, ticket.occurred = gone, None
    ticket.wish = gone if ticket.wish else None
    mine = {"ticket_id": ticket.id}
    session.execute(_texts(TicketEntry, "text", gone, **mine))
    session.execute(_texts(Survey, "comment", gone, **mine))
    session.execute(_texts(Commitment, "what", gone, **mine))
    for name in ("matter", "question", "result"):
        session.execute(_texts(Transfer, name, gone, **mine))
    of_ticket = Coordination.ticket_id == ticket.id
    session.execute(update(Coordination).where(of_ticket).values(agreement=gone, positions=[]))
    session.execute(delete(Attachment).where(Attachment.ticket_id == ticket.id))
    session.flush()
    index_ticket(session, ticket)


def clear_contact(session: Session, ticket: Ticket) -> None:
    """Delete from a ticket who the customer is, and what was sent to them."""
    for name in PERSONAL_COLUMNS:
        setattr(ticket, name, None)
    ticket.has_consent = False
    _clear_outbox(session, ticket)
    of_consent = Consent.ticket_id == ticket.id
    session.execute(update(Consent).where(of_consent).values(phone_index=None))
    session.flush()


def clear_conversation(session: Session, conversation: Conversation) -> None:
    """Delete what was said, and make the customer's link useless."""
    gone = t("privacy.erased")
    lines = Message.conversation_id == conversation.id
    blank: dict[str, Any] = {"text": gone, "payload": None, "buttons": [], "card": None}
    session.execute(update(Message).where(lines).values(blank))
    session.execute(delete(ChatPhoto).where(ChatPhoto.conversation_id == conversation.id))
    clear_quality_notes(session, conversation.id, gone)
    clear_drafts(session, conversation.id)
    session.execute(delete(Suspect).where(Suspect.conversation_id == conversation.id))
    for asked in (ProgressTry, ProgressCode):
        session.execute(delete(asked).where(asked.conversation_id == conversation.id))
    capability.revoke_all(session, conversation.id)
    if conversation.mode == Mode.BOT:
        conversation.mode = Mode.CLOSED
        conversation.version += 1
    session.flush()


def open_erasures(session: Session, limit: int = 100) -> list[Erasure]:
    """Return the requests that wait for something, oldest first."""
    query = select(Erasure).where(Erasure.state == "open").order_by(Erasure.id).limit(limit)
    return list(session.scalars(query))


def _texts(model: Any, column: str, gone: str, **where: Any) -> Any:
    """Return the statement that replaces a text where there is one."""
    mapped = getattr(model, column)
    conditions = [getattr(model, name) == value for name, value in where.items()]
    return update(model).where(mapped.is_not(None), *conditions).values({column: gone})


def _clear_outbox(session: Session, ticket: Ticket) -> None:
    ids = select(OutboxMessage.id).where(OutboxMessage.ticket_id == ticket.id)
    session.execute(delete(OutboxAttachment).where(OutboxAttachment.message_id.in_(ids)))
    session.execute(delete(OutboxMessage).where(OutboxMessage.ticket_id == ticket.id))
