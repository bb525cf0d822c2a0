"""The ticket list's table: a page of lines to tick, move through by keys, and open."""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from nicegui import ui

from desk.console.elements import action, box, nothing, words
from desk.console.ticket_list_query import PATH
from desk.console.ticket_list_rows import Row
from desk.locale import t
from desk.tickets.listing import Page

COLUMNS = ("number", "matter", "state", "department", "due", "received")
# Arrow keys move between lines, space ticks, Enter opens; all without asking the desk.
KEYS = """(event) => {
    const line = event.target.closest("tr[data-number]");
    if (!line || event.target !== line) return;
    const below = line.nextElementSibling, above = line.previousElementSibling;
    const next = {ArrowDown: below, ArrowUp: above}[event.key];
    if (next) { next.focus(); event.preventDefault(); }
    if (event.key === " ") { line.querySelector("input").click(); event.preventDefault(); }
    if (event.key === "Enter") line.querySelector("a").click();
}"""
TICKED = """(event) => {
    const box = event.target.closest("input[data-tick]");
    if (box) emit(box.dataset.tick, box.checked);
}"""


class TicketTable:
    """Shows a page of tickets; `selected` are the numbers ticked on it."""

    def __init__(
        self,
        *,
        on_tick: Callable[[], object],
        on_previous: Callable[[], object],
        on_next: Callable[[], object],
    ) -> None:
        self.selected: list[str] = []
        self._shown: list[str] = []
        self._on_tick, self._on_previous, self._on_next = on_tick, on_previous, on_next
        with box("k-tickets-scroll"):
            self._place = box("")
        self._place.on("keydown", js_handler=KEYS)
        self._place.on("change", self._tick, js_handler=TICKED)
        self._foot = box("k-qa-foot")

    def show(self, rows: Sequence[Row], page: Page, *, first: int, is_plain: bool) -> None:
        """Draw a page; `first` counts its first line from 1, `is_plain` means that nothing was
        searched for."""
        self.selected.clear()
        self._shown = [row.number for row in rows]
        self._place.clear()
        with self._place:
            if rows:
                self._table(rows)
            else:
                kind = "empty_none" if is_plain else "empty"
                nothing(t(f"tickets_page.{kind}_title"), t(f"tickets_page.{kind}_hint"))
        self._draw_foot(page, first, len(rows))
        self._on_tick()

    def untick(self) -> None:
        """Untick all lines."""
        self.selected.clear()
        _set_ticks(self._place, on=False)
        self._on_tick()

    def _tick(self, event: object) -> None:
        number, is_on = event.args  # type: ignore[attr-defined]
        if number == "*":
            self.selected[:] = self._shown if is_on else []
            _set_ticks(self._place, on=bool(is_on))
        elif number in self._shown:
            chosen = {*self.selected, number} if is_on else {*self.selected} - {number}
            self.selected[:] = [one for one in self._shown if one in chosen]
        self._on_tick()

    def _draw_foot(self, page: Page, first: int, shown: int) -> None:
        key = "tickets_page.count_more" if page.is_more else "tickets_page.count"
        self._foot.clear()
        with self._foot:
            with box("k-tickets-count").props("role=status"):
                words(t(key, total=page.total))
                if shown:
                    last = first + shown - 1
                    words(t("tickets_page.count_page", first=first, last=last), "k-cell-sub")
            words(t("tickets_page.keys"), "k-shortcut k-tickets-keys")
            with box("k-head-actions"):
                back = action(t("tickets_page.previous"), self._on_previous, look="outline")
                back.set_enabled(first > 1)
                on = action(t("tickets_page.next"), self._on_next, look="outline")
                on.set_enabled(page.next_cursor is not None)

    def _table(self, rows: Sequence[Row]) -> None:
        with box("k-table k-tickets-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                with box("k-tick", tag="th").props("scope=col"):
                    _tick_box("*", t("tickets_page.select_all"))
                for name in COLUMNS:
                    words(t(f"tickets_page.column_{name}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for row in rows:
                    _line(row)


def _line(row: Row) -> None:
    line = box("is-late" if row.due_look == "is-late" else "", tag="tr")
    line.props(f"tabindex=0 data-number={row.number}")
    with line:
        with box("k-tick", tag="td"):
            _tick_box(row.number, t("tickets_page.select_row", number=row.number))
        with box("k-cell-time", tag="td"):
            link = words(row.number, "k-number k-ticket-link", tag="a")
            link.props(f"href={PATH}/{quote(row.number)}")
            words(row.kind, "k-cell-sub", tag="div")
        with box("k-cell-matter", tag="td"):
            words(row.matter, "k-matter", tag="div")
            with box("k-cell-sub"):
                if row.is_major:
                    words(row.severity, "k-chip is-urgent")
                for mark in row.marks:
                    words(mark, "k-chip is-warn")
                words(row.place)
        with box("k-cell-time", tag="td"):
            words(row.state, f"k-chip {row.state_look}")
        with box("k-cell-time", tag="td"):
            words(row.department, tag="div")
            words(row.recipient, "k-cell-sub", tag="div")
        with box("k-cell-time", tag="td"):
            words(row.due_note, f"k-due-note {row.due_look}", tag="div")
            words(row.due, "k-cell-sub", tag="div")
        with box("k-cell-time", tag="td"):
            words(row.received, tag="div")
            words(row.channel, "k-cell-sub", tag="div")


def _tick_box(number: str, label: str) -> None:
    element = ui.element("input").props("type=checkbox")
    element.props["data-tick"] = number
    element.props["aria-label"] = label


def _set_ticks(place: ui.element, *, on: bool) -> None:
    script = (
        f'getHtmlElement({place.id}).querySelectorAll("input[data-tick]")'
        f".forEach((box) => {{ box.checked = {str(on).lower()}; }})"
    )
    place.client.run_javascript(script)
