"""The left column: who waits, my conversations, colleagues', mentions, recent ones, search."""

from collections.abc import Callable, Sequence

from nicegui import ui

from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.choosing import hear_choices
from desk.console.elements import action, box
from desk.console.list_lines import item_line, waiting_line
from desk.console.list_section import Section
from desk.console.overview import Item, Overview, read_overview, search
from desk.console.shortcuts import Shortcuts
from desk.conversations.models import Mode
from desk.conversations.service import QueueEntry
from desk.fanout import Event
from desk.locale import t

WAITING_SHOWN = 8
"""Whoever waits is claimed from the front; the rest can be unfolded."""


class Lists:
    """Shows the lists and tells when a conversation is chosen."""

    def __init__(
        self, visit: Visit, on_select: Callable[[str], object], on_claim: Callable[[], object]
    ) -> None:
        self._visit = visit
        self._wanted = ""
        self._found: Sequence[Item] = ()
        self._queue: Sequence[QueueEntry] = ()
        self._overview: Overview | None = None
        self.selected: str | None = None
        with box("k-lists", tag="aside").props(f'aria-label="{t("workbench.lists")}"') as place:
            self._tools(on_claim)
            with box("k-found") as self._found_place:
                self._found_section = Section("found")
            with box("") as self._lists_place:
                self._mentions = Section("mentions", hides_when_empty=True)
                self._mine = Section("mine")
                self._waiting = Section("queue", limit=WAITING_SHOWN)
                self._colleagues = Section("colleagues", is_folded=True, hides_when_empty=True)
                self._recent = Section("recent")
            with box("k-list-foot"):
                Shortcuts()
                # The script of the page fills it and hears its presses: browsers ask for leave
                # only there.
                box("k-sound", tag="button").props("type=button")
        self._found_place.visible = False
        self._place = place
        hear_choices(place, "conversation", on_select)

    @property
    def next_waiting(self) -> QueueEntry | None:
        """The conversation whose turn it is."""
        return self._queue[0] if self._queue else None

    @property
    def mine(self) -> Sequence[Item]:
        """The agent's own conversations."""
        return self._overview.mine if self._overview else ()

    def is_mentioned_in(self, conversation_id: str) -> bool:
        """Tell whether somebody named the agent in this conversation since they last saw it."""
        mentions = self._overview.mentions if self._overview else ()
        return any(one.conversation_id == conversation_id for one in mentions)

    def shows_draft(self, conversation_id: str) -> bool:
        """Tell whether one of the agent's own conversations is marked as having a draft."""
        return any(one.has_draft for one in self.mine if one.conversation_id == conversation_id)

    def concerns(self, event: Event) -> bool:
        """Tell whether a change of a conversation changes what these lists show."""
        if "conversation_id" not in event or self._overview is None:
            return True
        overview = self._overview
        items = (*overview.mine, *overview.recent, *overview.colleagues, *overview.mentions)
        shown = {one.conversation_id for one in items}
        shown |= {one.conversation_id for one in self._queue}
        is_mine = event.get("agent_id") == self._visit.staff.id
        return is_mine or event.get("mode") == Mode.QUEUED or event["conversation_id"] in shown

    async def refresh(self) -> None:
        """Read the lists again and redraw what differs from what stands there."""
        with self._visit.errors_shown():
            overview = await self._visit.read(read_overview)
            queue = await self._visit.desk.board.entries()
            if self._place.is_deleted:
                return
            self._overview, self._queue = overview, queue
            self._draw(overview)

    def _tools(self, on_claim: Callable[[], object]) -> None:
        with box("k-list-tools"):
            field = ui.input(on_change=lambda event: self._search_soon(event.value or ""))
            field.props(
                f'outlined dense clearable debounce=250 data-shortcut="Alt+L" '
                f'placeholder="{t("workbench.search")}" aria-label="{t("workbench.search_label")}"'
            ).classes("k-search")
            button = action(t("workbench.claim_next"), on_claim, look="unelevated color=primary")
            button.classes("k-small").props("data-shortcut=Alt+N")
            button.props["title"] = t("workbench.claim_next_hint")

    async def _search_soon(self, wanted: str) -> None:
        self._wanted = wanted.strip()
        self._found_place.visible = bool(self._wanted)
        self._lists_place.visible = not self._wanted
        if not self._wanted:
            return
        asked = self._wanted
        with self._visit.errors_shown():
            found = await self._visit.read(lambda session, staff: search(session, staff, asked))
            if asked == self._wanted and not self._place.is_deleted:
                self._found = found
                now = utc_now()
                self._found_section.show([item_line(one, now) for one in found], self.selected)

    def _draw(self, overview: Overview) -> None:
        now = utc_now()
        waiting = [waiting_line(entry) for entry in self._queue]
        self._waiting.show(waiting, self.selected, is_hot=bool(waiting))
        self._mine.show(
            [item_line(item, now) for item in overview.mine],
            self.selected,
            note=t("workbench.capacity", n=len(overview.mine), limit=overview.capacity),
        )
        self._mentions.show(
            [item_line(item, now) for item in overview.mentions], self.selected, is_hot=True
        )
        self._colleagues.show([item_line(item, now) for item in overview.colleagues], self.selected)
        self._recent.show([item_line(item, now) for item in overview.recent], self.selected)
        unread = sum(item.unread for item in overview.mine)
        news = len(waiting) + unread + len(overview.mentions)
        title = t("console.title")
        with self._visit.client:
            ui.page_title(t("console.title_news", n=news, title=title) if news else title)
            ui.run_javascript("window.kefuDesk?.tick()")
