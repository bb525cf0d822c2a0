"""The ticket's way through the departments: sending it, and every step of a transfer."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import to_local, utc_now
from desk.console.elements import box, words
from desk.console.ticket.dialogs import Field, moment_field, read_moment
from desk.console.ticket.parts import panel, small
from desk.console.ticket.transfer_card import show_transfer
from desk.locale import t
from desk.tickets.domain import DEPARTMENTS
from desk.tickets.models import Ticket, TicketState
from desk.tickets.view import department_name, due_text
from desk.transfers import service
from desk.transfers.domain import MATTER_LIMIT

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

DEFAULT_DAYS = 2
DAY_ENDS_AT = 18

Refresh = Callable[[], Awaitable[None]]


def show_transfers(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    is_open = view.ticket.state != TicketState.CLOSED and view.standing is None
    if not (view.transfers or (is_open and view.is_desk)):
        return
    count = len(view.transfers)
    with panel(t("transfer.title"), name="transfers", count=count) as buttons:
        if is_open and view.is_desk:
            with buttons:
                send = t("transfer.send")
                small(send, lambda: _send(page, view), look="unelevated color=primary")
        if not view.transfers:
            words(t("transfer.none_yet"), "k-card-why", tag="div")
        with box("k-transfers"):
            for transfer in reversed(view.transfers):
                show_transfer(page.visit, transfer, view.staff, on_done=page.refresh)


async def _send(page: "TicketPage", view: "TicketView") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: dict[str, str]) -> None:
        service.create(
            session,
            staff,
            ticket,
            department=given["department"],
            matter=given["matter"],
            required_by=read_moment(given["required_by"]),
            first_responsible=int(given["first_responsible"]),
        )

    ticket = view.ticket
    people = {str(key): name for key, name in view.responsible.items()}
    present = str(ticket.recipient_id or page.visit.staff.id)
    taken = {one.department for one in view.transfers if one.state not in ("done", "cancelled")}
    free = {name: department_name(name) for name in DEPARTMENTS if name not in taken}
    evening = to_local(utc_now() + timedelta(days=DEFAULT_DAYS)).replace(hour=DAY_ENDS_AT, minute=0)
    fields = [
        Field(
            "department",
            t("transfer.department"),
            "choice",
            ticket.department if ticket.department in free else "",
            free,
        ),
        moment_field("required_by", t("transfer.required_by"), evening),
        Field(
            "first_responsible",
            t("transfer.first_responsible"),
            "choice",
            present if present in people else "",
            people,
        ),
        Field("matter", t("transfer.matter"), value=ticket.description, limit=MATTER_LIMIT),
    ]
    hint = t("transfer.send_hint", due=due_text(ticket.due_at))
    await page.ask(t("transfer.send"), fields, work, done=t("transfer.sent"), hint=hint)
