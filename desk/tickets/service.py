"""Opens tickets, finds them and continues their timeline. Callers own the transaction."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, selectinload

from desk.accounts.models import Staff
from desk.clock import to_local, utc_now
from desk.deadlines.service import deadline_for
from desk.encryption import personal_data
from desk.errors import Conflict, InvalidInput, NotFound
from desk.privacy.consent import give_consent
from desk.tickets.domain import DEPARTMENT_OF_KIND, NewTicket, may_follow
from desk.tickets.intake import checked
from desk.tickets.models import (
    SETTLED_STATES,
    Ticket,
    TicketCounter,
    TicketEntry,
    TicketKind,
    TicketState,
)
from desk.tickets.numbers import make_number, parse_number
from desk.tickets.pausing import follow_state
from desk.tickets.risk import heed_risk
from desk.tickets.search import index_ticket
from desk.tickets.timeline import EntryKind, Standing, append
from desk.tickets.visibility import visible_to

if TYPE_CHECKING:
    from scripts_library.triage.classifier import Triage

PERSONAL_FIELDS = ("customer_name", "phone", "room", "email")
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
    "recipient_id",
)


def open_ticket(
    session: Session, new: NewTicket, *, actor: str = "bot", now: datetime | None = None
) -> Ticket:
    """Store a new ticket with number, category, department, severity and deadline.

    Complaints without fixed values are classified from their description and wish. A second call
    with the same conversation and `source_key` returns the ticket of the first.

    Raises:
        InvalidInput: as `desk.tickets.intake.checked` says, or the recipient is no active account;
            nothing is written.
    """
    now = now or utc_now()
    new = checked(new, now)
    earlier = _earlier(session, new)
    if earlier:
        return earlier
    if new.recipient_id is not None:
        find_recipient(session, new.recipient_id)
    triage = _triage(new)
    severity = new.severity or (triage.severity if triage else "general")
    received_at = (new.received_at or now).astimezone(UTC)
    deadline = deadline_for(new.kind, severity, received_at, channel=new.channel)
    department = new.department or (triage.department if triage else DEPARTMENT_OF_KIND[new.kind])
    ticket = Ticket(
        number=_next_number(session, now),
        **asdict(Standing()),
        category=new.category or (triage.category if triage else None),
        department=department,
        severity=severity,
        severity_reasons=_severity_reasons(triage),
        created_at=received_at,
        due_at=deadline.due_at,
        warn_at=deadline.warn_at,
        # Urgent matters go to whoever is on duty at once, others when the warning is due.
        next_check_at=now if severity == "major" else deadline.warn_at or deadline.due_at,
        due_trace=list(deadline.trace),
        due_steps=list(deadline.steps),
        **{name: getattr(new, name) for name in PLAIN_FIELDS},
        **_personal(new),
    )
    session.add(ticket)
    session.flush()
    if new.has_consent:
        give_consent(
            session,
            now=now,
            conversation_id=new.conversation_id,
            ticket_id=ticket.id,
            phone_index=ticket.phone_index,
        )
    data = {"severity": severity, "channel": new.channel}
    append(session, ticket, EntryKind.OPENED, actor=actor, at=now, data=data)
    index_ticket(session, ticket)
    return ticket


def find_recipient(session: Session, staff_id: int) -> Staff:
    """Return the active account that is to be responsible for a ticket.

    Raises:
        InvalidInput: there is none of this id.
    """
    staff = session.get(Staff, staff_id)
    if staff is None or not staff.is_active:
        raise InvalidInput("errors.recipient_unknown", field="recipient_id")
    return staff


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
    session: Session, ticket: Ticket, text: str, *, actor: str, now: datetime | None = None
) -> TicketEntry:
    """Add what somebody has to say to a ticket that exists (R-B7); risk words make it major.

    What belongs to a merged ticket goes to the one it went into; `data["from"]` has its number.

    Raises:
        InvalidInput: empty text.
        Conflict: the ticket is closed.
    """
    said = said_text(text)
    target = standing_for(session, ticket)
    if target.state == TicketState.CLOSED:
        raise Conflict("errors.ticket_closed", number=target.number)
    data, now = _origin(ticket, target), now or utc_now()
    entry = append(
        session, target, EntryKind.SUPPLEMENTED, actor=actor, at=now, text=said, data=data
    )
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
