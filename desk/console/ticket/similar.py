"""Tickets that may be about the same, with score and reasons; people decide what becomes of it."""

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.elements import box, words
from desk.console.ticket.dialogs import Field
from desk.console.ticket.parts import panel, small, ticket_link
from desk.locale import t
from desk.tickets.groups import TITLE_LIMIT, add_to_group, create_group, find_group
from desk.tickets.merging import merge
from desk.tickets.models import SETTLED_STATES, Ticket, TicketState
from desk.tickets.service import find_for_staff
from desk.tickets.similar import Similar, candidates, rank_similar
from desk.tickets.view import category_name, state_name
from scripts_library.text.embedding import get_embedder

if TYPE_CHECKING:
    from desk.console.ticket.page import TicketPage
    from desk.console.ticket.reading import TicketView

Given = dict[str, str]


def show_similar(page: "TicketPage", view: "TicketView") -> None:
    """Draw the section for the customer service."""
    if not view.is_desk or view.standing is not None:
        return
    found = page.similar
    with panel(t("ticket_page.similar"), name="similar", count=len(found or ())) as buttons:
        with buttons:
            small(t("ticket_page.find_similar"), lambda: _find(page, view))
        if found is None:
            words(t("ticket_page.similar_hint"), "k-card-why", tag="div")
        elif not found:
            words(t("ticket_page.similar_none"), "k-card-why", tag="div")
        for one in found or ():
            _card(page, view, one)


def _card(page: "TicketPage", view: "TicketView", one: Similar) -> None:
    other = one.ticket
    with box("k-card").props(f"data-similar={other.number}"):
        with box("k-ticket-top"):
            ticket_link(other.number)
            words(state_name(other.state), "k-chip")
            words(t("ticket_page.alike", percent=round(one.score * 100)), "k-chip is-bot")
        words(category_name(other.category), "k-ticket-names", tag="div")
        words(other.description, "k-card-text k-clamp", tag="div")
        reasons = "、".join(t(f"ticket_page.same_{name}") for name in one.reasons)
        words(t("ticket_page.because", reasons=reasons), "k-card-why", tag="div")
        if view.ticket.state == TicketState.CLOSED:
            return
        with box("k-card-foot"):
            if one.is_same_customer and other.state not in SETTLED_STATES:
                small(t("ticket_page.merge_here"), lambda: _merge(page, other.number))
            if view.ticket.group_id is None or other.group_id is None:
                small(t("ticket_page.group_up"), lambda: _group(page, other.number))


async def _find(page: "TicketPage", view: "TicketView") -> None:
    with page.visit.errors_shown():
        others = await page.visit.read(
            lambda session, staff: candidates(session, staff, view.ticket)
        )
        page.similar = await asyncio.to_thread(
            lambda: rank_similar(view.ticket, others, get_embedder())
        )
    page.draw()


async def _merge(page: "TicketPage", number: str) -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, _given: Given) -> None:
        merge(session, staff, ticket, [find_for_staff(session, number, staff)])

    page.similar = [one for one in page.similar or () if one.ticket.number != number]
    await page.act(work, done=t("ticket_page.merged", number=number))


async def _group(page: "TicketPage", number: str) -> None:
    def work(session: Session, staff: Staff, ticket: Ticket, given: Given) -> None:
        other = find_for_staff(session, number, staff)
        known = ticket.group_id or other.group_id
        if known is None:
            create_group(session, staff, given["title"], [ticket, other])
            return
        group = find_group(session, known)
        for one in (ticket, other):
            add_to_group(session, staff, group, one)

    one = next((one for one in page.similar or () if one.ticket.number == number), None)
    known = page.group_id or (one.ticket.group_id if one else None)
    if known:
        await page.act(work, done=t("ticket_page.grouped"))
        return
    field = Field("title", t("ticket_page.group_title"), "line", limit=TITLE_LIMIT)
    await page.ask(t("ticket_page.group_up"), [field], work, done=t("ticket_page.grouped"))
