"""QA: flagged replies, their context, and what a reviewer decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.conversations.models import Message
from desk.errors import InvalidInput, NotFound
from desk.reviews.models import Decision, FlaggedReply

BEFORE, AFTER = 10, 4
"""Messages of context around a flagged reply."""
NOTE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which flagged replies; None: all. `since` counts, `until` does not."""

    decision: str | None = None
    category: str | None = None
    severity: str | None = None
    agent_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rows, and how many there are."""

    rows: Sequence[FlaggedReply]
    total: int


def list_flagged(
    session: Session,
    *,
    decision: str | None = None,
    category: str | None = None,
    severity: str | None = None,
    agent_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page:
    """Return flagged replies, the newest first. The caller checks the role."""
    wanted = _conditions(Filter(decision, category, severity, agent_id, since, until))
    query = select(FlaggedReply).where(*wanted)
    query = query.order_by(FlaggedReply.created_at.desc(), FlaggedReply.id.desc())
    rows = session.scalars(query.limit(limit).offset(offset)).all()
    total = session.scalar(select(func.count()).select_from(FlaggedReply).where(*wanted))
    return Page(rows, total or 0)


def find_flagged(session: Session, flagged_id: int) -> FlaggedReply:
    """Return a flagged reply; raises `NotFound`."""
    found = session.get(FlaggedReply, flagged_id) if 0 < flagged_id < 2**31 else None
    if found is None:
        raise NotFound("errors.flagged_not_found")
    return found


def decide(
    session: Session,
    reviewer: Staff,
    flagged_id: int,
    decision: str,
    note: str | None = None,
    *,
    now: datetime | None = None,
) -> FlaggedReply:
    """Store a reviewer's judgement; a later one takes its place, `open` takes it back.

    Raises:
        Forbidden: not QA or a supervisor.
        InvalidInput: unknown decision, coaching without saying what, or a note too long.
    """
    require(reviewer, Role.QA, Role.SUPERVISOR)
    flagged = find_flagged(session, flagged_id)
    if decision not in set(Decision):
        known = "、".join(Decision)
        raise InvalidInput("errors.decision_unknown", decision=decision[:32], decisions=known)
    text = clean_text(note or "")
    if len(text) > NOTE_LIMIT:
        raise InvalidInput("errors.note_too_long", field="note", limit=NOTE_LIMIT)
    if decision == Decision.COACH and not text:
        raise InvalidInput("errors.note_missing", field="note")
    is_open = decision == Decision.OPEN
    flagged.decision, flagged.decision_note = decision, text or None
    flagged.decided_by = None if is_open else session.merge(reviewer, load=False)
    flagged.decided_at = None if is_open else (now or utc_now())
    session.flush()
    return flagged


def context_of(session: Session, flagged_id: int) -> list[Message]:
    """Return the messages around a flagged reply, in order, notes included."""
    flagged = find_flagged(session, flagged_id)
    query = select(Message).where(
        Message.conversation_id == flagged.conversation_id,
        Message.seq > flagged.after_seq - BEFORE,
        Message.seq <= flagged.after_seq + AFTER,
    )
    return list(session.scalars(query.order_by(Message.seq)))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.decision:
        conditions.append(FlaggedReply.decision == wanted.decision)
    if wanted.category:
        conditions.append(FlaggedReply.categories.contains(f"|{wanted.category}|", autoescape=True))
    if wanted.severity:
        conditions.append(FlaggedReply.worst == wanted.severity)
    if wanted.agent_id is not None:
        conditions.append(FlaggedReply.agent_id == wanted.agent_id)
    if wanted.since:
        conditions.append(FlaggedReply.created_at >= wanted.since)
    if wanted.until:
        conditions.append(FlaggedReply.created_at < wanted.until)
    return conditions
