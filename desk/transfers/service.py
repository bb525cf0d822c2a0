"""Transfers of tickets to departments: sending them and taking their steps (R-B4, R-B7).

Each step appends its entry to the ticket's timeline; nothing is sent from here. Callers own the
transaction.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import LEADERS, Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput
from desk.tickets.domain import DEPARTMENTS
from desk.tickets.due import renew_deadline
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket
from desk.tickets.pausing import pause
from desk.tickets.timeline import EntryKind
from desk.transfers import repository
from desk.transfers.domain import (
    MATTER_LIMIT,
    Step,
    is_possible_time,
    moved_by_waiting,
)
from desk.transfers.models import Transfer, TransferState
from desk.transfers.stepping import (
    asked_at,
    begin,
    department_name,
    enter,
    go_on,
    must_be_open,
    optional_text,
    required_text,
    resume_unless_asked,
    taken_up,
)

RESPONSIBLE_ROLES = frozenset({Role.AGENT, Role.ADMIN, *LEADERS})
"""Who may tell the customer: whoever speaks for the customer service."""


def create(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    *,
    department: str,
    matter: str,
    required_by: datetime,
    first_responsible: Staff | int,
    now: datetime | None = None,
) -> Transfer:
    """Send a ticket to a department.

    Args:
        department: one of `DEPARTMENTS`; it must not have an open transfer of this ticket.
        matter: what the department is asked to do.
        required_by: when it must have answered.
        first_responsible: who tells the customer, or that person's id.

    Raises:
        Forbidden: neither agent nor leader.
        InvalidInput: unknown department, no matter, a time that has passed or is more than a
            year away, or a person who does not speak with customers.
        Conflict: the ticket is closed or merged, or the department has it already.
    """
    require(staff, Role.AGENT, Role.SUPERVISOR)
    now = now or utc_now()
    if department not in DEPARTMENTS:
        known = "、".join(DEPARTMENTS)
        raise InvalidInput(
            "errors.department_unknown", field="department", value=department[:32], known=known
        )
    matter = required_text(matter, field="matter", limit=MATTER_LIMIT)
    if required_by.tzinfo is None or not is_possible_time(required_by, now):
        raise InvalidInput("errors.required_by_impossible", field="required_by")
    responsible = _responsible(session, first_responsible)
    ticket = lock_ticket(session, ticket.id)
    must_be_open(ticket)
    if any(one.department == department for one in repository.under_way(session, ticket.id)):
        raise Conflict("errors.transfer_open", department=department_name(department))
    transfer = Transfer(
        ticket=ticket,
        department=department,
        matter=matter,
        required_by=required_by,
        first_responsible=responsible,
        created_by_id=staff.id,
        created_at=now,
    )
    session.add(transfer)
    session.flush()
    data = {
        "department": department,
        "required_by": required_by.isoformat(),
        "first_responsible_id": responsible.id,
        **taken_up(ticket),
    }
    enter(session, transfer, EntryKind.TRANSFERRED, staff, now, text=matter, data=data)
    renew_deadline(session, ticket, actor=staff.login, now=now)
    return transfer


def accept(
    session: Session, staff: Staff, transfer_id: int, now: datetime | None = None
) -> Transfer:
    """Take a transfer on for the department.

    Raises:
        Conflict: a colleague was faster (`details["name"]`), or it was cancelled.
    """
    now = now or utc_now()
    transfer = begin(session, staff, transfer_id, Step.ACCEPT)
    transfer.handler, transfer.accepted_at = session.get_one(Staff, staff.id), now
    go_on(transfer, Step.ACCEPT)
    kind, data = EntryKind.TRANSFER_ACCEPTED, taken_up(transfer.ticket)
    enter(session, transfer, kind, staff, now, data=data)
    return transfer


def ask_back(
    session: Session, staff: Staff, transfer_id: int, question: str, now: datetime | None = None
) -> Transfer:
    """Ask the desk for what is missing; the ticket's clock stands until it answers."""
    now = now or utc_now()
    transfer = begin(session, staff, transfer_id, Step.ASK_BACK)
    transfer.question = required_text(question)
    go_on(transfer, Step.ASK_BACK)
    kind = EntryKind.TRANSFER_ASKED_BACK
    enter(session, transfer, kind, staff, now, text=transfer.question)
    pause(session, transfer.ticket, reason="department", actor=staff.login, now=now)
    return transfer


