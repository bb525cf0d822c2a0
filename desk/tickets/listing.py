"""Tickets a page at a time, with a cursor that stays right while others open new ones."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.errors import InvalidInput
from desk.tickets.filters import TicketFilter, conditions
from desk.tickets.models import Ticket

MOST_ROWS = 200
COUNT_LIMIT, COUNT_LIMIT_OF_TEXT = 1_000_000, 20_000
"""So far tickets are counted; a search for text that finds more would only take its time."""

Order = Literal["newest", "due"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some tickets of a search.

    Attributes:
        rows: at most as many as asked for.
        next_cursor: for the page after this one; None at the end.
        total: how many tickets fit in all.
        is_more: there are more than `total`, which is where counting stopped.
    """

    rows: Sequence[Ticket]
    next_cursor: str | None
    total: int
    is_more: bool


def search(
    session: Session,
    staff: Staff,
    wanted: TicketFilter,
    *,
    limit: int = 50,
    after: str | None = None,
    order: Order = "newest",
    now: datetime | None = None,
) -> Page:
    """Return the tickets that fit and that this person may see, a page of them.

    `order` is `newest` first or the nearest deadline first (`due`). `after` is the `next_cursor`
    of the page before, with the same order.

    Raises:
        InvalidInput: a cursor that is none.
    """
    limit = max(1, min(limit, MOST_ROWS))
    where = conditions(wanted, staff, now or utc_now())
    query = select(Ticket).where(*where).limit(limit + 1)
    rows = list(session.scalars(_ordered(query, order, after)))
    more = len(rows) > limit
    cursor = _cursor(rows[limit - 1], order) if more else None
    most = COUNT_LIMIT_OF_TEXT if wanted.text else COUNT_LIMIT
    total = _count(session, where, most + 1)
    return Page(rows[:limit], cursor, min(total, most), total > most)


def _count(session: Session, where: Sequence[ColumnElement[bool]], most: int) -> int:
    bounded = select(Ticket.id).where(*where).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def _ordered(query: Select[Ticket], order: Order, after: str | None) -> Select[Ticket]:
    if order == "newest":
        if after:
            query = query.where(Ticket.id < _read(after, order)[0])
        return query.order_by(Ticket.id.desc())
    if after:
        last_id, due_at = _read(after, order)
        place = (datetime.fromisoformat(due_at), last_id)
        query = query.where(tuple_(Ticket.due_at, Ticket.id) > place)
    return query.order_by(Ticket.due_at, Ticket.id)


def _cursor(ticket: Ticket, order: Order) -> str:
    place = [ticket.id] if order == "newest" else [ticket.id, ticket.due_at.isoformat()]
    return base64.urlsafe_b64encode(json.dumps([order, *place]).encode()).decode().rstrip("=")


def _read(cursor: str, order: Order) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place: list[Any]
        kind, *place = json.loads(base64.urlsafe_b64decode(padded))
        last_id = place[0]
        if kind != order or not isinstance(last_id, int) or not 0 <= last_id < 2**31:
            raise ValueError
        if order == "due" and datetime.fromisoformat(place[1]).tzinfo is None:
            raise ValueError
    except (ValueError, TypeError, IndexError, binascii.Error) as error:
        raise InvalidInput("errors.cursor_invalid", field="cursor") from error
    return place
