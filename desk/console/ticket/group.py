"""Tickets of several customers with one cause: who is in the group, and one update for all."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.elements import box, words
from desk.console.ticket.dialogs import Field
from desk.console.ticket.parts import panel, small, ticket_link
from desk.locale import t
from desk.tickets.groups import TEXT_LIMIT, find_group, remove_from_group, tell_group
from desk.tickets.models import Ticket
from desk.tickets.places import place_text
from desk.tickets.service import find_for_staff
from desk.tickets.view import state_name

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView


def show_group(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section for a ticket that is in a group."""
    group = view.group
    if group is None:
        return
    count = len(view.group_tickets)
    with panel(t("ticket_page.group"), name="group", count=count) as buttons:
        if view.is_desk:
            with buttons:
                small(t("ticket_page.tell_all"), lambda: _tell(page, group.id, count))
        words(group.title, "k-line-title", tag="div")
        with box("k-rows", tag="ul"):
            for one in view.group_tickets:
                _row(page, view, group.id, one)


def _row(page: "TicketPage", view: "TicketView", group_id: int, one: Ticket) -> None:
    with box("k-line-row", tag="li"):
        ticket_link(one.number)
        words(place_text(one.estate, one.building), "k-cell-sub")
        words(state_name(one.state), "k-chip")
        if view.is_desk:
            leave = small(
                t("ticket_page.leave_group"),
                lambda: _remove(page, group_id, one.number),
                look="flat",
            )
            leave.props["aria-label"] = f"{t('ticket_page.leave_group')} {one.number}"


async def _tell(page: "TicketPage", group_id: int, count: int) -> None:
    checker = page.visit.desk.checker

    def work(session: Session, staff: Staff, _ticket: Ticket, given: dict[str, str]) -> None:
        tell_group(session, checker, staff, find_group(session, group_id), given["text"])

    field = Field("text", t("ticket_page.tell_text"), limit=TEXT_LIMIT)
    hint = t("ticket_page.tell_hint", n=count)
    await page.ask(t("ticket_page.tell_all"), [field], work, done=t("ticket_page.told"), hint=hint)


async def _remove(page: "TicketPage", group_id: int, number: str) -> None:
    def work(session: Session, staff: Staff, _ticket: Ticket, _given: dict[str, str]) -> None:
        other = find_for_staff(session, number, staff)
        remove_from_group(session, staff, find_group(session, group_id), other)

    await page.act(work, done=t("ticket_page.left_group"))
