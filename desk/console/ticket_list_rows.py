"""What a line of the ticket list says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.elements import moment
from desk.locale import t
from desk.tickets.models import SETTLED_STATES, Ticket
from desk.tickets.places import place_of
from desk.tickets.view import (
    category_name,
    channel_name,
    department_name,
    due_text,
    kind_name,
    level_name,
    severity_name,
    state_name,
)

SOON = timedelta(hours=2)
LOOK_OF_STATE = {
    "open": "is-queued",
    "in_progress": "is-bot",
    "waiting_customer": "is-hint",
    "resolved": "is-good",
}


@dataclass(frozen=True, slots=True)
class Row:
    """All that a line shows; `due_look` is `is-late`, `is-soon` or empty."""

    number: str
    kind: str
    severity: str
    is_major: bool
    matter: str
    place: str
    marks: tuple[str, ...]
    state: str
    state_look: str
    department: str
    recipient: str
    due: str
    due_note: str
    due_look: str
    channel: str
    received: str


def rows_of(session: Session, tickets: Sequence[Ticket], now: datetime) -> list[Row]:
    """Return the lines of some tickets; holds no personal data."""
    names = _names(session, {one.recipient_id for one in tickets if one.recipient_id})
    return [_row(ticket, names, now) for ticket in tickets]


def span_text(span: timedelta) -> str:
    """Return a length of time as one says it: minutes, hours from one, days from two."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return t("tickets_page.minutes", minutes=minutes)
    if minutes < 48 * 60:
        return t("tickets_page.hours", hours=minutes // 60)
    return t("tickets_page.days", days=minutes // (24 * 60))


def _row(ticket: Ticket, names: dict[int, str], now: datetime) -> Row:
    due_note, due_look = _due(ticket, now)
    kind = kind_name(ticket.kind)
    if ticket.category:
        kind = f"{kind} · {category_name(ticket.category)}"
    return Row(
        number=ticket.number,
        kind=kind,
        severity=severity_name(ticket.severity),
        is_major=ticket.severity == "major",
        matter=ticket.description,
        place=place_of(ticket),
        marks=_marks(ticket),
        state=state_name(ticket.state),
        state_look=LOOK_OF_STATE.get(ticket.state, ""),
        department=department_name(ticket.department),
        recipient=names.get(ticket.recipient_id or 0, t("tickets_page.no_recipient")),
        due=due_text(ticket.due_at),
        due_note=due_note,
        due_look=due_look,
        channel=channel_name(ticket.channel),
        received=moment(ticket.created_at, now),
    )


def _due(ticket: Ticket, now: datetime) -> tuple[str, str]:
    """Return what there is to say about the deadline, and how it looks."""
    if ticket.merged_into_id is not None:
        return t("tickets_page.merged"), ""
    if ticket.state in SETTLED_STATES:
        is_late = ticket.resolved_at is not None and ticket.resolved_at > ticket.due_at
        return t("tickets_page.due_settled_late" if is_late else "tickets_page.due_settled"), ""
    if ticket.paused_since is not None:
        return t("tickets_page.due_paused"), ""
    left = ticket.due_at - now
    if left < timedelta():
        return t("tickets_page.due_over", time=span_text(-left)), "is-late"
    look = "is-soon" if left < SOON or (ticket.warn_at and ticket.warn_at <= now) else ""
    return t("tickets_page.due_left", time=span_text(left)), look


def _marks(ticket: Ticket) -> tuple[str, ...]:
    marks = []
    if ticket.level:
        marks.append(t("tickets_page.level", name=level_name(ticket.level)))
    if ticket.reopened:
        marks.append(t("tickets_page.reopened", count=ticket.reopened))
    if ticket.urged:
        marks.append(t("tickets_page.urged", count=ticket.urged))
    return tuple(marks)


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(Staff.id, Staff.display_name).where(Staff.id.in_(ids))
    return {row.id: row.display_name for row in session.execute(query)} if ids else {}