def answer_back(
    session: Session, staff: Staff, transfer_id: int, answer: str, now: datetime | None = None
) -> Transfer:
    """Answer the department's question: the clock runs again, and the department gets the time
    back for which it waited."""
    now = now or utc_now()
    transfer = begin(session, staff, transfer_id, Step.ANSWER)
    text = required_text(answer)
    asked = asked_at(session, transfer)
    if asked:
        transfer.required_by = moved_by_waiting(transfer.required_by, asked, now)
    transfer.question = None
    go_on(transfer, Step.ANSWER)
    data = {"required_by": transfer.required_by.isoformat()}
    kind = EntryKind.TRANSFER_ANSWERED
    enter(session, transfer, kind, staff, now, text=text, data=data)
    resume_unless_asked(session, transfer.ticket, staff, now)
    return transfer


def report_progress(
    session: Session, staff: Staff, transfer_id: int, text: str, now: datetime | None = None
) -> Transfer:
    """Say how far the department is."""
    transfer = begin(session, staff, transfer_id, Step.PROGRESS)
    text = required_text(text)
    kind = EntryKind.TRANSFER_PROGRESS
    enter(session, transfer, kind, staff, now or utc_now(), text=text)
    return transfer


def propose(
    session: Session, staff: Staff, transfer_id: int, result: str, now: datetime | None = None
) -> Transfer:
    """Put a result before the desk."""
    now = now or utc_now()
    transfer = begin(session, staff, transfer_id, Step.PROPOSE)
    transfer.result, transfer.proposed_at = required_text(result), now
    go_on(transfer, Step.PROPOSE)
    kind = EntryKind.TRANSFER_PROPOSED
    enter(session, transfer, kind, staff, now, text=transfer.result)
    return transfer


def approve(
    session: Session,
    staff: Staff,
    transfer_id: int,
    text: str | None = None,
    now: datetime | None = None,
) -> Transfer:
    """Accept the department's result: its part is done."""
    now = now or utc_now()
    transfer = begin(session, staff, transfer_id, Step.APPROVE)
    transfer.done_at = now
    go_on(transfer, Step.APPROVE)
    kind, note = EntryKind.TRANSFER_DONE, optional_text(text)
    enter(session, transfer, kind, staff, now, text=note)
    return transfer


def return_to(
    session: Session, staff: Staff, transfer_id: int, reason: str, now: datetime | None = None
) -> Transfer:
    """Send a result back to the department, and say what is missing."""
    transfer = begin(session, staff, transfer_id, Step.RETURN)
    text = required_text(reason)
    transfer.proposed_at = None
    go_on(transfer, Step.RETURN)
    kind = EntryKind.TRANSFER_RETURNED
    enter(session, transfer, kind, staff, now or utc_now(), text=text)
    return transfer


def cancel(
    session: Session, staff: Staff, transfer_id: int, reason: str, now: datetime | None = None
) -> Transfer:
    """Take a transfer back; the department no longer sees the ticket unless it is its own.

    With the last one the longer deadline of transferred matters is gone too, unless another
    deadline was agreed on.
    """
    now = now or utc_now()
    transfer = begin(session, staff, transfer_id, Step.CANCEL)
    text = required_text(reason)
    was_asked = transfer.state == TransferState.ASKED_BACK
    go_on(transfer, Step.CANCEL)
    kind = EntryKind.TRANSFER_CANCELLED
    enter(session, transfer, kind, staff, now, text=text)
    if was_asked:
        resume_unless_asked(session, transfer.ticket, staff, now)
    renew_deadline(session, transfer.ticket, actor=staff.login, now=now)
    return transfer


def press(
    session: Session,
    staff: Staff,
    transfer_id: int,
    text: str | None = None,
    now: datetime | None = None,
) -> Transfer:
    """Press a slow department (督办); counted on the transfer and on the ticket."""
    transfer = begin(session, staff, transfer_id, Step.PRESS)
    transfer.pressed += 1
    data = {"count": transfer.ticket.pressed + 1, "department_count": transfer.pressed}
    kind, note = EntryKind.PRESSED, optional_text(text)
    enter(session, transfer, kind, staff, now or utc_now(), text=note, data=data)
    return transfer


def _responsible(session: Session, person: Staff | int) -> Staff:
    found = session.get(Staff, person if isinstance(person, int) else person.id)
    if found is None or not found.is_active or found.role not in RESPONSIBLE_ROLES:
        raise InvalidInput("errors.responsible_unfit", field="first_responsible")
    return found
