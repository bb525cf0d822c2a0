"""Plans against frequent causes: who does what by when, and telling the customers (R-B11)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role, require
from desk.clock import to_local, utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, InvalidInput, NotFound
from desk.reports.models import Rectification
from desk.tickets.domain import CATEGORIES
from desk.tickets.filters import NO_CATEGORY, TicketFilter
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket
from desk.tickets.timeline import EntryKind, append
from scripts_library.checking.checker import Checker
from scripts_library.checking.verdict import Severity

PLANNERS = (Role.SUPERVISOR, Role.QA)
TEXT_LIMIT = 1000
CAUSE_LIMIT = 64
MOST_TOLD = 1000
"""Customers told at once: each is an entry in a timeline, in one transaction."""
LOOK_BACK = timedelta(days=365)
OPEN, DONE, DROPPED = "open", "done", "dropped"


def plan(
    session: Session,
    staff: Staff,
    *,
    category: str,
    cause: str,
    text: str,
    owner_id: int,
    due_on: date,
    now: datetime | None = None,
) -> Rectification:
    """Store a new item; `category` is one of the fixed ones or `none`.

    Raises:
        Forbidden: not QA or a supervisor.
        InvalidInput: unknown category, empty or overlong text, no such owner, a day in the past.
    """
    require(staff, *PLANNERS)
    now = now or utc_now()
    if category not in (*CATEGORIES, NO_CATEGORY):
        raise InvalidInput("errors.filter_invalid", field="category")
    item = Rectification(
        category=category,
        cause=_text(cause, "cause", CAUSE_LIMIT),
        plan=_text(text, "plan", TEXT_LIMIT),
        owner_id=_owner(session, owner_id).id,
        due_on=_day(due_on, now),
        created_at=now,
    )
    session.add(item)
    session.flush()
    return find(session, staff, item.id)


def find(session: Session, staff: Staff, item_id: int) -> Rectification:
    """Return an item that this person may see; raises `NotFound`."""
    query = select(Rectification).where(Rectification.id == item_id, _visible_to(staff))
    found = session.scalar(query) if 0 < item_id < 2**31 else None
    if found is None:
        raise NotFound("errors.rectification_not_found")
    return found


def items(
    session: Session, staff: Staff, *, state: str | None = None, limit: int = 100
) -> Sequence[Rectification]:
    """Return items, open ones and the nearest date first. Whoever plans sees all, others what
    they own."""
    query = select(Rectification).where(_visible_to(staff))
    if state is not None:
        query = query.where(Rectification.state == state)
    order = (Rectification.state != OPEN, Rectification.due_on, Rectification.id)
    return session.scalars(query.order_by(*order).limit(limit)).all()


def settle(
    session: Session,
    staff: Staff,
    item_id: int,
    *,
    state: str,
    outcome: str = "",
    now: datetime | None = None,
) -> Rectification:
    """Mark an item as done or dropped, with what came of it, or open it again.

    Raises:
        NotFound: neither a planner nor the owner.
        InvalidInput: unknown state, or settled without an outcome.
    """
    item = find(session, staff, item_id)
    if state not in {OPEN, DONE, DROPPED}:
        raise InvalidInput("errors.filter_invalid", field="state")
    is_open = state == OPEN
    item.state = state
    item.outcome = None if is_open else _text(outcome, "outcome", TEXT_LIMIT)
    item.settled_at = None if is_open else (now or utc_now())
    session.flush()
    return item


def concerned(item: Rectification) -> TicketFilter:
    """Return the filter of the tickets with this cause."""
    return TicketFilter(category=(item.category,), cause=item.cause)


def tell_customers(
    session: Session,
    checker: Checker,
    staff: Staff,
    item_id: int,
    text: str,
    *,
    now: datetime | None = None,
) -> int:
    """Write what was put right into the timeline of each ticket of the last year with this cause;
    from there it goes to the customers. Return how many it is for.

    A second time only those are told who came after the first.

    Raises:
        InvalidInput: empty, too long, or wording that the check warns of or blocks.
        Conflict: the item is not done yet, nobody is left to tell, or too many are.
    """
    require(staff, *PLANNERS)
    now = now or utc_now()
    item = find(session, staff, item_id)
    text = _text(text, "text", TEXT_LIMIT)
    _must_be_clean(checker, text)
    if item.state != DONE:
        raise Conflict("errors.rectification_open")
    since = max(item.told_at or now - LOOK_BACK, now - LOOK_BACK)
    category = None if item.category == NO_CATEGORY else item.category
    query = select(Ticket.id).where(
        Ticket.cause == item.cause,
        Ticket.category.is_not_distinct_from(category),
        Ticket.created_at >= since,
        Ticket.merged_into_id.is_(None),
    )
    ids = session.scalars(query.order_by(Ticket.id).limit(MOST_TOLD + 1)).all()
    if not ids:
        raise Conflict("errors.rectification_nobody")
    if len(ids) > MOST_TOLD:
        raise Conflict("errors.rectification_too_many", limit=MOST_TOLD)
    data = {"rectification_id": item.id}
    for ticket_id in ids:
        ticket = lock_ticket(session, ticket_id)
        append(
            session, ticket, EntryKind.GROUP_TOLD, actor=staff.login, at=now, text=text, data=data
        )
    item.told_at, item.told_count = now, item.told_count + len(ids)
    session.flush()
    return len(ids)


def _visible_to(staff: Staff) -> ColumnElement[bool]:
    if has_role(staff, *PLANNERS):
        return Rectification.id.is_not(None)
    return Rectification.owner_id == staff.id


def _owner(session: Session, owner_id: int) -> Staff:
    owner = session.get(Staff, owner_id) if 0 < owner_id < 2**31 else None
    if owner is None or not owner.is_active:
        raise InvalidInput("errors.recipient_unknown", field="owner_id")
    return owner


def _day(day: date, now: datetime) -> date:
    if day < to_local(now).date():
        raise InvalidInput("errors.rectification_past", field="due_on")
    return day


def _text(text: str, field: str, limit: int) -> str:
    cleaned = clean_text(text).strip()
    if not cleaned:
        raise InvalidInput("errors.text_missing", field=field)
    if len(cleaned) > limit:
        raise InvalidInput("errors.text_too_long", field=field, limit=limit)
    return cleaned


def _must_be_clean(checker: Checker, text: str) -> None:
    severities = (Severity.BLOCK, Severity.WARN)
    wrong = [flag.surface for flag in checker.check(text).flags if flag.severity in severities]
    if wrong:
        raise InvalidInput("errors.update_wording", field="text", words="、".join(wrong))
