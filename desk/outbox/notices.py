"""The notices of one staff member: what is new, and that it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.locale import t
from desk.outbox.models import Notice
from desk.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice as its reader sees it; `number` is its ticket's, `conversation_id` or `page` (of
    the console) where it leads when it has none."""

    id: int
    text: str
    number: str | None
    at: datetime
    is_read: bool
    conversation_id: str | None = None
    page: str | None = None


def notices_of(
    session: Session, staff: Staff, *, is_unread: bool = False, limit: int = 50
) -> Sequence[Shown]:
    """Return someone's notices, newest first."""
    query = (
        select(Notice, Ticket.number)
        .outerjoin(Ticket, Ticket.id == Notice.ticket_id)
        .where(Notice.staff_id == staff.id)
    )
    if is_unread:
        query = query.where(Notice.read_at.is_(None))
    rows = session.execute(query.order_by(Notice.id.desc()).limit(limit))
    return [
        Shown(
            id=one.id,
            text=t(one.key, **one.values),
            number=number,
            at=one.created_at,
            is_read=one.read_at is not None,
            conversation_id=one.values.get("conversation_id"),
            page=one.values.get("page"),
        )
        for one, number in rows
    ]


def count_unread(session: Session, staff: Staff) -> int:
    """Return how many notices someone has not read."""
    query = select(func.count()).where(Notice.staff_id == staff.id, Notice.read_at.is_(None))
    return session.scalar(query) or 0


def mark_read(
    session: Session, staff: Staff, notice_id: int | None = None, now: datetime | None = None
) -> None:
    """Note that someone read one of their notices, or all (None); others' stay as they are."""
    statement = update(Notice).where(Notice.staff_id == staff.id, Notice.read_at.is_(None))
    if notice_id is not None:
        statement = statement.where(Notice.id == notice_id)
    session.execute(statement.values(read_at=now or utc_now()))
