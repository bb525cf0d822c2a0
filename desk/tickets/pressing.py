"""A leader presses whoever works on a ticket (督办, R-B7); counted."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketState
from desk.tickets.timeline import EntryKind, append


def press(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    text: str | None = None,
    *,
    now: datetime | None = None,
) -> int:
    """Press the ticket's department; return how often so far.

    Raises:
        Forbidden: no leader.
        Conflict: the ticket is closed or merged.
    """
    require(staff, Role.SUPERVISOR)
    ticket = lock_ticket(session, ticket.id)
    if ticket.state == TicketState.CLOSED or ticket.merged_into_id is not None:
        raise Conflict("errors.ticket_closed", number=ticket.number)
    data = {"count": ticket.pressed + 1, "department": ticket.department}
    kind, at = EntryKind.PRESSED, now or utc_now()
    append(session, ticket, kind, actor=staff.login, at=at, text=text or None, data=data)
    return ticket.pressed
