"""`/desk/tickets/{number}`: one ticket, all that happened to it, and all that can be done."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.console.access import Visit, admit
from desk.console.elements import box, nothing, words
from desk.console.theme import frame
from desk.console.ticket.dialogs import Field, fill_in
from desk.console.ticket.reading import TicketView, read_ticket
from desk.console.ticket.sections import MAIN, SIDE
from desk.errors import NotFound
from desk.locale import t
from desk.tickets.models import Ticket
from desk.tickets.revealing import CustomerData
from desk.tickets.service import find_for_staff
from desk.tickets.similar import Similar

TICKET_ROLES = (Role.AGENT, Role.SUPERVISOR, Role.QA, Role.DEPARTMENT)
CSS = (Path(__file__).resolve().parent / "ticket.css").read_text(encoding="utf-8")
LOOK_S = 15.0
Work = Callable[[Session, Staff, Ticket, dict[str, str]], object]


async def ticket_page(request: Request, number: str) -> Response | None:
    """Build the page for everybody who may see the ticket."""
    visit = await admit(request, *TICKET_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    try:
        view = await visit.read(lambda session, staff: read_ticket(session, staff, number))
    except NotFound as error:
        with frame(visit, active="tickets"), nothing(t("ticket_page.missing"), t(error.key)):
            words(t("intake.done_list"), "k-help-link", tag="a").props("href=/desk/tickets")
        return None
    with frame(visit, active="tickets"):
        TicketPage(visit, view)
    return None


class TicketPage:
    """One open page. Sections draw themselves and call `ask` or `act` for what is to be done.

    Attributes:
        visit: who looks.
        number: the ticket's number.
        revealed: the customer's data, once it was asked for on this page.
        similar: tickets like this one; None until they were looked for.
    """

    def __init__(self, visit: Visit, view: TicketView) -> None:
        self.visit = visit
        self.number = view.ticket.number
        self.revealed: CustomerData | None = None
        self.similar: Sequence[Similar] | None = None
        self._view = view
        with visit.client:
            ui.page_title(f"{view.ticket.number} {t('console.title')}")
        with box("k-ticket"), box("k-ticket-grid"):
            self._main = box("k-ticket-main", tag="main")
            self._side = box("k-ticket-side", tag="aside")
        self.draw()
        ui.timer(LOOK_S, self._look_again)

    @property
    def group_id(self) -> int | None:
        """The group that the ticket is in."""
        return self._view.ticket.group_id

    def draw(self) -> None:
        """Draw all sections from what was read last."""
        for place, sections in ((self._main, MAIN), (self._side, SIDE)):
            place.clear()
            with place:
                for show in sections:
                    show(self, self._view)

    async def refresh(self) -> None:
        """Read again and draw."""
        with self.visit.errors_shown():
            number = self.number
            self._view = await self.visit.read(
                lambda session, staff: read_ticket(session, staff, number)
            )
            if not self._main.is_deleted:
                self.draw()

    async def act(self, work: Work, *, done: str, values: dict[str, str] | None = None) -> None:
        """Do something at once, say so, and show what changed."""
        with self.visit.errors_shown():
            await self.write(work, values or {})
            self.visit.tell(done)
        await self.refresh()

    async def ask(
        self,
        title: str,
        fields: Sequence[Field],
        work: Work,
        *,
        done: str,
        hint: str = "",
        submit: str | None = None,
    ) -> None:
        """Ask for the fields, do the work with them in one transaction, and show what changed."""
        await self.ask_for(
            title,
            fields,
            lambda given: self.write(work, given),
            done=done,
            hint=hint,
            submit=submit,
        )

    async def ask_for(
        self,
        title: str,
        fields: Sequence[Field],
        work: Callable[[dict[str, str]], Awaitable[object]],
        *,
        done: str,
        hint: str = "",
        submit: str | None = None,
    ) -> None:
        """The same for work that is no single transaction on the ticket."""
        is_done = await fill_in(
            self.visit, title=title, fields=fields, submit=submit or title, work=work, hint=hint
        )
        if is_done:
            self.visit.tell(done)
            await self.refresh()

    async def write(self, work: Work, values: dict[str, str]) -> object:
        """Run changes on the ticket as the person who is logged in now."""
        number = self.number

        def change(session: Session, staff: Staff) -> object:
            return work(session, staff, find_for_staff(session, number, staff), values)

        return await self.visit.write(change)

    async def _look_again(self) -> None:
        number, before = self.number, self._view.stamp
        with self.visit.errors_shown():
            view = await self.visit.read(lambda session, staff: read_ticket(session, staff, number))
            if view.stamp != before and not self._main.is_deleted:
                self._view = view
                self.draw()
