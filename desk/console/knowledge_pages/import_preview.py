"""What a file would do, row by row: counts, a filter by result, pages, and the button to do it."""

from collections.abc import Awaitable, Callable

from desk.console.elements import action, box, words
from desk.console.knowledge_pages.history import show_changes
from desk.console.knowledge_pages.shell import Pager
from desk.console.tabs import Tabs
from desk.knowledge import faq
from desk.knowledge.importing import STATES, Preview, PreviewRow
from desk.locale import t

PAGE_SIZE = 50
ALL = "all"
LOOKS = {"new": "is-good", "changed": "is-queued", "invalid": "is-block", "retired": "is-warn"}
COLUMNS = ("import_row_number", "import_code", "import_state", "import_what")


class ImportPreview:
    """One preview on the page."""

    def __init__(
        self,
        preview: Preview,
        *,
        on_confirm: Callable[[], Awaitable[None]],
        on_cancel: Callable[[], None],
    ) -> None:
        self._preview = preview
        self._shown = "invalid" if preview.counts["invalid"] else ALL
        with box("k-import-head"):
            file, rows = preview.filename[:80], len(preview.rows)
            words(t("knowledge.import_file", file=file, rows=rows), "k-own-head")
            self._verdict()
            with box("k-head-actions"):
                action(t("knowledge.import_cancel"), on_cancel, look="outline")
                if preview.is_ready:
                    key = "import_confirm_faq" if preview.kind == faq.KIND else "import_confirm"
                    label = t(f"knowledge.{key}", count=preview.changing)
                    action(label, on_confirm, look="unelevated color=primary")
        self._tabs = Tabs(self._names(), self._choose, classes="k-tabs k-line")
        self._place = box("").style("margin-top: 10px")
        self._pager = Pager(PAGE_SIZE, self._turn)
        self._draw()

    def _verdict(self) -> None:
        preview = self._preview
        wrong = preview.counts["invalid"]
        for problem in preview.content.problems:
            words(str(problem), "k-problem", tag="p").props("role=alert")
        if wrong:
            text = t("knowledge.import_has_errors", count=wrong)
            words(text, "k-problem", tag="p").props("role=alert")
        elif not preview.content.problems and not preview.changing:
            words(t("knowledge.import_nothing"), "k-card-why", tag="p").props("role=status")

    def _rows(self) -> list[PreviewRow]:
        return [row for row in self._preview.rows if self._shown in (ALL, row.state)]

    def _draw(self) -> None:
        self._tabs.show(self._shown, self._preview.counts)
        rows = self._rows()
        self._place.clear()
        with self._place:
            if rows:
                self._table(rows[self._pager.offset :][:PAGE_SIZE])
        self._pager.show(len(rows))

    def _names(self) -> dict[str, str]:
        """All rows, and each result that a row has."""
        names = {ALL: t("knowledge.import_all", count=len(self._preview.rows))}
        found = [name for name in STATES if self._preview.counts[name]]
        return names | {name: t(f"knowledge.import_state_{name}") for name in found}

    def _choose(self, name: str) -> None:
        self._shown, self._pager.page = name, 0
        self._draw()

    async def _turn(self) -> None:
        self._draw()

    def _table(self, rows: list[PreviewRow]) -> None:
        with box("k-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for name in COLUMNS:
                    words(t(f"knowledge.{name}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for row in rows:
                    self._row(row)

    def _row(self, row: PreviewRow) -> None:
        with box(tag="tr"):
            words(str(row.number), "k-cell-time", tag="td")
            words(row.code, "k-cell-time", tag="td")
            with box("k-cell-time", tag="td"):
                look = LOOKS.get(row.state, "")
                words(t(f"knowledge.import_state_{row.state}"), f"k-chip {look}")
            with box(tag="td"):
                for problem in row.problems:
                    words(problem, tag="div")
                show_changes(row.changes)
                if row.state == "new":
                    words(t("knowledge.import_new_row"), "k-card-why")
