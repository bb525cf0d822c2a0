"""`/desk/escalations`: what waits to be acknowledged, promises to customers, duty and absences."""

from functools import partial
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from desk.console.access import LEADER_ROLES, TICKET_ROLES, Visit, admit, may_open
from desk.console.elements import box, words
from desk.console.escalations_promises import PromisesTab
from desk.console.escalations_roster import RosterTab
from desk.console.escalations_waiting import WaitingTab
from desk.console.live import Listener, Refresher
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
    """One open page with its tabs; the open one is read again when something happens."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        is_leader = may_open(visit.staff, LEADER_ROLES)
        with box("k-escalations", tag="main"):
            self._head = box("k-qa-filters k-tabs")
            self._body = box("k-escalations-body")
        self._tabs: dict[str, WaitingTab | PromisesTab | RosterTab] = {
            "waiting": WaitingTab(visit, self.refresh),
            "promises": PromisesTab(visit, self.refresh),
        }
        if is_leader:
            self._tabs["roster"] = RosterTab(visit, self.refresh)
        self._open = "waiting"
        self._refresher = Refresher(visit.client, self.refresh)
        self._listener = Listener(
            visit.desk.fanout, visit.client, lambda _event: self._refresher.request()
        )
        self._listener.listen_to(NOTICE_CHANNEL)
        ui.timer(LOOK_S, self._refresher.request)

    async def refresh(self) -> None:
        """Read the open tab again and draw it."""
        tab = self._tabs[self._open]
        with self._visit.errors_shown():
            await tab.read()
            if self._body.is_deleted:
                return
            self._draw_head()
            self._body.clear()
            with self._body:
                tab.draw()

    def _draw_head(self) -> None:
        self._head.clear()
        with self._head:
            with box("k-tabs", tag="div").props("role=tablist").style("display: flex"):
                for name in self._tabs:
                    tab = box("k-tab", tag="button").props("type=button role=tab")
                    tab.props["aria-selected"] = "true" if name == self._open else "false"
                    with tab:
                        words(t(f"escalation.tab_{name}"))
                    tab.on("click", partial(self._turn, name))
            self._tabs[self._open].draw_filters()

    async def _turn(self, name: str) -> None:
        self._open = name
        await self.refresh()
