"""The left column: who waits, my conversations, recent ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Line:
    """All that an entry shows. Equal lines look alike, so an entry is redrawn only for another."""

    conversation_id: str
    text: str
    state: str
    time: str
    time_look: str = ""
    unread: int = 0
    is_urgent: bool = False


def waiting_line(entry: QueueEntry, now: datetime) -> Line:
    """Return what a waiting conversation shows; long waits stand out."""
    waited = now - entry.queued_at
    look = "k-waiting-long" if waited > LONG_WAIT else ""
    return Line(
        conversation_id=entry.conversation_id,
        text=entry.preview or t("console.no_text_yet"),
        state=t(f"console.reason_{entry.reason}"),
        time=waiting_text(entry.queued_at, now),
        time_look="k-waiting-too-long" if waited > TOO_LONG_WAIT else look,
        is_urgent=entry.is_urgent,
    )


def item_line(item: Item, now: datetime) -> Line:
    """Return what a conversation shows that is not waiting."""
    return Line(
        conversation_id=item.conversation_id,
        text=item.preview or t("console.no_text_yet"),
        state=mode_text(item.mode, item.agent_name),
        time=moment(item.last_at, now),
        unread=item.unread,
    )


def mode_text(mode: str, agent_name: str | None) -> str:
    """Return who speaks with the customer, in words."""
    return t(f"console.mode_{mode}", name=agent_name or "")


class Lists:
    """Shows the lists and tells when one is chosen.

    `seen` is shared with the page: by conversation, the last `seq` that was on the screen.
    """

    def __init__(
        self, visit: Visit, seen: dict[str, int], on_select: Callable[[str], object]
    ) -> None:
        self._visit = visit
        self._seen = seen
        self.selected: str | None = None
        with box("k-lists", tag="aside") as self._place:
            self._queue, self._mine, self._recent = map(_Section, ("queue", "mine", "recent"))
        # Not on each entry: a click on an entry that is just being redrawn would be lost.
        self._place.on("click", lambda event: on_select(event.args), js_handler=CHOSEN)

    async def refresh(self) -> None:
        """Read the lists again and redraw what differs from what stands there."""
        with self._visit.errors_shown():
            overview = await self._visit.read(
                lambda session, staff: read_overview(session, staff, self._seen)
            )
            if not self._place.is_deleted:
                self._draw(overview, utc_now())

    def _draw(self, overview: Overview, now: datetime) -> None:
        waiting = [waiting_line(entry, now) for entry in overview.queue]
        self._queue.show(waiting, self.selected, is_hot=bool(waiting))
        self._mine.show([item_line(item, now) for item in overview.mine], self.selected)
        self._recent.show([item_line(item, now) for item in overview.recent], self.selected)
        news = len(waiting) + sum(item.unread for item in overview.mine)
        title = t("console.title")
        with self._visit.client:
            ui.page_title(t("console.title_news", n=news, title=title) if news else title)


class _Section:
    """A titled list. Where the same conversations stand in the same order, only the entries that
    changed are redrawn: building elements is what costs time here."""

    def __init__(self, name: str) -> None:
        self._lines: list[Line] = []
        self._entries: list[ui.element] = []
        self._selected: str | None = None
        with box("k-list-head"):
            words(t(f"console.{name}"), "k-title", tag="h2")
            self._count = words("0", "k-count")
        self._place = box("")
        self._empty = words(t(f"console.{name}_empty"), "k-empty", tag="div")

    def show(self, lines: Sequence[Line], selected: str | None, *, is_hot: bool = False) -> None:
        """Show these lines and mark the selected one."""
        before, self._lines = self._lines, list(lines)
        if [line.conversation_id for line in before] == [line.conversation_id for line in lines]:
            for entry, old, new in zip(self._entries, before, lines, strict=True):
                if old != new:
                    entry.clear()
                    _fill(entry, new)
        else:
            self._redraw()
        if selected != self._selected or before != self._lines:
            self._selected = selected
            for entry, line in zip(self._entries, self._lines, strict=True):
                _mark(entry, line.conversation_id == selected)
        self._count.set_text(str(len(lines)))
        self._count.classes(replace=f"k-count {'is-hot' if is_hot else ''}")
        self._empty.visible = not lines

    def _redraw(self) -> None:
        self._place.clear()
        with self._place:
            self._entries = [_entry(line) for line in self._lines]


def _entry(line: Line) -> ui.element:
    entry = box("k-entry", tag="button").props("type=button")
    entry.props["data-conversation"] = line.conversation_id
    _fill(entry, line)
    return entry


def _mark(entry: ui.element, is_current: bool) -> None:
    entry.props["aria-current"] = "true" if is_current else "false"


def _fill(entry: ui.element, line: Line) -> None:
    with entry:
        with box("k-entry-top"):
            words(customer_name(line.conversation_id), "k-entry-name")
            if line.is_urgent:
                words(t("console.urgent"), "k-chip is-urgent")
            if line.unread:
                words(str(line.unread), "k-count is-hot")
        words(line.text, "k-entry-text", tag="div")
        with box("k-entry-foot"):
            words(line.state)
            words(line.time, line.time_look)
