"""Which colleagues something concerns."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.tickets.models import Ticket
from desk.transfers.models import Transfer, TransferState

AUDIENCE_LIMIT = 50
"""More people are not told of one thing."""
UNDER_WAY = (
    TransferState.SENT,
    TransferState.ACCEPTED,
    TransferState.ASKED_BACK,
    TransferState.PROPOSED,
)


def responsible(session: Session, ticket: Ticket) -> Sequence[Staff]:
    """Return who answers to the customer: the recipient, else whom a transfer names, else the
    supervisors."""
    if (recipient := active(session, ticket.recipient_id)) is not None:
        return (recipient,)
    query = (
        select(Transfer.first_responsible_id)
        .where(Transfer.ticket_id == ticket.id, Transfer.state.in_(UNDER_WAY))
        .order_by(Transfer.id.desc())
        .limit(1)
    )
    if (named := active(session, session.scalar(query))) is not None:
        return (named,)
    return supervisors(session)


def supervisors(session: Session) -> Sequence[Staff]:
    """Return the supervisors."""
    return _some(session, Staff.role == Role.SUPERVISOR)


def department_side(session: Session, transfer: Transfer) -> Sequence[Staff]:
    """Return who works on a transfer: its handler, before that the whole department."""
    if (handler := active(session, transfer.handler_id)) is not None:
        return (handler,)
    return _some(session, Staff.department == transfer.department)


def desk_side(session: Session, transfer: Transfer, ticket: Ticket) -> Sequence[Staff]:
    """Return who waits for a transfer's result."""
    found = [active(session, transfer.first_responsible_id), active(session, ticket.recipient_id)]
    people = {staff.id: staff for staff in found if staff is not None}
    return tuple(people.values()) or supervisors(session)


def active(session: Session, staff_id: int | None) -> Staff | None:
    """Return the staff member if the account is in use."""
    staff = session.get(Staff, staff_id) if staff_id else None
    return staff if staff is not None and staff.is_active else None


def _some(session: Session, condition: ColumnElement[bool]) -> Sequence[Staff]:
    query = select(Staff).where(Staff.is_active, condition)
    return session.scalars(query.order_by(Staff.id).limit(AUDIENCE_LIMIT)).all()
