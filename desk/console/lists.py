"""The left column: who waits, my conversations, recent ones."""

from collections.abc import Callable
from datetime import datetime, timedelta

from nicegui import ui

from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import box, customer_name, moment, waiting_text, words
from desk.console.overview import Item, Overview, read_overview
from desk.conversations.service import QueueEntry
from desk.locale import t

LONG_WAIT = timedelta(minutes=3)
TOO_LONG_WAIT = timedelta(minutes=10)
CHOSEN = """(event) => {
    const entry = event.target.closest("[data-conversation]");
    if (entry) emit(entry.dataset.conversation);
}"""


class Lists:
    """Shows the lists and tells when one is chosen.

    `seen` is shared with the page: by conversation, the last `seq` that was on the screen.
    """

    def __init__(self, visit: Visit, seen: dict[str, int], on_select: Callable[[str], object]):
        self._visit = visit
        self._seen = seen
        self._shown: object = None
        self.selected: str | None = None
        self._place = box("k-lists", tag="aside")
        # Not on each entry: a click on an entry that is just being redrawn would be lost.
        self._place.on("click", lambda event: on_select(event.args), js_handler=CHOSEN)

    async def refresh(self) -> None:
        """Read the lists again; redraw them if they differ from what stands there."""
        with self._visit.errors_shown():
            overview = await self._visit.read(
                lambda session, staff: read_overview(session, staff, self._seen)
            )
            now = utc_now()
            # Waiting times are part of what is shown, by the minute.
            state = (overview, self.selected, f"{now:%H:%M}")
            if state != self._shown and not self._place.is_deleted:
                self._shown = state
                self._draw(overview, now)

    def _draw(self, overview: Overview, now: datetime) -> None:
        self._place.clear()
        with self._place:
            news = len(overview.queue) + sum(item.unread for item in overview.mine)
            title = t("console.title")
            ui.page_title(t("console.title_news", n=news, title=title) if news else title)
            _head(t("console.queue"), len(overview.queue), is_hot=bool(overview.queue))
            for waiting in overview.queue:
                self._waiting(waiting, now)
            _empty(overview.queue, "console.queue_empty")
            _head(t("console.mine"), len(overview.mine))
            for item in overview.mine:
                self._item(item, now)
            _empty(overview.mine, "console.mine_empty")
            _head(t("console.recent"), len(overview.recent))
            for item in overview.recent:
                self._item(item, now)
            _empty(overview.recent, "console.recent_empty")

    def _waiting(self, entry: QueueEntry, now: datetime) -> None:
        with self._entry(entry.conversation_id):
            with box("k-entry-top"):
                words(customer_name(entry.conversation_id), "k-entry-name")
                if entry.is_urgent:
                    words(t("console.urgent"), "k-chip is-urgent")
            words(entry.preview or t("console.no_text_yet"), "k-entry-text", tag="div")
            with box("k-entry-foot"):
                words(t(f"console.reason_{entry.reason}"))
                waited = now - entry.queued_at
                look = "k-waiting-too-long" if waited > TOO_LONG_WAIT else ""
                look = look or ("k-waiting-long" if waited > LONG_WAIT else "")
                words(waiting_text(entry.queued_at, now), look)

    def _item(self, item: Item, now: datetime) -> None:
        with self._entry(item.conversation_id):
            with box("k-entry-top"):
                words(customer_name(item.conversation_id), "k-entry-name")
                if item.unread:
                    words(str(item.unread), "k-count is-hot")
            words(item.preview or t("console.no_text_yet"), "k-entry-text", tag="div")
            with box("k-entry-foot"):
                words(mode_text(item.mode, item.agent_name))
                words(moment(item.last_at, now))

    def _entry(self, conversation_id: str) -> ui.element:
        is_current = conversation_id == self.selected
        entry = box("k-entry", tag="button")
        entry.props(f'type=button aria-current="{str(is_current).lower()}"')
        entry.props["data-conversation"] = conversation_id
        return entry


def mode_text(mode: str, agent_name: str | None) -> str:
    """Return who speaks with the customer, in words."""
    return t(f"console.mode_{mode}", name=agent_name or "")


def _head(title: str, count: int, *, is_hot: bool = False) -> None:
    with box("k-list-head"):
        words(title, "k-title", tag="h2")
        words(str(count), f"k-count {'is-hot' if is_hot else ''}")


def _empty(rows: tuple[object, ...], key: str) -> None:
    if not rows:
        words(t(key), "k-empty", tag="div")
