"""Linked, merged and split tickets, and undoing it."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.elements import box, words
from desk.console.merging import Brief, brief_of, confirm_merge
from desk.console.ticket.dialogs import Field, fill_in
from desk.console.ticket.parts import panel, small, ticket_link
from desk.locale import t
from desk.tickets.domain import NewTicket
from desk.tickets.links import link, unlink
from desk.tickets.merging import merge, split, undo_merge, undo_split
from desk.tickets.models import Ticket, TicketKind, TicketState
from desk.tickets.service import find_for_staff
from desk.tickets.view import kind_name, state_name

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

Given = dict[str, str]
SPLIT_OFF = "split"


def show_relations(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section."""
    related = len(view.links) + len(view.absorbed)
    if not (related or view.is_desk):
        return
    is_open = view.ticket.state != TicketState.CLOSED and view.standing is None
    with panel(t("ticket_page.relations"), name="relations", count=related):
        if not related:
            words(t("ticket_page.relations_none"), "k-card-why", tag="div")
        with box("k-rows", tag="ul"):
            for one in view.absorbed:
                _row(one, t("ticket_page.absorbed"))
            for linked in view.links:
                _row(linked.ticket, t(f"ticket_page.link_{linked.kind}"))
        if view.is_desk:
            with box("k-actions"):
                _buttons(page, view, is_open=is_open)


def _row(one: Ticket, how: str) -> None:
    with box("k-line-row", tag="li"):
        ticket_link(one.number)
        words(how, "k-cell-sub")
        words(state_name(one.state), "k-chip")


def _buttons(page: "TicketPage", view: "TicketView", *, is_open: bool) -> None:
    small(t("ticket_page.link"), lambda: _link(page))
    if any(one.kind != SPLIT_OFF for one in view.links):
        small(t("ticket_page.unlink"), lambda: _unlink(page, view))
    if is_open:
        small(t("ticket_page.merge"), lambda: _merge(page))
        small(t("ticket_page.split"), lambda: _split(page, view))
    if view.standing is not None:
        small(t("ticket_page.undo_merge"), lambda: _undo(page, is_merge=True))
    if any(one.kind == SPLIT_OFF and one.ticket.id < view.ticket.id for one in view.links):
        small(t("ticket_page.undo_split"), lambda: _undo(page, is_merge=False))


async def _link(page: "TicketPage") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        link(session, staff, ticket, find_for_staff(session, given["number"], staff))

    await page.ask(t("ticket_page.link"), [_number()], work, done=t("ticket_page.linked"))


async def _unlink(page: "TicketPage", view: "TicketView") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        unlink(session, staff, ticket, find_for_staff(session, given["number"], staff))

    numbers = {one.ticket.number: one.ticket.number for one in view.links if one.kind != SPLIT_OFF}
    field = Field("number", t("ticket_page.other_number"), "choice", next(iter(numbers)), numbers)
    await page.ask(t("ticket_page.unlink"), [field], work, done=t("ticket_page.unlinked"))


async def _merge(page: "TicketPage") -> None:
    """Ask for the other ticket, show both, and merge."""
    found: list[Brief] = []

    async def look(given: Given) -> None:
        def read(session: Session, staff: Staff) -> list[Brief]:
            numbers, now = (page.number, given["number"]), utc_now()
            return [brief_of(find_for_staff(session, one, staff), now) for one in numbers]

        found[:] = await page.visit.read(read)

    def work(session: Session, staff: Staff, ticket: Ticket, _given: Given) -> None:
        merge(session, staff, ticket, [find_for_staff(session, found[1].number, staff)])

    title, hint = t("ticket_page.merge"), t("ticket_page.merge_hint", number=page.number)
    is_found = await fill_in(
        page.visit,
        title=title,
        fields=[_number()],
        submit=t("ticket_page.go_on"),
        work=look,
        hint=hint,
    )
    if is_found and await confirm_merge(page.visit, *found):
        await page.act(work, done=t("ticket_page.merged_done"))


async def _split(page: "TicketPage", view: "TicketView") -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        split(session, staff, ticket, NewTicket(kind=given["kind"], description=given["text"]))

    kinds = {kind.value: kind_name(kind) for kind in TicketKind}
    fields = [
        Field("kind", t("ticket_page.kind"), "choice", view.ticket.kind, kinds),
        Field("text", t("ticket_page.split_text"), limit=4000),
    ]
    hint = t("ticket_page.split_hint")
    await page.ask(
        t("ticket_page.split"), fields, work, done=t("ticket_page.split_done"), hint=hint
    )


async def _undo(page: "TicketPage", *, is_merge: bool) -> None:
    undo = undo_merge if is_merge else undo_split

    def work(session: Session, staff: Staff, ticket: Ticket, _given: Given) -> None:
        undo(session, staff, ticket)

    await page.act(work, done=t("ticket_page.undone"))


def _number() -> Field:
    return Field("number", t("ticket_page.other_number"), "line", limit=32)
