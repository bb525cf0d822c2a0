"""Puts tickets before someone higher, and lets them say that they have taken them up (R-B6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, joinedload

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.clock import utc_now
from desk.errors import Conflict, NotFound
from desk.escalation.domain import DIRECTOR, Raise
from desk.escalation.models import Escalation
from desk.escalation.recording import matter_of, record
from desk.escalation.roster import ladder_at
from desk.escalation.sweeping import sweep
from desk.tickets.locking import lock_ticket
from desk.tickets.models import SETTLED_STATES, Ticket
from desk.tickets.timeline import EntryKind, Standing, append, standing_of

__all__ = [
    "OpenEscalation",
    "acknowledge",
    "find_escalation",
    "may_see_all",
    "open_escalations",
    "raise_level",
    "sweep",
]

MOST_OPEN = 500


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """An escalation that waits to be acknowledged, with its ticket; `is_mine`: for the reader."""

    escalation: Escalation
    ticket: Ticket
    is_mine: bool


def raise_level(
    session: Session, ticket: Ticket, *, cause: str, actor: str, now: datetime | None = None
) -> Escalation | None:
    """Put a ticket before someone one level higher than it is; at the top, before the director.

    Args:
        cause: unique within the ticket, at most 40 characters, e.g. `dissatisfied:1`.

    Returns:
        The escalation, or None: the ticket was raised for this cause before.
    """
    now = now or utc_now()
    lock_ticket(session, ticket.id)
    if session.scalar(
        select(Escalation.id).where(Escalation.ticket_id == ticket.id, Escalation.cause == cause)
    ):
        return None
    ladder = ladder_at(session, now)
    wanted = min(ticket.level + 1, DIRECTOR)
    told, acknowledge_by = ladder.place_for(matter_of(ticket))(wanted, False, now)
    what = Raise(cause, told.level, False, now, acknowledge_by, *told[1:])
    session.flush()
    standings = {ticket.id: standing_of(ticket)}
    (escalation_id,) = record(session, [(ticket.id, what)], standings, actor=actor, now=now)
    session.refresh(ticket, Standing._fields)
    ticket.next_check_at = now
    session.flush()
    return session.get_one(Escalation, escalation_id)


def acknowledge(
    session: Session, staff: Staff, escalation_id: int, now: datetime | None = None
) -> Escalation:
    """Take an escalation up, and with it those of the same ticket at the same level and below.

    Raises:
        NotFound: no such escalation, or it is somebody else's (leaders see all).
        Conflict: it was taken up before.
    """
    now = now or utc_now()
    escalation = find_escalation(session, staff, escalation_id)
    ticket = lock_ticket(session, escalation.ticket_id)
    session.refresh(escalation)
    if escalation.acknowledged_at is not None:
        raise Conflict("errors.escalation_acknowledged", number=ticket.number)
    data = {
        "escalation_id": escalation.id,
        "cause": escalation.cause,
        "level": escalation.level,
        "staff_id": staff.id,
    }
    append(session, ticket, EntryKind.ACKNOWLEDGED, actor=staff.login, at=now, data=data)
    session.execute(
        update(Escalation)
        .where(
            Escalation.ticket_id == ticket.id,
            Escalation.level <= escalation.level,
            Escalation.acknowledged_at.is_(None),
        )
        .values(acknowledged_at=now, acknowledged_by_id=staff.id)
    )
    ticket.next_check_at = now
    session.flush()
    session.refresh(escalation)
    return escalation


def find_escalation(session: Session, staff: Staff, escalation_id: int) -> Escalation:
    """Return an escalation that this person may acknowledge; raises `NotFound`."""
    found = session.scalar(
        select(Escalation).where(Escalation.id == escalation_id, *_visible_to(staff))
    )
    if found is None:
        raise NotFound("errors.escalation_not_found")
    return found


def open_escalations(
    session: Session, staff: Staff, *, is_mine: bool = False, limit: int = MOST_OPEN
) -> list[OpenEscalation]:
    """Return what waits to be acknowledged: one's own first, then by time left.

    Leaders see everybody's, others their own. What was passed over is not among them.
    """
    query = (
        select(Escalation)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .where(
            Escalation.acknowledged_at.is_(None),
            Escalation.acknowledge_by.is_not(None),
            Ticket.state.not_in(SETTLED_STATES),
            Ticket.merged_into_id.is_(None),
            *_visible_to(staff),
        )
        .options(joinedload(Escalation.ticket))
    )
    own = Escalation.staff_id == staff.id
    query = query.where(own) if is_mine else query
    # NULLs (nobody was there) compare as unknown, and go with what is not one's own.
    order = (own.is_(True).desc(), Escalation.acknowledge_by, Escalation.id)
    found: Sequence[Escalation] = session.scalars(query.order_by(*order).limit(limit)).all()
    return [OpenEscalation(one, one.ticket, one.staff_id == staff.id) for one in found]


def may_see_all(staff: Staff) -> bool:
    """Tell whether someone sees everybody's escalations."""
    return has_role(staff, Role.SUPERVISOR)


def _visible_to(staff: Staff) -> tuple[ColumnElement[bool], ...]:
    return () if may_see_all(staff) else (Escalation.staff_id == staff.id,)
