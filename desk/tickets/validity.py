"""Whether a complaint is valid: a clerk proposes, a supervisor decides, never the bot (R-B3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, Forbidden, InvalidInput
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketEntry, TicketKind, TicketState
from desk.tickets.timeline import NOT_PEOPLE, EntryKind, append
from scripts_library.suggesting.library import Script

VALIDITIES = ("valid", "invalid")
REASON_LIMIT = 1000
REFUSAL_STEP, REFUSAL_TOPIC = "refusal", "file_complaint"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was proposed or decided: `valid` or `invalid`, by whom, when and why."""

    validity: str
    actor: str
    at: datetime
    reason: str
    is_decision: bool


def propose_validity(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    validity: str,
    reason: str,
    *,
    now: datetime | None = None,
) -> None:
    """Put before the supervisor whether a complaint is valid.

    Raises:
        Forbidden: not a clerk of the customer service.
        InvalidInput: unknown validity, or no reason.
        Conflict: no complaint, closed, or decided already.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR)
    ticket = _judged(session, ticket, staff.login)
    if ticket.validity is not None:
        raise Conflict("errors.validity_decided")
    _enter(session, ticket, EntryKind.VALIDITY_PROPOSED, staff, validity, reason, now)


def decide_validity(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    validity: str,
    reason: str,
    *,
    now: datetime | None = None,
) -> None:
    """Decide whether a complaint is valid; a later decision takes the place of an earlier one.

    Raises:
        Forbidden: not a supervisor or above.
        InvalidInput: unknown validity, or no reason.
        Conflict: no complaint, or closed.
    """
    require(staff, Role.SUPERVISOR)
    ticket = _judged(session, ticket, staff.login)
    _enter(session, ticket, EntryKind.VALIDITY_DECIDED, staff, validity, reason, now)


def opinions_of(session: Session, ticket: Ticket) -> list[Opinion]:
    """Return what was proposed and decided, oldest first."""
    kinds = (EntryKind.VALIDITY_PROPOSED, EntryKind.VALIDITY_DECIDED)
    query = select(TicketEntry).where(
        TicketEntry.ticket_id == ticket.id, TicketEntry.kind.in_(kinds)
    )
    return [
        Opinion(
            validity=entry.data["validity"],
            actor=entry.actor,
            at=entry.at,
            reason=entry.text or "",
            is_decision=entry.kind == EntryKind.VALIDITY_DECIDED,
        )
        for entry in session.scalars(query.order_by(TicketEntry.id))
    ]


def refusal_scripts(scripts: Sequence[Script]) -> list[Script]:
    """Return the library's polite refusals of a complaint, to be filled in."""
    return [one for one in scripts if one.step == REFUSAL_STEP and one.topic == REFUSAL_TOPIC]


def _judged(session: Session, ticket: Ticket, actor: str) -> Ticket:
    if actor in NOT_PEOPLE:
        raise Forbidden("errors.people_only")
    ticket = lock_ticket(session, ticket.id)
    if ticket.kind != TicketKind.COMPLAINT:
        raise Conflict("errors.validity_of_complaints")
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.ticket_closed", number=ticket.number)
    return ticket


def _enter(
    session: Session,
    ticket: Ticket,
    kind: EntryKind,
    staff: Staff,
    validity: str,
    reason: str,
    now: datetime | None,
) -> None:
    if validity not in VALIDITIES:
        known = "、".join(VALIDITIES)
        raise InvalidInput("errors.validity_unknown", field="validity", known=known)
    text = reason.strip()
    if not text:
        raise InvalidInput("errors.text_missing", field="reason")
    if len(text) > REASON_LIMIT:
        raise InvalidInput("errors.text_too_long", field="reason", limit=REASON_LIMIT)
    at, data = now or utc_now(), {"validity": validity}
    append(session, ticket, kind, actor=staff.login, at=at, text=text, data=data)
