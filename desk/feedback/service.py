"""Questions to the customer, the answer, and closing with a reason (R-B5, R-B9, R-B10)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict
from desk.feedback.wording import checked
from desk.tickets.locking import lock_ticket
from desk.tickets.models import SETTLED_STATES, Ticket, TicketEntry, TicketState
from desk.tickets.pausing import pause
from desk.tickets.service import change_state
from desk.tickets.timeline import EntryKind, append
from scripts_library.checking.checker import Checker

BY_MANAGER = "manager"
"""`data["reason"]` of an entry with which a manager closed a ticket."""


def give_feedback(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    text: str,
    *,
    checker: Checker | None = None,
    is_confirmed: bool = False,
    now: datetime | None = None,
) -> TicketEntry:
    """Record measures and result; the customer is told with an apology and asked how it was.

    Args:
        checker: checks the wording, because the customer gets it word for word.
        is_confirmed: send it in spite of warnings.

    Raises:
        Forbidden: neither agent nor supervisor; a department proposes, it does not tell.
        InvalidInput: empty, too long, or wording that may not go out.
        Conflict: the ticket is closed.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR)
    text = checked(text, checker, is_confirmed=is_confirmed)
    ticket = lock_ticket(session, ticket.id)
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.feedback_after_closing", number=ticket.number)
    data = {"before": ticket.state, "after": TicketState.RESOLVED}
    return _enter(session, ticket, EntryKind.FEEDBACK_GIVEN, staff, text, data, now)


def ask_customer(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    question: str,
    *,
    checker: Checker | None = None,
    is_confirmed: bool = False,
    now: datetime | None = None,
) -> None:
    """Ask the customer for what is missing; the ticket waits, and its clock stands.

    Raises:
        Forbidden, InvalidInput: as for `give_feedback`.
        Conflict: the ticket is settled, or waits for the customer already.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR)
    question = checked(question, checker, is_confirmed=is_confirmed)
    ticket = lock_ticket(session, ticket.id)
    if ticket.state in SETTLED_STATES:
        raise Conflict("errors.ticket_settled", number=ticket.number)
    now = now or utc_now()
    # First the pause, which carries the question; the change of state finds it there.
    if not pause(session, ticket, reason="customer", actor=staff.login, text=question, now=now):
        raise Conflict("errors.waiting_already", number=ticket.number)
    change_state(session, ticket, TicketState.WAITING_CUSTOMER, actor=staff.login, now=now)


def close_with_reason(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    reason: str,
    *,
    checker: Checker | None = None,
    is_confirmed: bool = False,
    now: datetime | None = None,
) -> TicketEntry:
    """End a matter although the customer is not satisfied; they are told the reason (R-B10).

    Raises:
        Forbidden: neither manager nor director.
        InvalidInput, Conflict: as for `give_feedback`.
    """
    require(staff, Role.MANAGER, Role.DIRECTOR)
    reason = checked(reason, checker, is_confirmed=is_confirmed)
    ticket = lock_ticket(session, ticket.id)
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.closed_already", number=ticket.number)
    data = {"before": ticket.state, "after": TicketState.CLOSED, "reason": BY_MANAGER}
    return _enter(session, ticket, EntryKind.STATE_CHANGED, staff, reason, data, now)


def _enter(
    session: Session,
    ticket: Ticket,
    kind: EntryKind,
    staff: Staff,
    text: str,
    data: dict[str, Any],
    now: datetime | None,
) -> TicketEntry:
    at = now or utc_now()
    return append(session, ticket, kind, actor=staff.login, at=at, text=text, data=data)
