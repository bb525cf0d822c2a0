"""`/desk/escalations`: what waits to be acknowledged, promises to customers, duty and absences."""

from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from desk.console.access import LEADER_ROLES, TICKET_ROLES, Visit, admit, may_open
from desk.console.choosing import hear_choices
from desk.console.elements import box
from desk.console.escalations_promises import PromisesTab
from desk.console.escalations_roster import RosterTab
from desk.console.escalations_waiting import WaitingTab
from desk.console.live import Listener, Refresher
from desk.console.tabs import Tabs
from desk.console.theme import frame
from desk.console.ticket.page import CSS as TICKET_CSS
from desk.fanout import NOTICE_CHANNEL
from desk.locale import t

CSS = (Path(__file__).with_name("escalations.css")).read_text(encoding="utf-8")
LOOK_S = 20.0


async def escalations_page(request: Request) -> Response | None:
    """Build the page; everybody sees what is put before themselves, leaders everything."""
    visit = await admit(request, *TICKET_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(TICKET_CSS)
    ui.add_css(CSS)
    with frame(visit, active="escalations"):
        page = EscalationsPage(visit)
    await page.refresh()
    return None


class EscalationsPage:
    """One open page with its tabs; the open one is read again when something happens, and drawn
    again only if it looks different: a click on what is just being redrawn would be lost."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._tabs: dict[str, WaitingTab | PromisesTab | RosterTab] = {
            "waiting": WaitingTab(visit, self.refresh),
            "promises": PromisesTab(visit, self.refresh),
        }
        if may_open(visit.staff, LEADER_ROLES):
            self._tabs["roster"] = RosterTab(visit, self.refresh)
        self._open = "waiting"
        self._shown: object = None
        with box("k-escalations", tag="main"):
            with box("k-qa-filters k-tabs"):
                names = {name: t(f"escalation.tab_{name}") for name in self._tabs}
                self._marks = Tabs(names, self._turn, classes="k-tab-list")
                self._filters = box("k-levels")
                hear_choices(self._filters, "filter", self._narrow)
            self._body = box("k-escalations-body")
        self._refresher = Refresher(visit.client, self.refresh)
        self._listener = Listener(
            visit.desk.fanout, visit.client, lambda _event: self._refresher.request()
        )
        self._listener.listen_to(NOTICE_CHANNEL)
        ui.timer(LOOK_S, self._refresher.request)

    async def refresh(self) -> None:
        """Read the open tab again and draw what changed."""
        tab = self._tabs[self._open]
        with self._visit.errors_shown():
            await tab.read()
            state = (self._open, tab.state())
            if self._body.is_deleted or tab is not self._tabs[self._open] or state == self._shown:
                return
            self._shown = state
            self._marks.show(self._open)
            for place, draw in ((self._filters, tab.draw_filters), (self._body, tab.draw)):
                place.clear()
                with place:
                    draw()

    async def _turn(self, name: str) -> None:
        self._open = name
        await self.refresh()

    async def _narrow(self, name: str) -> None:
        tab = self._tabs[self._open]
        if name in tab.filters:
            tab.filter = name
            await self.refresh()
