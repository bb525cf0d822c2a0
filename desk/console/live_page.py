"""`/desk/live`: the floor at this moment, for supervisors and managers."""

from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from desk.clock import utc_now
from desk.console.access import LEADER_ROLES, Visit, admit
from desk.console.elements import box
from desk.console.live import Listener, Refresher
from desk.console.live_board import BoardView
from desk.console.live_watch import WatchPanel
from desk.console.theme import frame
from desk.fanout import DESK_CHANNEL, NOTICE_CHANNEL, OFFER_CHANNEL, PRESENCE_CHANNEL, QUEUE_CHANNEL
from desk.routing.board import read_board

CSS = (Path(__file__).parent / "live.css").read_text(encoding="utf-8")
CHANNELS = (DESK_CHANNEL, QUEUE_CHANNEL, OFFER_CHANNEL, PRESENCE_CHANNEL, NOTICE_CHANNEL)
PAUSE_S = 1.0
"""Between two readings: on a busy floor something changes all the time."""
LOOK_S = 30.0
"""Who goes offline, and which deadlines pass, makes no event."""
# Waiting times go on in the browser: nobody has to ask the desk for a second that has passed.
TICKING = """
<script>
setInterval(() => {
  const now = Date.now() / 1000;
  for (const one of document.querySelectorAll("[data-since]")) {
    const s = Math.max(0, Math.floor(now - Number(one.dataset.since)));
    const two = (n) => String(n).padStart(2, "0");
    const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    const text = (h ? h + ":" + two(m) : m) + ":" + two(s % 60);
    if (one.textContent !== text) one.textContent = text;
    const [long, tooLong] = (one.dataset.limits || "180,600").split(",").map(Number);
    one.classList.toggle("is-long", s >= long && s < tooLong);
    one.classList.toggle("is-too-long", s >= tooLong);
  }
}, 1000);
</script>
"""


async def live_page(request: Request) -> Response | None:
    """Build the page for leaders."""
    visit = await admit(request, *LEADER_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    ui.add_body_html(TICKING)
    with frame(visit, active="live"):
        page = LivePage(visit)
    await page.refresh()
    wanted = request.query_params.get("conversation")
    if wanted:
        await page.watch.open(wanted)
    return None


class LivePage:
    """One leader's open board."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with box("k-live", tag="main"):
            strip = box("k-live-strip")
            board = box("k-live-board").props("tabindex=0")
            self.watch = WatchPanel(visit)
        self._view = BoardView(strip, board, self.watch.open, is_bot_there=self._is_bot_there)
        self._refresher = Refresher(visit.client, self.refresh, pause_s=PAUSE_S)
        for channel in CHANNELS:
            listener = Listener(visit.desk.fanout, visit.client, self._hear)
            listener.listen_to(channel)
        ui.timer(LOOK_S, self._refresher.request)

    async def refresh(self) -> None:
        """Read the board again and draw what changed."""
        with self._visit.errors_shown():
            self._view.show(await self._visit.read(read_board), utc_now())

    def _hear(self, event: object) -> None:
        self._refresher.request()

    def _is_bot_there(self) -> bool:
        return self._visit.desk.bot.is_answering
