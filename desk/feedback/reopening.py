"""A matter that was thought settled begins again, one level higher (R-B10)."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.deadlines.service import deadline_for
from desk.tickets.models import Ticket, TicketState
from desk.tickets.timeline import EntryKind, append


def reopen(
    session: Session, ticket: Ticket, *, cause: str, actor: str, channel: str, now: datetime
) -> None:
    """Put the ticket back in progress with a new deadline and raise it a level.

    `cause` is unique within the ticket: for the same one it does not go up twice.
    """
    data = {
        "before": ticket.state,
        "after": TicketState.IN_PROGRESS,
        "cause": cause,
        "channel": channel,
    }
    append(session, ticket, EntryKind.REOPENED, actor=actor, at=now, data=data)
    deadline = deadline_for(ticket.kind, ticket.severity, now, channel=ticket.channel)
    ticket.due_at, ticket.warn_at = deadline.due_at, deadline.warn_at
    ticket.due_trace, ticket.next_check_at = list(deadline.trace), deadline.warn_at
    session.flush()
