"""Keeps the record of customers' waits for people, and of the talks that came of them.

The caller holds the conversation's lock.
"""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.conversations.models import Conversation, QueueWait

LATELY = timedelta(minutes=30)
LONGEST_TOLD = timedelta(minutes=30)
"""A longer wait is not foretold from what happened lately."""
FEWEST_TAKEN = 5
"""Fewer customers taken lately say nothing about the next."""


def begin(session: Session, conversation: Conversation, *, reason: str, now: datetime) -> QueueWait:
    """Note that a customer begins to wait."""
    wait = QueueWait(
        conversation_id=conversation.id,
        reason=reason,
        is_urgent=conversation.is_urgent,
        group_id=conversation.group_id,
        queued_at=now,
    )
    session.add(wait)
    session.flush()
    return wait


def latest(session: Session, conversation_id: str) -> QueueWait | None:
    """Return the newest wait of a conversation."""
    query = select(QueueWait).where(QueueWait.conversation_id == conversation_id)
    return session.scalar(query.order_by(QueueWait.id.desc()).limit(1))


def open_wait(session: Session, conversation_id: str) -> QueueWait | None:
    """Return the wait, or the talk after it, that is not over yet."""
    wait = latest(session, conversation_id)
    return wait if wait and wait.outcome is None else None


def take(session: Session, conversation: Conversation, staff_id: int, now: datetime) -> None:
    """Note who took the conversation."""
    wait = open_wait(session, conversation.id)
    if wait and wait.taken_at is None:
        wait.taken_at, wait.staff_id = now, staff_id


def note_reply(session: Session, conversation_id: str, now: datetime) -> None:
    """Note that somebody wrote to the customer; the first time counts."""
    wait = open_wait(session, conversation_id)
    if wait and wait.first_reply_at is None:
        wait.first_reply_at = now


def end(session: Session, conversation_id: str, now: datetime, outcome: str | None = None) -> None:
    """Note that the wait or talk is over. Without an `outcome`: a talk, if somebody took it,
    otherwise the customer left."""
    wait = open_wait(session, conversation_id)
    if wait:
        wait.ended_at = now
        wait.outcome = outcome or ("talk" if wait.taken_at else "left")


def expected_wait(session: Session, place: int, now: datetime) -> timedelta | None:
    """Return about how long whoever stands at this place (1 is next) waits, by how many customers
    were taken lately; None where that says nothing, so that nobody is told a guess."""
    query = select(func.count()).where(QueueWait.taken_at > now - LATELY)
    taken = session.scalar(query) or 0
    return LATELY * place / taken if taken >= FEWEST_TAKEN else None


def minutes_told(session: Session, place: int, now: datetime) -> int | None:
    """Return the expected wait as customers are told it, in whole minutes; None for whoever is
    next, and where nothing is foretold."""
    expected = expected_wait(session, place, now) if place > 1 else None
    if expected is None or expected > LONGEST_TOLD:
        return None
    return max(1, ceil(expected / timedelta(minutes=1)))
