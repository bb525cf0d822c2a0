"""`/desk/tickets`: every ticket somebody may see, searched, filtered and changed many at once."""

from dataclasses import dataclass, replace

from fastapi import Request
from fastapi.responses import Response
from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role, list_staff
from desk.clock import utc_now
from desk.console.access import TICKET_ROLES, Visit, admit
from desk.console.elements import action, box, words
from desk.console.theme import frame
from desk.console.ticket_list_bulk import BulkBar
from desk.console.ticket_list_css import CSS
from desk.console.ticket_list_filters import TicketFilters
from desk.console.ticket_list_query import OWN_VIEWS, ListQuery, own_view, read_query
from desk.console.ticket_list_rows import Row, rows_of
from desk.console.ticket_list_table import TicketTable
from desk.console.ticket_list_views import Views
from desk.errors import InvalidInput
from desk.locale import t
from desk.tickets.listing import Page, search

PAGE_SIZE = 25
FOCUS_SEARCH = """document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || /^(input|textarea)$/i.test(event.target.tagName)) return;
    const box = document.querySelector(".k-search-box input");
    if (box) { box.focus(); event.preventDefault(); }
});
document.body.dataset.keys = "ready";"""


async def ticket_list_page(request: Request) -> Response | None:
    """Build the page for everybody; a department sees its own tickets only."""
    visit = await admit(request, *TICKET_ROLES)
    if isinstance(visit, Response):
        return visit
    staff = await visit.read(lambda session, _: list_staff(session))
    query, problem = own_view("open", visit.staff), None
    try:
        query = read_query(request, visit.staff)
    except InvalidInput as error:
        problem = t(error.key, **error.details)
    with frame(visit, active="tickets"):
        ui.add_css(CSS)
        page = TicketList(visit, staff, query)
    await page.start()
    if problem:
        visit.tell(problem, kind="warning")
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the list a page begins: the cursor, and its first line counted from 1."""

    after: str | None = None
    first: int = 1


class TicketList:
    """One person's open list."""

    def __init__(self, visit: Visit, staff: list[Staff], query: ListQuery) -> None:
        self._visit, self._query = visit, query
        self._places: list[_Place] = [_Place()]
        self._next: str | None = None
        with box("k-tickets", tag="main"):
            with box("k-tickets-head"):
                words(t("tickets_page.title"), "k-tickets-title", tag="h1")
                self._views = Views(visit, on_choose=self._choose, current=lambda: self._query)
                action("", self._reload, icon="refresh").props(
                    f'aria-label="{t("tickets_page.refresh")}" title="{t("tickets_page.refresh")}"'
                )
                if has_role(visit.staff, Role.AGENT, Role.SUPERVISOR):
                    new = action(
                        t("tickets_page.new"),
                        lambda: ui.navigate.to("/desk/intake"),
                        icon="add",
                        look="unelevated color=primary",
                    )
                    new.classes("k-tickets-new")
            self._filters = TicketFilters(staff, on_change=self._filtered)
            self._table = TicketTable(
                on_tick=lambda: self._bulk.refresh(),
                on_previous=self._previous,
                on_next=self._following,
            )
            self._bulk = BulkBar(
                visit,
                staff,
                selected=self._table.selected,
                on_clear=self._table.untick,
                on_done=self._reload,
            )
        ui.run_javascript(FOCUS_SEARCH)

    async def start(self) -> None:
        """Show the views and the first page."""
        with self._visit.errors_shown():
            await self._views.refresh()
            if self._query.view_id is not None:
                view = self._views.find(self._query.view_id)
                if view is None:
                    self._visit.tell(t("tickets_page.view_gone"), kind="warning")
                    self._query = own_view("open", self._visit.staff)
                else:
                    self._query = replace(self._query, wanted=view.wanted)
        self._filters.show(self._query)
        await self._read()

    async def _read(self) -> None:
        query, place = self._query, self._places[-1]

        def work(session: Session, staff: Staff) -> tuple[Page, list[Row]]:
            now = utc_now()
            page = search(
                session,
                staff,
                query.wanted,
                limit=PAGE_SIZE,
                after=place.after,
                order=query.order,
                now=now,
            )
            return page, rows_of(session, page.rows, now)

        with self._visit.errors_shown():
            page, rows = await self._visit.read(work)
            if query is not self._query:
                return
            self._next = page.next_cursor
            plain = any(query == own_view(name, self._visit.staff) for name in OWN_VIEWS)
            with self._visit.client:
                self._table.show(rows, page, first=place.first, is_plain=plain)
                self._views.draw()

    def _choose(self, query: ListQuery) -> None:
        self._filters.show(query)
        self._filtered(query)

    def _filtered(self, query: ListQuery) -> None:
        self._query, self._places = query, [_Place()]
        with self._visit.client:
            ui.navigate.history.replace(query.address)
        self._reload()

    def _reload(self) -> None:
        background_tasks.create(self._read())

    def _previous(self) -> None:
        if len(self._places) > 1:
            self._places.pop()
            self._reload()

    def _following(self) -> None:
        if self._next is not None:
            self._places.append(_Place(self._next, self._places[-1].first + PAGE_SIZE))
            self._reload()
