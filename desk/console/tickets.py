"""The conversation's tickets in the right column; names and numbers stay masked."""

from collections.abc import Sequence
from datetime import datetime

from desk.clock import utc_now
from desk.console.elements import box, words
from desk.console.ticket.deadline import state_of_deadline
from desk.locale import t
from desk.tickets.domain import mask_name, mask_phone
from desk.tickets.models import Ticket, TicketState
from desk.tickets.places import ROOM_HIDDEN, place_of
from desk.tickets.view import (
    category_name,
    department_name,
    due_text,
    kind_name,
    severity_name,
    state_name,
)

SETTLED = frozenset({TicketState.RESOLVED, TicketState.CLOSED})


def show_tickets(tickets: Sequence[Ticket]) -> "list[Countdown]":
    """Add a card for each ticket, or a line that there is none; return their countdowns."""
    words(t("console.tickets"), "k-title", tag="h2")
    if not tickets:
        words(t("console.tickets_none"), "k-card-why", tag="div")
    now = utc_now()
    countdowns = []
    for ticket in tickets:
        with box("k-card").props(f"data-ticket={ticket.number}"):
            _head(ticket)
            countdowns.append(_due(ticket, now))
            with box(tag="details"):
                words(t("console.ticket_details"), tag="summary")
                _facts(ticket)
    return countdowns


class Countdown:
    """A line that says how much working time is left, or since when there is none."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self._line = words("", "k-due-left", tag="div")
        self.update()

    def update(self) -> None:
        """Say it for this moment."""
        if not self._line.is_deleted:
            text, look = state_of_deadline(self._ticket, utc_now())
            self._line.set_text(text)
            self._line.classes(replace=f"k-due-left {look}")


def _head(ticket: Ticket) -> None:
    with box("k-ticket-top"):
        number = words(ticket.number, "k-number k-link", tag="a")
        number.props["href"] = f"/desk/tickets/{ticket.number}"
        number.props("target=_blank")
        words(kind_name(ticket.kind), "k-chip")
        words(state_name(ticket.state), "k-chip is-bot")
        look = "is-urgent" if ticket.severity == "major" else ""
        words(severity_name(ticket.severity), f"k-chip {look}")
    names = [department_name(ticket.department)]
    if ticket.category:
        names.insert(0, category_name(ticket.category))
    words(" · ".join(names), "k-ticket-names", tag="div")
    if ticket.severity_reasons:
        reasons = "、".join(ticket.severity_reasons)
        words(t("console.ticket_reasons", reasons=reasons), "k-card-why", tag="div")


def _due(ticket: Ticket, now: datetime) -> Countdown:
    is_late = ticket.due_at < now and ticket.state not in SETTLED
    key = "console.ticket_overdue" if is_late else "console.ticket_due"
    words(t(key, due=due_text(ticket.due_at)), f"k-due {'is-late' if is_late else ''}", tag="div")
    countdown = Countdown(ticket)
    if ticket.due_trace:
        with box(tag="details"):
            words(t("console.ticket_why"), tag="summary")
            with box("k-trace", tag="ol"):
                for line in ticket.due_trace:
                    words(line, tag="li")
    return countdown


def _facts(ticket: Ticket) -> None:
    facts = {
        "name": mask_name(ticket.customer_name),
        "phone": mask_phone(ticket.phone),
        "place": place_of(ticket, room=ticket.room and ROOM_HIDDEN),
        "order": ticket.order_no,
        "occurred": ticket.occurred,
        "description": ticket.description,
        "wish": ticket.wish,
    }
    with box("k-facts", tag="dl"):
        for name, value in facts.items():
            if value:
                words(t(f"console.ticket_{name}"), tag="dt")
                words(value, tag="dd")
    if not ticket.has_consent:
        words(t("console.ticket_no_consent"), "k-card-why", tag="div")
