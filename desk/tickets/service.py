"""Opens tickets, finds them and continues their timeline. Callers own the transaction."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from desk.accounts.models import Role, Staff
from desk.clock import to_local, utc_now
from desk.deadlines.service import deadline_for
from desk.encryption import personal_data
from desk.errors import Conflict, InvalidInput, NotFound
from desk.tickets.domain import DEPARTMENT_OF_KIND, NewTicket, may_follow
from desk.tickets.models import Ticket, TicketCounter, TicketEntry, TicketKind, TicketState
from desk.tickets.numbers import make_number, parse_number
from desk.tickets.timeline import EntryKind, Standing, append

if TYPE_CHECKING:
    from scripts_library.triage.classifier import Triage

PERSONAL_FIELDS = ("customer_name", "phone", "room")
PLAIN_FIELDS = (
    "kind",
    "channel",
    "intent",
    "conversation_id",
    "source_key",
    "has_consent",
    "reply_channel",
    "estate",
    "building",
    "unit",
    "order_no",
    "occurred",
    "description",
    "wish",
)


def open_ticket(
    session: Session, new: NewTicket, *, actor: str = "bot", now: datetime | None = None
) -> Ticket:
    """Store a new ticket with number, category, department, severity and deadline.

    Complaints without fixed values are classified from their description and wish. A second call
    with the same conversation and `source_key` returns the ticket of the first.

    Raises:
        InvalidInput: unknown kind or empty description.
    """
    if new.kind not in set(TicketKind):
        raise InvalidInput("errors.unknown_ticket_kind", field="kind")
    if not new.description.strip():
        raise InvalidInput("errors.empty_description", field="description")
    earlier = _earlier(session, new)
    if earlier:
        return earlier
    now = now or utc_now()
    triage = _triage(new)
    severity = new.severity or (triage.severity if triage else "general")
    deadline = deadline_for(new.kind, severity, now)
    department = new.department or (triage.department if triage else DEPARTMENT_OF_KIND[new.kind])
    ticket = Ticket(
        number=_next_number(session, now),
        **asdict(Standing()),
        category=new.category or (triage.category if triage else None),
        department=department,
        severity=severity,
        severity_reasons=_severity_reasons(triage),
        created_at=now,
        due_at=deadline.due_at,
        due_trace=list(deadline.trace),
        **{name: getattr(new, name) for name in PLAIN_FIELDS},
        **_personal(new),
    )
    session.add(ticket)
    session.flush()
    data = {"severity": severity, "channel": new.channel}
    append(session, ticket, EntryKind.OPENED, actor=actor, at=now, data=data)
    return ticket


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
        NotFound: no such ticket, or it belongs to another department.
    """
    ticket = find_ticket(session, number)
    if staff.role == Role.DEPARTMENT and ticket.department != staff.department:
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


def list_tickets(
    session: Session,
    staff: Staff,
    *,
    state: str | None = None,
    kind: str | None = None,
    severity: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Ticket]:
    """Return the tickets this staff member may see, the most pressing deadline first."""
    query = select(Ticket).order_by(Ticket.due_at, Ticket.id).limit(limit).offset(offset)
    if staff.role == Role.DEPARTMENT:
        query = query.where(Ticket.department == staff.department)
    for column, value in ((Ticket.state, state), (Ticket.kind, kind), (Ticket.severity, severity)):
        if value:
            query = query.where(column == value)
    return list(session.scalars(query))


def supplement(
    session: Session, ticket: Ticket, text: str, *, actor: str, now: datetime | None = None
) -> TicketEntry:
    """Add what somebody has to say to a ticket that exists (R-B7).

    Raises:
        InvalidInput: empty text.
        Conflict: the ticket is closed.
    """
    if not text.strip():
        raise InvalidInput("errors.empty_description", field="text")
    if ticket.state == TicketState.CLOSED:
        raise Conflict("errors.ticket_closed", number=ticket.number)
    return append(
        session, ticket, EntryKind.SUPPLEMENTED, actor=actor, at=now or utc_now(), text=text
    )


def urge(session: Session, ticket: Ticket, *, actor: str, now: datetime | None = None) -> int:
    """Record that the customer or a supervisor presses for an answer; return how often so far."""
    data = {"count": ticket.urged + 1}
    append(session, ticket, EntryKind.URGED, actor=actor, at=now or utc_now(), data=data)
    return ticket.urged


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
        Conflict: that state may not follow the present one.
    """
    if not may_follow(ticket.state, state):
        raise Conflict("errors.ticket_state", before=ticket.state, after=state)
    data = {"before": ticket.state, "after": state}
    append(
        session,
        ticket,
        EntryKind.STATE_CHANGED,
        actor=actor,
        at=now or utc_now(),
        text=text,
        data=data,
    )


def _earlier(session: Session, new: NewTicket) -> Ticket | None:
    if not (new.conversation_id and new.source_key):
        return None
    return session.scalar(
        select(Ticket).where(
            Ticket.conversation_id == new.conversation_id, Ticket.source_key == new.source_key
        )
    )


def _triage(new: NewTicket) -> "Triage | None":
    if new.kind != TicketKind.COMPLAINT:
        return None
    from scripts_library.triage.classifier import classify

    return classify("。".join(part for part in (new.description, new.wish) if part))


def _severity_reasons(triage: "Triage | None") -> list[str]:
    if triage is None:
        return []
    return sorted({reason.surface for reason in triage.reasons if reason.points_to == "major"})


def _personal(new: NewTicket) -> dict[str, str | None]:
    if not new.has_consent:
        return dict.fromkeys(PERSONAL_FIELDS)
    values: dict[str, str | None] = {name: getattr(new, name) for name in PERSONAL_FIELDS}
    values["phone_index"] = personal_data().index(new.phone) if new.phone else None
    return values


def _next_number(session: Session, now: datetime) -> str:
    day = to_local(now).date()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # One statement: two processes opening the day's first ticket must not both count to one.
    statement = insert(TicketCounter).values(day=f"{day:%y%m%d}", last=1)
    counted = statement.on_conflict_do_update(
        index_elements=[TicketCounter.day], set_={"last": TicketCounter.last + 1}
    ).returning(TicketCounter.last)
    return make_number(day, session.scalars(counted).one())
