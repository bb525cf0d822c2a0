"""Opens tickets. Callers own the transaction."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import to_local, utc_now
from desk.deadlines.service import deadline_for
from desk.encryption import personal_data
from desk.errors import InvalidInput
from desk.privacy.consent import give_consent
from desk.tickets.chat_photos import attach_waiting_photos
from desk.tickets.domain import DEPARTMENT_OF_KIND, NewTicket
from desk.tickets.intake import checked
from desk.tickets.models import Ticket, TicketCounter, TicketKind
from desk.tickets.numbers import make_number
from desk.tickets.risk import risk_words
from desk.tickets.search import index_ticket
from desk.tickets.timeline import EntryKind, Standing, append

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
    "spot",
    "order_no",
    "occurred",
    "description",
    "wish",
    "recipient_id",
)


def triage_of(new: NewTicket) -> "Triage | None":
    """Return what triage says of a matter; None: only complaints are triaged.

    The model takes 1 ms, sometimes 50, at the first call a second: call it before the transaction,
    which on SQLite keeps all other writers waiting, and hand the result to `open_ticket`.
    """
    if new.kind != TicketKind.COMPLAINT:
        return None
    from scripts_library.triage.classifier import classify

    return classify(_said(new))


def open_ticket(
    session: Session,
    new: NewTicket,
    *,
    actor: str = "bot",
    triage: "Triage | None" = None,
    now: datetime | None = None,
) -> Ticket:
    """Store a new ticket with number, category, department, severity and deadline.

    Complaints without fixed values are classified from their description and wish, here and now
    unless the caller did so before (`triage_of`). A second call with the same conversation and
    `source_key` returns the ticket of the first.

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
    triage = triage or triage_of(new)
    reasons = _severity_reasons(triage, new)
    severity = new.severity or _severity(triage, reasons)
    received_at = (new.received_at or now).astimezone(UTC)
    deadline = deadline_for(new.kind, severity, received_at, channel=new.channel)
    department = new.department or (triage.department if triage else DEPARTMENT_OF_KIND[new.kind])
    ticket = Ticket(
        number=_next_number(session, now),
        **Standing()._asdict(),
        category=new.category or (triage.category if triage else None),
        department=department,
        severity=severity,
        severity_reasons=reasons,
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
    attach_waiting_photos(session, ticket, now=now)
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


def _earlier(session: Session, new: NewTicket) -> Ticket | None:
    if not (new.conversation_id and new.source_key):
        return None
    return session.scalar(
        select(Ticket).where(
            Ticket.conversation_id == new.conversation_id, Ticket.source_key == new.source_key
        )
    )


def _severity_reasons(triage: "Triage | None", new: NewTicket) -> list[str]:
    """Return the words that make a ticket major: triage's, or a repair's risk words (R-G7)."""
    if triage is None:
        return sorted(risk_words(_said(new)))
    return sorted({reason.surface for reason in triage.reasons if reason.points_to == "major"})


def _severity(triage: "Triage | None", reasons: list[str]) -> str:
    if triage is not None:
        return triage.severity
    return "major" if reasons else "general"


def _said(new: NewTicket) -> str:
    return "。".join(part for part in (new.description, new.wish) if part)


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
