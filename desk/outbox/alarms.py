"""Tells staff of a message that did not go out, or may not have."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.clock import to_local
from desk.outbox.audience import responsible, supervisors
from desk.outbox.models import OutboxMessage
from desk.outbox.queueing import notify
from desk.tickets.models import Ticket


def tell_staff(session: Session, message: OutboxMessage, now: datetime) -> None:
    """Put a notice before whoever answers for the message: for the ticket, or the supervisors.

    Not urgent: an e-mail about an e-mail that failed would fail too. Of a webhook once a day.
    """
    ticket = session.get(Ticket, message.ticket_id) if message.ticket_id else None
    if message.webhook_id:
        ticket = None
    people = responsible(session, ticket) if ticket else supervisors(session)
    key = f"outbox.notice_{message.state}" + ("" if ticket else "_plain")
    about = f"{message.id}:{message.attempts}"
    if message.webhook_id:
        about = f"hook:{message.webhook_id}:{to_local(now):%y%m%d}"
    for staff in people:
        notify(
            session,
            staff.id,
            key=key,
            dedupe_key=f"outbox:{about}:{staff.id}",
            ticket_id=message.ticket_id,
            values={"number": ticket.number} if ticket else {},
            now=now,
        )
