"""A titled list in the left column, which can be folded and grows no longer than one can read."""

from collections.abc import Sequence

from nicegui import ui

from desk.console.choosing import as_choice
from desk.console.elements import action, box, customer_name, words
from desk.console.list_lines import Line
from desk.locale import t

STEP = 20
"""So many entries are shown at first, and so many more at each wish."""


class Section:
    """Where the same conversations stand in the same order, only the entries that changed are
    redrawn: building elements is what costs time here."""

    def __init__(
        self,
        name: str,
        *,
        limit: int = STEP,
        is_folded: bool = False,
        hides_when_empty: bool = False,
    ) -> None:
        self._all: Sequence[Line] = ()
        self._lines: list[Line] = []
        self._entries: list[ui.element] = []
        self._selected: str | None = None
        self._limit = limit
        self._is_folded = is_folded
        self._hides_when_empty = hides_when_empty
        with box("k-list", tag="section") as self._frame:
            with (
                box("k-list-title", tag="h2"),
                box("k-list-head", tag="button").props("type=button") as self._head,
            ):
                words(t(f"workbench.{name}"), "k-title")
                self._note = words("", "k-list-note")
                self._count = words("0", "k-count")
            self._head.on("click", self._fold)
            with box("") as self._body:
                self._place = box("")
                self._empty = words(t(f"workbench.{name}_empty"), "k-empty", tag="div")
                self._more = action("", self._show_more, classes="k-more k-small")
        self._show_folding()

    def show(
        self, lines: Sequence[Line], selected: str | None, *, is_hot: bool = False, note: str = ""
    ) -> None:
        """Show these lines and mark the selected one; `note` stands beside the title."""
        self._all = lines
        self._note.set_text(note)
        self._count.set_text(str(len(lines)))
        self._count.classes(replace=f"k-count {'is-hot' if is_hot else ''}")
        self._empty.visible = not lines
        self._frame.visible = bool(lines) or not self._hides_when_empty
        self._draw(selected)

    def _draw(self, selected: str | None) -> None:
        lines = [] if self._is_folded else list(self._all[: self._limit])
        before, self._lines = self._lines, lines
        if [line.conversation_id for line in before] == [line.conversation_id for line in lines]:
            for entry, old, new in zip(self._entries, before, lines, strict=True):
                if old != new:
                    entry.clear()
                    _fill(entry, new)
        else:
            self._place.clear()
            with self._place:
                self._entries = [_entry(line) for line in lines]
        if selected != self._selected or before != lines:
            self._selected = selected
            for entry, line in zip(self._entries, lines, strict=True):
                _mark(entry, line.conversation_id == selected)
        left = 0 if self._is_folded else len(self._all) - len(lines)
        self._more.visible = left > 0
        self._more.set_text(t("workbench.more", n=left))

    def _fold(self) -> None:
        self._is_folded = not self._is_folded
        self._show_folding()
        self._draw(self._selected)

    def _show_folding(self) -> None:
        self._body.visible = not self._is_folded
        self._head.props["aria-expanded"] = "false" if self._is_folded else "true"

    def _show_more(self) -> None:
        self._limit += STEP
        self._draw(self._selected)


def _entry(line: Line) -> ui.element:
    entry = box("k-entry", tag="button").props("type=button")
    as_choice(entry, "conversation", line.conversation_id)
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
            if line.has_draft:
                words(t("workbench.draft"), "k-chip is-draft")
            if line.unread:
                words(str(line.unread), "k-count is-hot").props["title"] = t(
                    "workbench.unread", n=line.unread
                )
        words(line.text, "k-entry-text", tag="div")
        with box("k-entry-foot"):
            words(line.state)
            if line.since:
                with box("k-wait", tag="span"):
                    words(t("workbench.waits"))
                    clock = words("", "k-clock")
                    clock.props["data-since"] = line.since.isoformat()
            else:
                words(line.time)
