"""Showing what is masked: who may see it, and the record of who did and why (R-E1)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.permissions import Right, roles_of
from desk.accounts.service import has_role, require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.errors import InvalidInput
from desk.tickets.models import Ticket
from desk.tickets.timeline import EntryKind, append

REVEAL_ROLES = roles_of(Right.REVEAL)
"""Who works with the customer. QA judges wording and needs no names."""
REASON_LIMIT = 200


@dataclass(frozen=True, slots=True)
class CustomerData:
    """Who the customer is, unmasked."""

    name: str | None
    phone: str | None
    email: str | None
    room: str | None


def may_reveal(staff: Staff) -> bool:
    """Tell whether this person may see the customers' data on tickets that he or she sees."""
    return has_role(staff, *REVEAL_ROLES)


def reveal(
    session: Session, staff: Staff, ticket: Ticket, reason: str, *, now: datetime | None = None
) -> CustomerData:
    """Return the customer's data and write into the timeline who looked, and why.

    The caller has found the ticket as this person may see it.

    Raises:
        Forbidden: not a role that works with the customer.
        InvalidInput: no reason, or one too long.
    """
    require(staff, *REVEAL_ROLES)
    text = reason.strip()
    if not 0 < len(text) <= REASON_LIMIT:
        raise InvalidInput("errors.reveal_reason", field="reason", limit=REASON_LIMIT)
    at = now or utc_now()
    append(session, ticket, EntryKind.REVEALED, actor=staff.login, at=at, text=text)
    record(session, staff.login, Action.REVEALED, f"ticket {ticket.number}", note=text, at=at)
    return CustomerData(ticket.customer_name, ticket.phone, ticket.email, ticket.room)
