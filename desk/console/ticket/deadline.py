"""When the answer is owed: in words, as working time left, and how it was worked out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from desk.clock import utc_now
from desk.console.elements import box, words
from desk.console.ticket.parts import panel
from desk.deadlines.current import current_profile
from desk.locale import t
from desk.tickets.models import SETTLED_STATES, Ticket
from desk.tickets.view import due_text

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

SOON = timedelta(hours=2)


def show_deadline(_page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    ticket, now = view.ticket, utc_now()
    with panel(t("ticket_page.deadline"), name="deadline"):
        words(due_text(ticket.due_at), "k-due-big", tag="div")
        text, look = state_of_deadline(ticket, now)
        words(text, f"k-due-left {look}", tag="div")
        if ticket.due_trace:
            with box(tag="details"):
                words(t("console.ticket_why"), tag="summary")
                with box("k-trace", tag="ol"):
                    for line in ticket.due_trace:
                        words(line, tag="li")


def state_of_deadline(ticket: Ticket, now: datetime) -> tuple[str, str]:
    """Return what there is to say about a deadline, and its look."""
    if ticket.state in SETTLED_STATES:
        settled = ticket.resolved_at or ticket.closed_at
        is_late = settled is not None and settled > ticket.due_at
        return t("ticket_page.settled_late" if is_late else "ticket_page.settled"), ""
    if ticket.paused_since is not None:
        return t("ticket_page.paused_since", since=due_text(ticket.paused_since)), "is-paused"
    if ticket.due_at <= now:
        late = working_time(ticket.due_at, now)
        return t("ticket_page.late", time=spell(late)), "is-late"
    left = working_time(now, ticket.due_at)
    return t("ticket_page.left", time=spell(left)), "is-soon" if left < SOON else ""


def working_time(start: datetime, end: datetime) -> timedelta:
    """Return the working time between two instants on the calendar of the service profile."""
    spans = current_profile().calendar.working_from(start)
    return within(takewhile(lambda span: span[0] < end, spans), end)


def within(spans: Iterable[tuple[datetime, datetime]], end: datetime) -> timedelta:
    """Add up the spans as far as they lie before `end`."""
    return sum((min(last, end) - first for first, last in spans), timedelta())


def spell(amount: timedelta) -> str:
    """Return an amount of time in words, to the minute."""
    hours, minutes = divmod(int(amount.total_seconds()) // 60, 60)
    if not hours:
        return t("ticket_page.minutes", minutes=minutes)
    return t("ticket_page.hours_minutes", hours=hours, minutes=minutes)
