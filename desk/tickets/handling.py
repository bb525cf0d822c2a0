"""Who works on a ticket, and what it counts as: assigning and reclassifying."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, Forbidden, InvalidInput
from desk.tickets.due import renew_deadline
from desk.tickets.intake import check_known
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketKind, TicketState
from desk.tickets.search import index_ticket
from desk.tickets.service import find_recipient
from desk.tickets.timeline import EntryKind, append

CAUSE_LIMIT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What a ticket is to count as; None leaves a field as it is."""

    kind: str | None = None
    category: str | None = None
    department: str | None = None
    severity: str | None = None
    cause: str | None = None


def assign(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    recipient_id: int,
    *,
    now: datetime | None = None,
) -> None:
    """Make somebody responsible for the answer; for the one who is already nothing happens.

    Raises:
        Forbidden: a department handler may only take tickets on, not give them to others.
        InvalidInput: no active account of this id.
        Conflict: the ticket is closed or merged.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR, Role.DEPARTMENT)
    if staff.role == Role.DEPARTMENT and recipient_id != staff.id:
        raise Forbidden("errors.forbidden")
    recipient = find_recipient(session, recipient_id)
    ticket = open_one(session, ticket)
    if ticket.recipient_id == recipient.id:
        return
    ticket.recipient_id = recipient.id
    data = {"recipient_id": recipient.id, "recipient": recipient.login}
    append(session, ticket, EntryKind.ASSIGNED, actor=staff.login, at=now or utc_now(), data=data)


def reclassify(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    wanted: Classification,
    *,
    reason: str | None = None,
    now: datetime | None = None,
) -> None:
    """Correct kind, category, department, severity or cause; the deadline follows.

    Raises:
        InvalidInput: an unknown code.
        Conflict: nothing would change, or the ticket is closed or merged.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR)
    _check(wanted)
    ticket = open_one(session, ticket)
    changes = _changes(ticket, wanted)
    if not changes:
        raise Conflict("errors.nothing_to_change")
    for name, (_, after) in changes.items():
        setattr(ticket, name, after)
    now = now or utc_now()
    append(
        session,
        ticket,
        EntryKind.RECLASSIFIED,
        actor=staff.login,
        at=now,
        text=reason,
        data={"changes": {name: list(pair) for name, pair in changes.items()}},
    )
    index_ticket(session, ticket)
    if changes.keys() & {"kind", "severity"}:
        renew_deadline(session, ticket, actor=staff.login, now=now)


def open_one(session: Session, ticket: Ticket) -> Ticket:
    """Return the ticket, locked; raises `Conflict` if nothing more is done on it."""
    locked = lock_ticket(session, ticket.id)
    if locked.merged_into_id is not None:
        raise Conflict("errors.ticket_merged", number=locked.number)
    if locked.state == TicketState.CLOSED:
        raise Conflict("errors.ticket_settled", number=locked.number)
    return locked


def _check(wanted: Classification) -> None:
    if wanted.kind is not None and wanted.kind not in set(TicketKind):
        raise InvalidInput("errors.unknown_ticket_kind", field="kind")
    for name in ("category", "department", "severity"):
        check_known(name, getattr(wanted, name))
    if len(wanted.cause or "") > CAUSE_LIMIT:
        raise InvalidInput("errors.field_too_long", field="cause", limit=CAUSE_LIMIT)


def _changes(ticket: Ticket, wanted: Classification) -> Mapping[str, tuple[str | None, str]]:
    found = {}
    for field in fields(wanted):
        value = getattr(wanted, field.name)
        if value is not None and value != getattr(ticket, field.name):
            found[field.name] = (getattr(ticket, field.name), value)
    return found
