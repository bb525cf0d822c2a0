"""The top: number, what it is, how grave and why, who has it."""

from typing import TYPE_CHECKING

from desk.console.access import DESK_ROLES, may_open
from desk.console.elements import box, words
from desk.console.ticket.parts import ticket_link
from desk.locale import t
from desk.tickets.view import (
    category_name,
    channel_name,
    department_name,
    kind_name,
    level_name,
    severity_name,
    state_name,
    validity_name,
)

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

LOOK_OF_STATE = {
    "open": "is-queued",
    "in_progress": "is-bot",
    "waiting_customer": "is-hint",
    "resolved": "is-good",
}


def show_head(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    ticket = view.ticket
    with box("k-panel k-ticket-head", tag="section").props("data-section=head"):
        with box("k-ticket-top"):
            words(ticket.number, "k-ticket-number", tag="h1")
            words(kind_name(ticket.kind), "k-chip")
            words(state_name(ticket.state), f"k-chip {LOOK_OF_STATE.get(ticket.state, '')}")
            look = "is-urgent" if ticket.severity == "major" else ""
            words(severity_name(ticket.severity), f"k-chip {look}")
            _counters(view)
        names = [department_name(ticket.department), channel_name(ticket.channel)]
        if ticket.category:
            names.insert(0, category_name(ticket.category))
        words(" · ".join(names), "k-ticket-names", tag="div")
        if ticket.severity_reasons:
            with box("k-trigger"):
                words(t("ticket_page.triggers"))
                for word in ticket.severity_reasons:
                    words(word, "k-mark k-block")
        _elsewhere(page, view)


def _counters(view: "TicketView") -> None:
    ticket = view.ticket
    if ticket.validity:
        words(validity_name(ticket.validity), "k-chip is-hint")
    if ticket.level:
        words(t("ticket_page.level", level=level_name(ticket.level)), "k-chip is-urgent")
    for name in ("urged", "pressed", "reopened"):
        count = getattr(ticket, name)
        if count:
            words(t(f"ticket_page.{name}", n=count), "k-chip is-warn")
    if ticket.score:
        words(t("ticket_page.score", n=ticket.score), "k-chip")


def _elsewhere(page: "TicketPage", view: "TicketView") -> None:
    if view.standing:
        with box("k-notice"):
            words(t("ticket_page.merged_into"))
            ticket_link(view.standing.number)
    if view.ticket.conversation_id and may_open(page.visit.staff, DESK_ROLES):
        link = words(t("ticket_page.conversation"), "k-link", tag="a")
        link.props["href"] = f"/desk?conversation={view.ticket.conversation_id}"
