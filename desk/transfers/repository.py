"""Finding transfers, and locking them for a step."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session, contains_eager

from desk.accounts.models import Role, Staff
from desk.errors import NotFound
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketState
from desk.transfers.domain import OPEN_STATES, WORKING_STATES
from desk.transfers.models import Transfer, TransferState

LIST_LIMIT = 200
BOX_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "new": Transfer.state == TransferState.SENT,
    "accepted": Transfer.state == TransferState.ACCEPTED,
    "asked_back": Transfer.state == TransferState.ASKED_BACK,
    "proposed": Transfer.state == TransferState.PROPOSED,
    "done": Transfer.state.in_((TransferState.DONE, TransferState.CANCELLED)),
}
"""The boxes that a list of transfers is sorted into; `overdue` comes on top of these."""
BOXES = (*BOX_CONDITIONS, "overdue")


def find(session: Session, staff: Staff, transfer_id: int) -> Transfer:
    """Return a transfer with its ticket; one of another department does not exist.

    Raises:
        NotFound: no such transfer for this person.
    """
    query = _with_ticket().where(Transfer.id == transfer_id, _own(staff))
    found = session.scalar(query) if 0 < transfer_id < 2**31 else None
    if found is None:
        raise NotFound("errors.transfer_not_found")
    return found


def lock(session: Session, staff: Staff, transfer_id: int) -> Transfer:
    """Return a transfer whose ticket nobody else can change until the end of the transaction.

    The ticket's row is the lock: two people who accept at once come one after the other, and the
    second one reads what the first one did.

    Raises:
        NotFound: no such transfer for this person.
    """
    ticket_id = find(session, staff, transfer_id).ticket_id
    lock_ticket(session, ticket_id)
    again = _with_ticket().where(Transfer.id == transfer_id)
    return session.scalars(again.execution_options(populate_existing=True)).one()


def of_ticket(session: Session, staff: Staff, ticket: Ticket) -> list[Transfer]:
    """Return a ticket's transfers that this person may see, in the order they were sent."""
    query = _with_ticket().where(Transfer.ticket_id == ticket.id, _own(staff))
    return list(session.scalars(query.order_by(Transfer.id).limit(LIST_LIMIT)))


def under_way(session: Session, ticket_id: int) -> list[Transfer]:
    """Return a ticket's transfers that are neither done nor cancelled."""
    query = _with_ticket().where(Transfer.ticket_id == ticket_id, Transfer.state.in_(OPEN_STATES))
    return list(session.scalars(query.order_by(Transfer.id)))


def in_box(
    session: Session, staff: Staff, box: str | None, *, now: datetime, limit: int, offset: int = 0
) -> list[Transfer]:
    """Return the transfers of a box, or all that are under way; the most pressing first."""
    condition = _box(box, now) if box else Transfer.state.in_(OPEN_STATES)
    query = _with_ticket().where(_own(staff), condition)
    if box == "done":
        query = query.order_by(Transfer.id.desc())
    else:
        query = query.where(Ticket.state != TicketState.CLOSED)
        query = query.order_by(Transfer.required_by, Transfer.id)
    return list(session.scalars(query.limit(min(limit, LIST_LIMIT)).offset(offset)))


def count_boxes(session: Session, staff: Staff, *, now: datetime) -> dict[str, int]:
    """Return how many transfers each box holds."""
    counts = {
        box: func.count().filter(
            _box(box, now), true() if box == "done" else Ticket.state != TicketState.CLOSED
        )
        for box in BOXES
    }
    query = select(*(count.label(box) for box, count in counts.items())).select_from(Transfer)
    row = session.execute(query.join(Ticket, Ticket.id == Transfer.ticket_id).where(_own(staff)))
    return dict(row.one()._mapping)


def ordinal(session: Session, transfer: Transfer) -> int:
    """Return the how-manieth transfer of its ticket this is, counting from 1."""
    query = select(func.count()).where(
        Transfer.ticket_id == transfer.ticket_id, Transfer.id <= transfer.id
    )
    return session.scalar(query) or 1


def _own(staff: Staff) -> ColumnElement[bool]:
    return Transfer.department == staff.department if staff.role == Role.DEPARTMENT else true()


def _box(box: str, now: datetime) -> ColumnElement[bool]:
    if box == "overdue":
        return and_(Transfer.state.in_(WORKING_STATES), Transfer.required_by < now)
    return BOX_CONDITIONS[box]


def _with_ticket() -> Select[Transfer]:
    joined = select(Transfer).join(Ticket, Ticket.id == Transfer.ticket_id)
    return joined.options(contains_eager(Transfer.ticket))
