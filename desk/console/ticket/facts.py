"""What was taken down; the customer's data stays masked until somebody says why it is needed."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.elements import words
from desk.console.ticket.dialogs import Field
from desk.console.ticket.parts import facts, panel, small
from desk.locale import t
from desk.tickets.domain import mask_email, mask_name, mask_phone
from desk.tickets.models import Ticket
from desk.tickets.places import ROOM_HIDDEN, place_of
from desk.tickets.revealing import REASON_LIMIT, may_reveal, reveal
from desk.tickets.view import reply_channel_name

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView


def show_facts(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    ticket, shown = view.ticket, page.revealed
    room = shown.room if shown else (ticket.room and ROOM_HIDDEN)
    with panel(t("ticket_page.facts"), name="facts") as buttons:
        facts(
            {
                t("ticket_page.name"): shown.name if shown else mask_name(ticket.customer_name),
                t("ticket_page.phone"): shown.phone if shown else mask_phone(ticket.phone),
                t("ticket_page.email"): shown.email if shown else mask_email(ticket.email),
                t("ticket_page.place"): place_of(ticket, room=room),
                t("ticket_page.reply_channel"): reply_channel_name(ticket.reply_channel),
                t("ticket_page.order"): ticket.order_no,
                t("ticket_page.occurred"): ticket.occurred,
                t("ticket_page.description"): ticket.description,
                t("ticket_page.wish"): ticket.wish,
                t("ticket_page.cause"): ticket.cause,
            }
        )
        if not ticket.has_consent:
            words(t("console.ticket_no_consent"), "k-card-why", tag="div")
        hidden = any((ticket.customer_name, ticket.phone, ticket.email, ticket.room))
        if hidden and shown is None and may_reveal(view.staff):
            with buttons:
                small(t("ticket_page.reveal"), lambda: _reveal(page))


async def _reveal(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: dict[str, str]) -> None:
        page.revealed = reveal(session, staff, ticket, given["reason"])

    reason = Field("reason", t("ticket_page.reveal_reason"), "line", limit=REASON_LIMIT)
    await page.ask(
        t("ticket_page.reveal"),
        [reason],
        work,
        done=t("ticket_page.revealed"),
        hint=t("ticket_page.reveal_hint"),
    )
