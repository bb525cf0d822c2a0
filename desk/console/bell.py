"""The bell in the frame of every page: how many notices are new, and what they say."""

from collections.abc import Sequence

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, moment, words
from desk.console.live import Listener, Refresher
from desk.fanout import NOTICE_CHANNEL, Event
from desk.locale import t
from desk.outbox.notices import Shown, count_unread, mark_read, notices_of

SHOWN = 30
MOST_COUNTED = 99


class Bell:
    """Counts what is unread; a click opens the list."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with box("k-bell", tag="button").props("type=button aria-haspopup=menu") as self._button:
            ui.icon("notifications", size="22px").props("aria-hidden=true")
            self._count = words("", "k-bell-count")
            with ui.menu().props("anchor='bottom right' self='top right'") as self._menu:
                self._list = box("k-notices")
        self._show_count(0)
        self._menu.on("show", self._open)
        self._refresher = Refresher(visit.client, self._refresh)
        self._listener = Listener(visit.desk.fanout, visit.client, self._hear)
        self._listener.listen_to(NOTICE_CHANNEL)
        self._refresher.request()

    def _hear(self, _event: Event) -> None:
        self._refresher.request()

    async def _refresh(self) -> None:
        with self._visit.errors_shown():
            count = await self._visit.read(count_unread)
            if not self._count.is_deleted:
                self._show_count(count)

    def _show_count(self, count: int) -> None:
        self._count.set_text(str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+")
        self._count.visible = count > 0
        label = t("outbox.bell_unread", n=count) if count else t("outbox.bell")
        self._button.props(f'aria-label="{label}" title="{label}"')

    async def _open(self) -> None:
        with self._visit.errors_shown():
            self._draw(await self._visit.read(_read))

    def _draw(self, notices: Sequence[Shown]) -> None:
        self._list.clear()
        with self._list:
            with box("k-notices-head"):
                words(t("outbox.bell"), "k-title", tag="h2")
                if any(not one.is_read for one in notices):
                    action(t("outbox.read_all"), self._read_all)
            if not notices:
                words(t("outbox.nothing"), "k-empty", tag="div")
            for notice in notices:
                self._add(notice)

    def _add(self, notice: Shown) -> None:
        entry = box(f"k-notice {'' if notice.is_read else 'is-new'}", tag="button")
        entry.props("type=button")
        with entry:
            words(notice.text, "k-notice-text", tag="div")
            words(moment(notice.at, utc_now()), "k-cell-sub", tag="div")

        async def click() -> None:
            with self._visit.errors_shown():
                await self._visit.write(lambda s, staff: mark_read(s, staff, notice.id))
                if notice.number:
                    ui.navigate.to(f"/desk/tickets/{notice.number}")
                elif notice.conversation_id:
                    ui.navigate.to(f"/desk?conversation={notice.conversation_id}")
                elif notice.page:
                    ui.navigate.to(notice.page)
                else:
                    await self._open()
                    self._refresher.request()

        entry.on("click", click)

    async def _read_all(self) -> None:
        with self._visit.errors_shown():
            await self._visit.write(lambda session, staff: mark_read(session, staff))
            await self._open()
            self._refresher.request()


def _read(session: Session, staff: Staff) -> Sequence[Shown]:
    return notices_of(session, staff, limit=SHOWN)
