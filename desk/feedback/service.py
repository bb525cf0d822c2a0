"""The answer to the customer, coordination, and closing with a reason (R-B8, R-B9, R-B10)."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput
from desk.tickets.models import Ticket, TicketEntry, TicketState
from desk.tickets.timeline import EntryKind, append

TEXT_LIMIT = 4000


def give_feedback(
    session: Session, staff: Staff, ticket: Ticket, text: str, *, now: datetime | None = None
) -> TicketEntry:
    """Record measures and result; the customer is told with an apology and asked how it was.

    Raises:
        InvalidInput: empty or too long.
        Conflict: the ticket is closed.
        Forbidden: QA only reads.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR, Role.DEPARTMENT)
    text = text.strip()
    if not text:
        raise InvalidInput("errors.feedback_empty", field="text")
    if len(text) > TEXT_LIMIT:
        raise InvalidInput("errors.feedback_too_long", field="text", limit=TEXT_LIMIT)
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.feedback_after_closing", number=ticket.number)
    data = {"before": ticket.state, "after": TicketState.RESOLVED}
    return append(
        session,
        ticket,
        EntryKind.FEEDBACK_GIVEN,
        actor=staff.login,
        at=now or utc_now(),
        text=text,
        data=data,
    )
