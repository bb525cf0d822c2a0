"""Passes new entries of tickets' timelines on to their followers, after the commit."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, aliased

from desk.clock import utc_now
from desk.logs import describe
from desk.outbox.followers import FOLLOWERS
from desk.outbox.news import News
from desk.tickets.models import PendingEntry, Ticket, TicketEntry

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Passed:
    """What a run did: how many entries went on, and who has to hear of it after the commit."""

    entries: int = 0
    conversations: set[str] = field(default_factory=set)
    has_notices: bool = False


def publish(session: Session, now: datetime | None = None, limit: int = 100) -> int:
    """Pass on up to `limit` entries, oldest first; return how many."""
    return pass_on(session, now, limit).entries


def pass_on(session: Session, now: datetime | None = None, limit: int = 100) -> Passed:
    """As `publish`, and say which conversations and bells changed.

    Entries of one ticket go in their order. One that fails is put off, and holds up nothing.
    """
    now = now or utc_now()
    passed = Passed()
    while passed.entries < limit:
        waiting = session.scalars(_waiting(now, limit - passed.entries)).all()
        if not waiting:
            break
        for pending in waiting:
            _pass_one(session, pending, now, passed)
    return passed


def has_waiting(session: Session, now: datetime | None = None) -> bool:
    """Tell whether anything is to be passed on; takes no lock."""
    due = _is_due(PendingEntry, now or utc_now())
    return session.scalar(select(PendingEntry.entry_id).where(due).limit(1)) is not None


def _waiting(now: datetime, limit: int) -> Select[PendingEntry]:
    """Select each ticket's first entry that waits; rows that another process has are skipped."""
    earlier, earlier_entry = aliased(PendingEntry), aliased(TicketEntry)
    has_earlier = (
        select(earlier.entry_id)
        .join(earlier_entry, earlier_entry.id == earlier.entry_id)
        .where(
            earlier_entry.ticket_id == TicketEntry.ticket_id,
            earlier.entry_id < PendingEntry.entry_id,
            _is_due(earlier, now),
        )
        .exists()
    )
    return (
        select(PendingEntry)
        .join(TicketEntry, TicketEntry.id == PendingEntry.entry_id)
        .where(_is_due(PendingEntry, now), ~has_earlier)
        .order_by(PendingEntry.entry_id)
        .limit(limit)
        .with_for_update(of=PendingEntry, skip_locked=True)
    )


def _is_due(model: type[PendingEntry], now: datetime) -> ColumnElement[bool]:
    return or_(model.next_try_at.is_(None), model.next_try_at <= now)


def _pass_one(session: Session, pending: PendingEntry, now: datetime, passed: Passed) -> None:
    entry = session.get_one(TicketEntry, pending.entry_id)
    news = News(session, session.get_one(Ticket, entry.ticket_id), entry, now)
    try:
        with session.begin_nested():
            for follow in FOLLOWERS:
                follow(news)
            session.delete(pending)
    except Exception as error:
        log.error("outbox.entry_failed", entry=pending.entry_id, **describe(error))
        pending.failures += 1
        pause = FIRST_PAUSE * 2 ** min(pending.failures - 1, 10)
        pending.next_try_at = now + min(pause, LONGEST_PAUSE)
        session.flush()
        return
    passed.entries += 1
    passed.conversations |= news.conversations
    passed.has_notices |= news.has_notices
