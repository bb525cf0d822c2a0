"""One at a time at a ticket: what is counted or judged is read after the lock is held."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.tickets.models import Ticket


def lock_ticket(session: Session, ticket_id: int) -> Ticket:
    """Return a ticket as it stands now, locked until the end of the transaction.

    On SQLite the transaction itself is the lock.
    """
    query = select(Ticket).where(Ticket.id == ticket_id)
    locked = query.with_for_update(of=Ticket, key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).one()
