"""The answer to the customer, and closing with a reason (R-B9, R-B10)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketEntry, TicketState
from desk.tickets.timeline import EntryKind, append
from scripts_library.checking.checker import Checker
from scripts_library.checking.verdict import Severity

TEXT_LIMIT = 2000
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
    text = _text(text, checker, is_confirmed=is_confirmed)
    ticket = lock_ticket(session, ticket.id)
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.feedback_after_closing", number=ticket.number)
    data = {"before": ticket.state, "after": TicketState.RESOLVED}
    return _enter(session, ticket, EntryKind.FEEDBACK_GIVEN, staff, text, data, now)


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
    reason = _text(reason, checker, is_confirmed=is_confirmed)
    ticket = lock_ticket(session, ticket.id)
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.closed_already", number=ticket.number)
    data = {"before": ticket.state, "after": TicketState.CLOSED, "reason": BY_MANAGER}
    return _enter(session, ticket, EntryKind.STATE_CHANGED, staff, reason, data, now)


def _text(text: str, checker: Checker | None, *, is_confirmed: bool) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput("errors.feedback_empty", field="text")
    if len(text) > TEXT_LIMIT:
        raise InvalidInput("errors.feedback_too_long", field="text", limit=TEXT_LIMIT)
    flags = checker.check(text).flags if checker else ()
    found = [flag for flag in flags if flag.severity >= Severity.WARN]
    if any(flag.severity == Severity.BLOCK for flag in found):
        raise InvalidInput("errors.wording_blocked", field="text", words=_words(found))
    if found and not is_confirmed:
        raise InvalidInput("errors.wording_warned", field="text", words=_words(found))
    return text


def _words(flags: list[Any]) -> str:
    return "、".join(f"“{flag.surface}”" for flag in flags)


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
