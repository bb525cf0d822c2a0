"""All that happened, the newest first."""

from typing import TYPE_CHECKING

from desk.clock import utc_now
from desk.console.elements import box, moment, words
from desk.console.ticket.parts import panel
from desk.locale import t
from desk.tickets.models import TicketEntry
from desk.tickets.view import actor_name, entry_text

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

LOOKS = {
    "opened": "is-state",
    "state_changed": "is-state",
    "feedback_given": "is-good",
    "survey_answered": "is-good",
    "transfer_done": "is-good",
    "urged": "is-warn",
    "pressed": "is-warn",
    "paused": "is-paused",
    "resumed": "is-paused",
    "escalated": "is-alarm",
    "reopened": "is-alarm",
    "promise_broken": "is-alarm",
    "noted": "is-note",
    "revealed": "is-quiet",
}


def show_timeline(_page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    entries = view.ticket.entries
    count = len(entries)
    with (
        panel(t("ticket_page.timeline"), name="timeline", count=count),
        box("k-timeline", tag="ol"),
    ):
        for entry in reversed(entries):
            _line(entry, view)


def _line(entry: TicketEntry, view: "TicketView") -> None:
    with box(f"k-line {LOOKS.get(entry.kind, '')}", tag="li").props(f"data-entry={entry.kind}"):
        with box("k-line-top"):
            words(entry_text(entry, view.names), "k-line-title")
            words(actor_name(entry.actor, view.names), "k-line-who")
            words(moment(entry.at, utc_now()), "k-line-at")
        if entry.text:
            words(entry.text, "k-line-text", tag="div")
