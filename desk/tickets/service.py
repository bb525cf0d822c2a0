"""Finds tickets and continues their timeline; opening is here too, for callers. Callers own the
transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.encryption import personal_data
from desk.errors import Conflict, InvalidInput, NotFound
from desk.tickets.domain import may_follow
from desk.tickets.models import SETTLED_STATES, Ticket, TicketEntry, TicketState
from desk.tickets.numbers import parse_number
from desk.tickets.opening import find_recipient, open_ticket, triage_of
from desk.tickets.pausing import follow_state
from desk.tickets.risk import heed_risk
from desk.tickets.timeline import EntryKind, append
from desk.tickets.visibility import visible_to

__all__ = [
    "change_state",
    "find_for_staff",
    "find_recipient",
    "find_ticket",
    "note",
    "open_ticket",
    "said_text",
    "standing_for",
    "supplement",
    "tickets_for_phone",
    "tickets_of_conversation",
    "triage_of",
    "urge",
]

CUSTOMERS = frozenset({"customer", "bot"})
"""Actors of entries that hold what the customer said."""


def find_ticket(session: Session, number: str) -> Ticket:
    """Return the ticket with this number (written any way), timeline loaded.

    Raises:
        NotFound: no such ticket, or the number's check digit is wrong.
    """
    parsed = parse_number(number)
    ticket = parsed and session.scalar(
        select(Ticket).where(Ticket.number == parsed).options(selectinload(Ticket.entries))
    )
    if not ticket:
        raise NotFound("errors.ticket_not_found")
    return ticket


def find_for_staff(session: Session, number: str, staff: Staff) -> Ticket:
    """Return a ticket that this staff member may see; others do not exist for them.

    Raises:
        NotFound: no such ticket, or it is another department's and was not transferred.
    """
    ticket = find_ticket(session, number)
    if session.scalar(select(Ticket.id).where(Ticket.id == ticket.id, visible_to(staff))) is None:
        raise NotFound("errors.ticket_not_found")
    return ticket


def tickets_of_conversation(session: Session, conversation_id: str) -> list[Ticket]:
    """Return a conversation's tickets, newest first."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id)
    return list(session.scalars(query.order_by(Ticket.id.desc())))


def tickets_for_phone(session: Session, phone: str, *, limit: int = 20) -> list[Ticket]:
    """Return the tickets opened under a phone number, newest first.

    The caller must have checked that the phone is the customer's own.
    """
    query = select(Ticket).where(Ticket.phone_index == personal_data().index(phone))
    return list(session.scalars(query.order_by(Ticket.id.desc()).limit(limit)))


def supplement(
    session: Session,
    ticket: Ticket,
    text: str,
    *,
    actor: str,
    source_key: str | None = None,
    now: datetime | None = None,
) -> TicketEntry:
    """Add what somebody has to say to a ticket that exists (R-B7); risk words make it major.

    If the ticket waited for the customer, who now says something, its time runs on.
    What belongs to a merged ticket goes to the one it went into; `data["from"]` has its number.
    A second call with the same `source_key` returns the first one's entry.

    Raises:
        InvalidInput: empty text.
        Conflict: the ticket is closed.
    """
    said = said_text(text)
    target = standing_for(session, ticket)
    if target.state == TicketState.CLOSED:
        raise Conflict("errors.ticket_closed", number=target.number)
    if source_key and (known := _supplemented(session, target, source_key)):
        return known
    data, now = {**_origin(ticket, target), **_source(source_key)}, now or utc_now()
    entry = append(
        session, target, EntryKind.SUPPLEMENTED, actor=actor, at=now, text=said, data=data
    )
    if actor in CUSTOMERS and target.state == TicketState.WAITING_CUSTOMER:
        change_state(session, target, TicketState.IN_PROGRESS, actor="system", now=now)
    heed_risk(session, target, said, now=now)
    return entry


def note(
    session: Session, ticket: Ticket, text: str, *, actor: str, now: datetime | None = None
) -> TicketEntry:
    """Add a remark for colleagues; the customer is not told.

    Raises:
        InvalidInput: empty text.
    """
    said = said_text(text)
    return append(session, ticket, EntryKind.NOTED, actor=actor, at=now or utc_now(), text=said)


def urge(
    session: Session,
    ticket: Ticket,
    *,
    actor: str,
    said: str = "",
    now: datetime | None = None,
) -> int:
    """Record that the customer or a supervisor presses for an answer; return how often so far.

    Pressing for a merged ticket counts for the one it went into. `said` is how the customer put
    it: it is not kept, but risk words in it make the ticket major.
    """
    target, now = standing_for(session, ticket), now or utc_now()
    data = {"count": target.urged + 1, **_origin(ticket, target)}
    append(session, target, EntryKind.URGED, actor=actor, at=now, data=data)
    if target.state not in SETTLED_STATES:
        heed_risk(session, target, said, now=now)
    return target.urged


def change_state(
    session: Session,
    ticket: Ticket,
    state: str,
    *,
    actor: str,
    text: str | None = None,
    now: datetime | None = None,
) -> None:
    """Move a ticket to another state and say so in its timeline.

    Raises:
        Conflict: that state may not follow the present one, or the ticket was merged.
    """
    if ticket.merged_into_id is not None:
        raise Conflict("errors.ticket_merged", number=ticket.number)
    if not may_follow(ticket.state, state):
        raise Conflict("errors.ticket_state", before=ticket.state, after=state)
    now, before = now or utc_now(), ticket.state
    data = {"before": before, "after": state}
    append(session, ticket, EntryKind.STATE_CHANGED, actor=actor, at=now, text=text, data=data)
    follow_state(session, ticket, before=before, actor=actor, now=now)


def standing_for(session: Session, ticket: Ticket) -> Ticket:
    """Return the ticket that stands for this one: itself, or the one it was merged into."""
    while ticket.merged_into_id is not None:
        ticket = session.get_one(Ticket, ticket.merged_into_id)
    return ticket


def said_text(text: str) -> str:
    """Return a text for the timeline.

    Raises:
        InvalidInput: it is empty.
    """
    said = text.replace("\x00", "").strip()
    if not said:
        raise InvalidInput("errors.empty_description", field="text")
    return said


def _origin(ticket: Ticket, target: Ticket) -> dict[str, str]:
    return {} if ticket is target else {"from": ticket.number}


def _source(source_key: str | None) -> dict[str, str]:
    return {"source": source_key} if source_key else {}


def _supplemented(session: Session, target: Ticket, source_key: str) -> TicketEntry | None:
    """Return what was added under a key before."""
    query = select(TicketEntry).where(
        TicketEntry.ticket_id == target.id, TicketEntry.kind == EntryKind.SUPPLEMENTED
    )
    found = (one for one in session.scalars(query) if one.data.get("source") == source_key)
    return next(found, None)
