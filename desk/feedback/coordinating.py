"""Meetings on which departments, or the customer, came to an agreement (R-B8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput
from desk.feedback.models import Coordination
from desk.tickets.due import agree_deadline
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketState
from desk.tickets.timeline import EntryKind, append

POSITION_LIMIT = 20
WHO_LIMIT, TEXT_LIMIT = 64, 2000


@dataclass(frozen=True, slots=True)
class Position:
    """What a participant wanted."""

    who: str
    position: str


def coordinate(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    *,
    held_at: datetime,
    positions: Sequence[Position],
    agreement: str,
    due_at: datetime | None = None,
    now: datetime | None = None,
) -> Coordination:
    """Record a meeting: who wanted what, what was agreed, and by when it is to be done; that
    becomes the ticket's deadline.

    Raises:
        Forbidden: neither supervisor nor above.
        InvalidInput: nobody took part, a text is missing or too long, or impossible times.
        Conflict: the ticket is closed.
    """
    require(staff, Role.SUPERVISOR)
    now = now or utc_now()
    kept = _positions(positions)
    agreement = _text(agreement, "agreement", TEXT_LIMIT)
    if held_at.tzinfo is None or held_at > now:
        raise InvalidInput("errors.coordination_held_at", field="held_at")
    if due_at is not None and (due_at.tzinfo is None or due_at <= now):
        raise InvalidInput("errors.coordination_due_at", field="due_at")
    ticket = lock_ticket(session, ticket.id)
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.ticket_closed", number=ticket.number)
    coordination = Coordination(
        ticket_id=ticket.id,
        led_by=session.get_one(Staff, staff.id),
        held_at=held_at,
        positions=kept,
        agreement=agreement,
        due_at=due_at,
        created_at=now,
    )
    session.add(coordination)
    session.flush()
    data = {
        "coordination_id": coordination.id,
        "participants": len(kept),
        "due_at": due_at.isoformat() if due_at else None,
    }
    kind = EntryKind.COORDINATED
    append(session, ticket, kind, actor=staff.login, at=now, text=agreement, data=data)
    if due_at is not None:
        agree_deadline(session, ticket, due_at, actor=staff.login, now=now)
    return coordination


def coordinations_of(session: Session, ticket: Ticket) -> Sequence[Coordination]:
    """Return a ticket's meetings, oldest first."""
    query = select(Coordination).where(Coordination.ticket_id == ticket.id)
    return session.scalars(query.order_by(Coordination.id).limit(100)).all()


def _positions(positions: Sequence[Position]) -> list[dict[str, str]]:
    if not 1 <= len(positions) <= POSITION_LIMIT:
        raise InvalidInput(
            "errors.coordination_participants", field="positions", limit=POSITION_LIMIT
        )
    return [
        {
            "who": _text(one.who, "positions", WHO_LIMIT),
            "position": _text(one.position, "positions", TEXT_LIMIT),
        }
        for one in positions
    ]


def _text(text: str, field: str, limit: int) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput("errors.coordination_text", field=field)
    if len(text) > limit:
        raise InvalidInput("errors.feedback_too_long", field=field, limit=limit)
    return text
