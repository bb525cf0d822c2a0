"""What follows from taking a consent back (PIPL art. 15, 47).

Contact details of settled matters are deleted at once. Those of an open one stay until it is
settled, since the customer asked for its answer; meanwhile nothing is sent to them, the answer is
given in the chat. The retention job deletes them then (`clear_overdue`).
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from desk.privacy.consent import withdraw
from desk.privacy.erasure import clear_contact
from desk.privacy.subject import Subject
from desk.sealing.service import destroy
from desk.tickets.models import Ticket, TicketState


@dataclass
class Withdrawn:
    """What came of it: consents that ended, matters whose contact details are gone, and the
    numbers of open ones that keep them until they are settled."""

    consents: int = 0
    cleared: int = 0
    kept: list[str] = field(default_factory=list)


def take_back(session: Session, subject: Subject, *, now: datetime) -> Withdrawn:
    """Note the withdrawal of all consents of one person, and delete what may go by now."""
    done = Withdrawn()
    done.consents = withdraw(
        session,
        conversation_ids=subject.conversation_ids,
        ticket_ids=subject.ticket_ids,
        phone_index=subject.phone_index,
        now=now,
    )
    for ticket in subject.tickets:
        has_contact = _has_contact(ticket)
        ticket.has_consent = False
        if ticket.state == TicketState.CLOSED:
            done.cleared += has_contact
            _clear(session, ticket)
        elif has_contact:
            done.kept.append(ticket.number)
    session.flush()
    return done


def clear_overdue(session: Session, *, limit: int) -> int:
    """Delete the contact details of matters that were settled after their consent had been taken
    back; return of how many."""
    filled = or_(*(getattr(Ticket, name).is_not(None) for name in CONTACT_COLUMNS))
    settled = Ticket.state == TicketState.CLOSED
    query = select(Ticket).where(settled, Ticket.has_consent.is_(False), filled).limit(limit)
    tickets = session.scalars(query).all()
    for ticket in tickets:
        _clear(session, ticket)
    return len(tickets)


CONTACT_COLUMNS = ("customer_name", "phone", "phone_index", "room", "email")


def _has_contact(ticket: Ticket) -> bool:
    return any(getattr(ticket, name) is not None for name in CONTACT_COLUMNS)


def _clear(session: Session, ticket: Ticket) -> None:
    clear_contact(session, ticket)
    destroy(session, [ticket.number])
