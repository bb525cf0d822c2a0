"""Stops a ticket's time while somebody else has to answer, and lets it run on (R-B5, R-G6).

A ticket can wait for the customer and a department at once: its time stands until the last of the
reasons is gone.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.tickets.due import clock_of, deadline_of, recompute_deadline, set_deadline
from desk.tickets.models import SETTLED_STATES, Ticket, TicketState
from desk.tickets.timeline import EntryKind, append

PauseReason = Literal["customer", "department", "other"]


def pause(
    session: Session,
    ticket: Ticket,
    *,
    reason: PauseReason,
    actor: str,
    text: str | None = None,
    now: datetime | None = None,
) -> bool:
    """Stop the ticket's time; tells whether this was new.

    Nothing changes for a settled ticket, or where it is paused for this reason already. Adds
    PAUSED with `data["reason"]`; trace and deadlines are computed anew.
    """
    now = now or utc_now()
    if ticket.state in SETTLED_STATES or reason in clock_of(session, ticket).open_reasons:
        return False
    data = {"reason": reason}
    append(session, ticket, EntryKind.PAUSED, actor=actor, at=now, text=text, data=data)
    recompute_deadline(session, ticket, now=now)
    return True


def resume(
    session: Session,
    ticket: Ticket,
    *,
    actor: str,
    reason: PauseReason | None = None,
    now: datetime | None = None,
) -> bool:
    """End the pause for one reason (None: for all); tells whether there was one.

    Adds RESUMED with `data["reasons"]`, `data["goes_on"]` (paused for another reason still), and
    the new and the former deadline as `due_at` and `was`.
    """
    now = now or utc_now()
    clock, was = clock_of(session, ticket), ticket.due_at
    ended = [one for one in clock.open_reasons if reason in (None, one)]
    if not ended:
        return False
    clock.resume(now, ended)
    due = deadline_of(ticket, clock)
    data = {
        "reasons": ended,
        "goes_on": bool(clock.open_reasons),
        "due_at": due.due_at.isoformat(),
        "was": was.isoformat(),
    }
    append(session, ticket, EntryKind.RESUMED, actor=actor, at=now, data=data)
    set_deadline(ticket, due, now=now)
    return True


def follow_state(
    session: Session, ticket: Ticket, *, before: str, actor: str, now: datetime
) -> None:
    """Pause a ticket that now waits for the customer; resume one that no longer does."""
    if ticket.state == TicketState.WAITING_CUSTOMER:
        pause(session, ticket, reason="customer", actor=actor, now=now)
    elif before == TicketState.WAITING_CUSTOMER and ticket.state not in SETTLED_STATES:
        resume(session, ticket, reason="customer", actor=actor, now=now)
