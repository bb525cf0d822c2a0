"""The dialog that `/` opens: all scripts, found by characters, pinyin, topic or step."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from nicegui import ui

from desk.console.access import Visit
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import box, words
from desk.console.script_search import Entry, entry_of, find_scripts
from desk.console.slots import show_with_slots
from desk.locale import t
from scripts_library.suggesting.library import Script
from scripts_library.suggesting.suggester import fill_in

if TYPE_CHECKING:
    from desk.app import Desk


class ScriptPalette:
    """`on_use` gets a script's id and its text, filled in as far as is known."""

    def __init__(
        self,
        visit: Visit,
        *,
        known: Callable[[], Mapping[str, str]],
        on_use: Callable[[str, str], None],
    ) -> None:
        self._visit = visit
        self._known = known
        self._on_use = on_use
        self._entries: Sequence[Entry] = ()
        self._scripts: tuple[Script, ...] = ()
        self._found: list[Entry] = []
        self._chosen = 0
        self._wanted = ""
        with ui.dialog() as self._dialog, ui.card().classes("k-dialog is-wide k-palette"):
            self._search = ui.input(on_change=lambda event: self._look(event.value or ""))
            self._search.props(
                f'outlined dense autofocus aria-label="{t("workbench.scripts_label")}" '
                f'placeholder="{t("workbench.scripts_hint")}"'
            ).classes("w-full")
            self._search.on("keydown.enter", self._take)
            self._search.on(
                "keydown",
                lambda event: self._move(event.args["key"]),
                args=["key"],
                js_handler=ARROWS,
            )
            self._list = box("k-choices").props("role=listbox")
            hear_choices(self._list, "palette", self._press)
            words(t("workbench.scripts_keys"), "k-shortcut")

    async def open(self) -> None:
        """Show all scripts in force; their sounds are worked out once."""
        scripts = await asyncio.to_thread(_scripts_of, self._visit.desk)
        if scripts != self._scripts:
            self._scripts = scripts
            self._entries = await asyncio.to_thread(lambda: [entry_of(one) for one in scripts])
        self._search.value = ""
        await self._look("")
        self._dialog.open()

    async def _look(self, wanted: str) -> None:
        self._wanted = wanted
        found = await asyncio.to_thread(find_scripts, self._entries, wanted)
        if wanted == self._wanted and not self._list.is_deleted:
            self._found, self._chosen = found, 0
            self._draw()

    def _draw(self) -> None:
        known = self._known()
        self._list.clear()
        with self._list:
            if not self._found:
                words(t("workbench.scripts_nothing"), "k-empty", tag="div")
            for place, entry in enumerate(self._found):
                self._line(place, entry, known)

    def _line(self, place: int, entry: Entry, known: Mapping[str, str]) -> None:
        line = box("k-choice is-tall", tag="button").props("type=button role=option tabindex=-1")
        line.props["aria-selected"] = "true" if place == self._chosen else "false"
        with as_choice(line, "palette", entry.script.id):
            words(entry.heading, "k-cell-sub", tag="div")
            show_with_slots(fill_in(entry.script.text, known)[0])

    def _move(self, key: str) -> None:
        if self._found:
            step = 1 if key == "ArrowDown" else -1
            self._chosen = (self._chosen + step) % len(self._found)
            self._draw()

    def _take(self) -> None:
        if self._found:
            self._use(self._found[self._chosen])

    def _press(self, script_id: str) -> None:
        entry = next((one for one in self._entries if one.script.id == script_id), None)
        if entry is not None:
            self._use(entry)

    def _use(self, entry: Entry) -> None:
        self._dialog.close()
        self._on_use(entry.script.id, fill_in(entry.script.text, self._known())[0])


ARROWS = """(event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        emit({ key: event.key });
    }
}"""


def _scripts_of(desk: "Desk") -> tuple[Script, ...]:
    return desk.scripts.scripts
