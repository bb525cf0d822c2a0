"""Links between tickets that belong together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput, NotFound
from desk.tickets.models import Ticket, TicketLink
from desk.tickets.timeline import EntryKind, append
from desk.tickets.visibility import visible_to

LinkKind = Literal["related", "duplicate", "split"]
MOST_LINKS = 100
LINKERS = (Role.AGENT, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Linked:
    """A ticket at the other end of a link."""

    ticket: Ticket
    kind: str


def link(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    other: Ticket,
    *,
    kind: LinkKind = "related",
    now: datetime | None = None,
) -> None:
    """Link two tickets; both timelines say so.

    Raises:
        InvalidInput: a ticket with itself.
        Conflict: they are linked already.
    """
    require(staff, *LINKERS)
    if ticket.id == other.id:
        raise InvalidInput("errors.merge_itself", field="other")
    if _found(session, ticket, other):
        raise Conflict("errors.already_linked")
    now = now or utc_now()
    first, second = sorted((ticket.id, other.id))
    session.add(TicketLink(ticket_id=first, other_id=second, kind=kind, created_at=now))
    _enter_both(session, staff, ticket, other, EntryKind.LINKED, now)


def unlink(
    session: Session, staff: Staff, ticket: Ticket, other: Ticket, *, now: datetime | None = None
) -> None:
    """Undo a link made by hand; raises `NotFound` if there is none."""
    require(staff, *LINKERS)
    found = [one for one in _found(session, ticket, other) if one.kind != "split"]
    if not found:
        raise NotFound("errors.not_linked")
    for one in found:
        session.delete(one)
    _enter_both(session, staff, ticket, other, EntryKind.UNLINKED, now or utc_now())


def links_of(session: Session, staff: Staff, ticket: Ticket) -> list[Linked]:
    """Return the linked tickets that this person may see, oldest first."""
    query = select(TicketLink).where(
        or_(TicketLink.ticket_id == ticket.id, TicketLink.other_id == ticket.id)
    )
    kinds = {
        one.other_id if one.ticket_id == ticket.id else one.ticket_id: one.kind
        for one in session.scalars(query.order_by(TicketLink.id).limit(MOST_LINKS))
    }
    others = select(Ticket).where(Ticket.id.in_(kinds), visible_to(staff)).order_by(Ticket.id)
    return [Linked(other, kinds[other.id]) for other in session.scalars(others)]


def _found(session: Session, ticket: Ticket, other: Ticket) -> Sequence[TicketLink]:
    first, second = sorted((ticket.id, other.id))
    query = select(TicketLink).where(TicketLink.ticket_id == first, TicketLink.other_id == second)
    return session.scalars(query).all()


def _enter_both(
    session: Session, staff: Staff, ticket: Ticket, other: Ticket, kind: EntryKind, now: datetime
) -> None:
    for one, its_other in ((ticket, other), (other, ticket)):
        data = {"other": its_other.number, "other_id": its_other.id}
        append(session, one, kind, actor=staff.login, at=now, data=data)
