"""A matter that was thought settled begins again, one level higher (R-B10)."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.escalation.service import raise_level
from desk.tickets.due import renew_deadline
from desk.tickets.models import Ticket, TicketState
from desk.tickets.timeline import EntryKind, append


def reopen(
    session: Session, ticket: Ticket, *, cause: str, actor: str, channel: str, now: datetime
) -> None:
    """Put the ticket back in progress with a new deadline and raise it a level.

    Args:
        cause: unique within the ticket: for the same one it does not go up twice.
        channel: how the customer said so; in the chat they were told at once what follows.
    """
    data = {
        "before": ticket.state,
        "after": TicketState.IN_PROGRESS,
        "cause": cause,
        "channel": channel,
    }
    append(session, ticket, EntryKind.REOPENED, actor=actor, at=now, data=data)
    renew_deadline(session, ticket, actor="system", now=now)
    raise_level(session, ticket, cause=cause, actor="system", now=now)
