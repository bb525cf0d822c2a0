"""What all steps of a transfer have in common: who may take them, and what they leave behind."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role, require
from desk.errors import Conflict, InvalidInput
from desk.tickets.models import Ticket, TicketEntry, TicketState
from desk.tickets.pausing import resume
from desk.tickets.timeline import EntryKind, append
from desk.tickets.view import department_name
from desk.transfers import repository
from desk.transfers.domain import MOVES, TEXT_LIMIT, Side, Step, may_step, state_after
from desk.transfers.models import Transfer, TransferState
from desk.transfers.view import transfer_state_name

ROLES_OF_SIDE = {
    Side.DEPARTMENT: (Role.DEPARTMENT,),
    Side.DESK: (Role.AGENT, Role.SUPERVISOR),
    Side.LEADERS: (Role.SUPERVISOR,),
}

__all__ = [
    "asked_at",
    "begin",
    "department_name",
    "enter",
    "go_on",
    "may_take",
    "must_be_open",
    "optional_text",
    "required_text",
    "resume_unless_asked",
    "taken_up",
]


def may_take(staff: Staff, transfer: Transfer, step: Step) -> bool:
    """Tell whether this person could take this step now; pages leave the other buttons out."""
    return (
        may_step(transfer.state, step)
        and has_role(staff, *ROLES_OF_SIDE[MOVES[step].side])
        and transfer.ticket.state != TicketState.CLOSED
        and (step == Step.ACCEPT or not _is_a_colleagues(staff, transfer, step))
    )


def begin(session: Session, staff: Staff, transfer_id: int, step: Step) -> Transfer:
    """Return the transfer, locked, if this person may take this step now.

    Raises:
        NotFound: it is another department's.
        Forbidden: the step is not for this role.
        Conflict: a colleague has it, its state does not allow the step, or the ticket is closed.
    """
    transfer = repository.lock(session, staff, transfer_id)
    require(staff, *ROLES_OF_SIDE[MOVES[step].side])
    if transfer.handler and _is_a_colleagues(staff, transfer, step):
        raise Conflict("errors.transfer_taken", name=transfer.handler.display_name)
    if not may_step(transfer.state, step):
        raise Conflict("errors.transfer_state", state=transfer_state_name(transfer.state))
    must_be_open(transfer.ticket)
    return transfer


def go_on(transfer: Transfer, step: Step) -> None:
    """Put the transfer into the state that the step leads to."""
    transfer.state = state_after(transfer.state, step)


def enter(
    session: Session,
    transfer: Transfer,
    kind: EntryKind,
    staff: Staff,
    now: datetime,
    *,
    text: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write the step into the ticket's timeline."""
    about = {"transfer_id": transfer.id, "department": transfer.department}
    append(
        session,
        transfer.ticket,
        kind,
        actor=staff.login,
        at=now,
        text=text,
        data=about | (data or {}),
    )


def taken_up(ticket: Ticket) -> dict[str, str]:
    """Return the change of state for an entry that begins the work on a ticket."""
    if ticket.state != TicketState.OPEN:
        return {}
    return {"before": TicketState.OPEN.value, "after": TicketState.IN_PROGRESS.value}


def must_be_open(ticket: Ticket) -> None:
    """Raise `Conflict` for a ticket on which nothing more is done."""
    if ticket.state == TicketState.CLOSED or ticket.merged_into_id is not None:
        raise Conflict("errors.ticket_closed", number=ticket.number)


def required_text(text: str, *, field: str = "text", limit: int = TEXT_LIMIT) -> str:
    """Return a text without blanks around it; raises `InvalidInput` if empty or too long."""
    text = text.strip()
    if not text:
        raise InvalidInput("errors.text_missing", field=field)
    if len(text) > limit:
        raise InvalidInput("errors.text_too_long", field=field, limit=limit)
    return text


def optional_text(text: str | None) -> str | None:
    """Return a text that need not be there, None if it is blank."""
    return required_text(text) if text and text.strip() else None


def asked_at(session: Session, transfer: Transfer) -> datetime | None:
    """Return when the department asked its open question."""
    query = (
        select(TicketEntry)
        .where(
            TicketEntry.ticket_id == transfer.ticket_id,
            TicketEntry.kind == EntryKind.TRANSFER_ASKED_BACK,
        )
        .order_by(TicketEntry.id.desc())
    )
    entries = session.scalars(query)
    return next((e.at for e in entries if e.data.get("transfer_id") == transfer.id), None)


def resume_unless_asked(session: Session, ticket: Ticket, staff: Staff, now: datetime) -> None:
    """Let the ticket's clock run again, unless another department waits for an answer too."""
    still_asked = any(
        one.state == TransferState.ASKED_BACK for one in repository.under_way(session, ticket.id)
    )
    if not still_asked:
        resume(session, ticket, actor=staff.login, reason="department", now=now)


def _is_a_colleagues(staff: Staff, transfer: Transfer, step: Step) -> bool:
    """Tell whether the department's work on this transfer is somebody else's."""
    if MOVES[step].side != Side.DEPARTMENT or transfer.handler_id is None:
        return False
    return step == Step.ACCEPT or transfer.handler_id != staff.id
