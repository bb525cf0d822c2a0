"""Tickets of several customers with one cause: grouped by people, told together (R-G8)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput, NotFound
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketGroup, TicketState
from desk.tickets.timeline import EntryKind, append
from desk.tickets.visibility import visible_to
from scripts_library.checking.verdict import Severity, Verdict

TITLE_LIMIT = 128
TEXT_LIMIT = 2000
SIZE_LIMIT = 500
GROUPERS = (Role.AGENT, Role.SUPERVISOR)


class Checks(Protocol):
    """The wording check."""

    def check(self, text: str) -> Verdict:
        """Return what is wrong with a text."""


def create_group(
    session: Session,
    staff: Staff,
    title: str,
    tickets: Sequence[Ticket],
    *,
    now: datetime | None = None,
) -> TicketGroup:
    """Put tickets together under a title.

    Raises:
        Forbidden: neither agent nor leader.
        InvalidInput: no title, or too long.
        Conflict: one of them is in another group.
    """
    require(staff, *GROUPERS)
    title = title.strip()
    if not 0 < len(title) <= TITLE_LIMIT:
        raise InvalidInput("errors.group_title_missing", field="title", limit=TITLE_LIMIT)
    now = now or utc_now()
    group = TicketGroup(title=title, created_by_id=staff.id, created_at=now)
    session.add(group)
    session.flush()
    # In the order of their ids: two people grouping the same tickets must not wait in a circle.
    for ticket in sorted(tickets, key=lambda one: one.id):
        add_to_group(session, staff, group, ticket, now=now)
    return group


def find_group(session: Session, group_id: int) -> TicketGroup:
    """Return a group; raises `NotFound`."""
    found = session.get(TicketGroup, group_id) if 0 < group_id < 2**31 else None
    if found is None:
        raise NotFound("errors.group_not_found")
    return found


def group_tickets(session: Session, staff: Staff, group: TicketGroup) -> list[Ticket]:
    """Return the tickets of a group that this person may see, oldest first."""
    query = select(Ticket).where(Ticket.group_id == group.id, visible_to(staff))
    return list(session.scalars(query.order_by(Ticket.id).limit(SIZE_LIMIT)))


def add_to_group(
    session: Session,
    staff: Staff,
    group: TicketGroup,
    ticket: Ticket,
    *,
    now: datetime | None = None,
) -> None:
    """Add a ticket to a group; one that is in it already stays.

    Raises:
        Conflict: it is in another group, or this one is full.
    """
    require(staff, *GROUPERS)
    ticket = lock_ticket(session, ticket.id)
    if ticket.group_id == group.id:
        return
    if ticket.group_id is not None:
        raise Conflict("errors.already_grouped", number=ticket.number)
    size = session.scalar(select(func.count()).where(Ticket.group_id == group.id)) or 0
    if size >= SIZE_LIMIT:
        raise Conflict("errors.group_full", limit=SIZE_LIMIT)
    ticket.group_id = group.id
    _enter(session, ticket, EntryKind.GROUPED, staff, now, group)


def remove_from_group(
    session: Session,
    staff: Staff,
    group: TicketGroup,
    ticket: Ticket,
    *,
    now: datetime | None = None,
) -> None:
    """Take a ticket out of its group; raises `Conflict` if it is not in this one."""
    require(staff, *GROUPERS)
    ticket = lock_ticket(session, ticket.id)
    if ticket.group_id != group.id:
        raise Conflict("errors.not_grouped", number=ticket.number)
    ticket.group_id = None
    _enter(session, ticket, EntryKind.UNGROUPED, staff, now, group)


def tell_group(
    session: Session,
    checker: Checks,
    staff: Staff,
    group: TicketGroup,
    text: str,
    *,
    now: datetime | None = None,
) -> int:
    """Write one update into the timeline of each open ticket; return how many customers it is for.

    What goes to many customers must pass the wording check without a warning.

    Raises:
        InvalidInput: empty, too long, or wording that the check warns of or blocks.
    """
    require(staff, *GROUPERS)
    text = text.strip()
    if not text:
        raise InvalidInput("errors.text_missing", field="text")
    if len(text) > TEXT_LIMIT:
        raise InvalidInput("errors.text_too_long", field="text", limit=TEXT_LIMIT)
    _must_be_clean(checker.check(text))
    open_ones = select(Ticket.id).where(
        Ticket.group_id == group.id, Ticket.state != TicketState.CLOSED
    )
    ids = list(session.scalars(open_ones.order_by(Ticket.id)))
    for ticket_id in ids:
        ticket = lock_ticket(session, ticket_id)
        _enter(session, ticket, EntryKind.GROUP_TOLD, staff, now, group, text)
    return len(ids)


def _must_be_clean(verdict: Verdict) -> None:
    wrong = [f.surface for f in verdict.flags if f.severity in (Severity.BLOCK, Severity.WARN)]
    if wrong:
        raise InvalidInput("errors.update_wording", field="text", words="、".join(wrong))


def _enter(
    session: Session,
    ticket: Ticket,
    kind: EntryKind,
    staff: Staff,
    now: datetime | None,
    group: TicketGroup,
    text: str | None = None,
) -> None:
    at, data = now or utc_now(), {"group_id": group.id}
    append(session, ticket, kind, actor=staff.login, at=at, text=text, data=data)
