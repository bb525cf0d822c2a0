"""Before tickets become one: who, what and when of each, so that nobody merges by number alone."""

from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from desk.console.access import Visit
from desk.console.elements import action, box, moment, words
from desk.locale import t
from desk.tickets.domain import mask_name, mask_phone
from desk.tickets.models import Ticket
from desk.tickets.places import place_of
from desk.tickets.view import kind_name, state_name

MATTER_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Brief:
    """A ticket in a few words; the customer's name and phone are masked."""

    number: str
    customer: str
    matter: str
    about: str

    @property
    def line(self) -> str:
        """All of it in one line."""
        return " · ".join((self.number, self.customer, self.matter, self.about))


def brief_of(ticket: Ticket, now: datetime) -> Brief:
    """Return what tells a ticket from others."""
    who = (mask_name(ticket.customer_name), mask_phone(ticket.phone))
    matter = " ".join(ticket.description.split())
    shown = f"{matter[:MATTER_SHOWN]}…" if len(matter) > MATTER_SHOWN else matter
    received = t("tickets_page.received_at", at=moment(ticket.created_at, now))
    about = (kind_name(ticket.kind), place_of(ticket), received, state_name(ticket.state))
    return Brief(
        number=ticket.number,
        customer=" ".join(part for part in who if part) or t("tickets_page.no_customer"),
        matter=shown,
        about=" · ".join(part for part in about if part),
    )


async def confirm_merge(visit: Visit, stays: Brief, goes: Brief) -> bool:
    """Show both tickets and ask whether the second goes into the first."""
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
        words(t("tickets_page.merge_sure"), "k-dialog-title", tag="h2")
        for name, brief in (("merge_stays", stays), ("merge_goes", goes)):
            words(t(f"tickets_page.{name}"), "k-card-why", tag="div")
            with box("k-card"):
                words(f"{brief.number} · {brief.customer}", "k-ticket-names", tag="div")
                words(brief.matter, "k-card-text", tag="div")
                words(brief.about, "k-card-why", tag="div")
        with box("k-dialog-foot"):
            action(t("console.cancel"), lambda: dialog.submit(None))
            merge = t("ticket_page.merge")
            action(merge, lambda: dialog.submit(True), look="unelevated color=primary")
    answer = await dialog
    dialog.delete()
    return bool(answer)
