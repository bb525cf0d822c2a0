"""Which tickets a staff member may see; every query for staff goes through here."""

from sqlalchemy import ColumnElement, Integer, String, column, exists, or_, select, table, true

from desk.accounts.models import Role, Staff
from desk.tickets.models import Ticket

# By name: transfers stand above tickets and are not imported here.
_transfer = table(
    "transfer", column("ticket_id", Integer), column("department", String), column("state", String)
)


def visible_to(staff: Staff) -> ColumnElement[bool]:
    """Return the condition under which a ticket exists for this person.

    A department handler sees the department's own tickets and those transferred to it, unless
    the transfer was cancelled; everybody else sees all.
    """
    if staff.role != Role.DEPARTMENT:
        return true()
    transferred = exists(
        select(_transfer.c.ticket_id).where(
            _transfer.c.ticket_id == Ticket.id,
            _transfer.c.department == staff.department,
            _transfer.c.state != "cancelled",
        )
    )
    return or_(Ticket.department == staff.department, transferred)
