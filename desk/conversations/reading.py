"""Reads conversations for customers and staff: messages, queue, lists. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.conversations import repository
from desk.conversations.domain import preview
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.speakers import seen_by

# Built once: whoever watches a conversation asks one of these again and again.
_WITH_NOTES = (
    select(Message)
    .where(Message.conversation_id == bindparam("conversation_id"), Message.seq > bindparam("seq"))
    .order_by(Message.seq)
    .limit(bindparam("limit", type_=Integer))
)
_WITHOUT_NOTES = _WITH_NOTES.where(Message.sender != Sender.NOTE)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A waiting conversation. `position` counts from 1; `preview` is the customer's last text."""

    conversation_id: str
    position: int
    reason: str
    is_urgent: bool
    queued_at: datetime
    source: str
    last_intent: str | None
    preview: str
    version: int


def messages_after(
    session: Session, conversation_id: str, seq: int, *, for_staff: bool, limit: int = 200
) -> list[Message]:
    """Return messages with a greater `seq`, in order, at most `limit`; notes only for staff."""
    values = {"conversation_id": conversation_id, "seq": seq, "limit": limit}
    return list(session.scalars(_WITH_NOTES if for_staff else _WITHOUT_NOTES, values))


def last_messages(
    session: Session, conversation_id: str, staff: Staff, *, limit: int
) -> tuple[Conversation, list[Message]]:
    """Return a conversation this person may read, and its last messages in order; no notes."""
    conversation = seen_by(session, staff, conversation_id)
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.sender != Sender.NOTE
    )
    newest = session.scalars(query.order_by(Message.seq.desc()).limit(limit)).all()
    return conversation, list(reversed(newest))


def queue(session: Session) -> list[QueueEntry]:
    """Return the waiting conversations: urgent ones first, then the longest waiting."""
    waiting = repository.waiting(session)
    texts = repository.last_customer_texts(session, [entry.id for entry in waiting])
    return [
        QueueEntry(
            conversation_id=entry.id,
            position=position,
            reason=entry.queue_reason or "other",
            is_urgent=entry.is_urgent,
            queued_at=entry.queued_at or entry.created_at,
            source=entry.source,
            last_intent=entry.last_intent,
            preview=preview(texts.get(entry.id, "")),
            version=entry.version,
        )
        for position, entry in enumerate(waiting, start=1)
    ]


def queue_position(session: Session, conversation: Conversation) -> int | None:
    """Return the place in the queue, 1 is next; None if it does not wait."""
    if conversation.mode != Mode.QUEUED:
        return None
    return repository.places_ahead(session, conversation) + 1


def conversations_of(session: Session, agent: Staff) -> list[Conversation]:
    """Return the conversations this agent has now, the last one written in first."""
    query = select(Conversation).where(Conversation.assigned_to_id == agent.id)
    return list(session.scalars(query.order_by(Conversation.last_customer_at.desc())))


def recent(session: Session, limit: int = 50, *, staff: Staff | None = None) -> list[Conversation]:
    """Return the newest conversations with a customer's message; only what `staff` may read."""
    query = select(Conversation).where(Conversation.last_customer_at.is_not(None))
    if staff is not None:
        query = query.where(repository.visible_to(staff))
    return list(session.scalars(query.order_by(Conversation.last_customer_at.desc()).limit(limit)))
