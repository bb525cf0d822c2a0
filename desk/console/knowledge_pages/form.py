"""The form of one row: a field for each column, and what was typed as cells."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from desk.catalog.columns import TABLES, Column
from desk.catalog.intents import faq_intents
from desk.console.elements import box
from desk.locale import t

CELL_LIMITS = {"line": 200, "lines": 4000, "number": 20, "date": 10, "list": 12_000, "intent": 64}
REST_MS = 400


class RowForm:
    """The fields of a row. `on_change` is called when something was typed, after a rest."""

    def __init__(
        self,
        kind: str,
        cells: Mapping[str, str],
        *,
        is_new: bool,
        can_edit: bool,
        on_change: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._kind = kind
        self._on_change = on_change
        self._fields: dict[str, Any] = {}
        table = TABLES[kind]
        with box("k-form"):
            for column in table.columns:
                field = self._field(column, cells.get(column.field, ""))
                field.set_enabled(can_edit and (is_new or column.field != table.key))
                self._fields[column.field] = field
        self._before = self.cells()

    def cells(self) -> dict[str, str]:
        """Return what stands in the fields."""
        return {name: str(field.value or "") for name, field in self._fields.items()}

    def changed(self) -> dict[str, str]:
        """Return the cells that differ from those that were shown first."""
        now = self.cells()
        return {name: cell for name, cell in now.items() if cell != self._before[name]}

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the fields that are wrong, and unmark the others."""
        for name, field in self._fields.items():
            field.error = problems.get(name)

    def fill(self, cells: Mapping[str, str]) -> None:
        """Put other cells into the fields; they count as what was shown first."""
        for name, cell in cells.items():
            self._fields[name].value = cell or None
        self._before = self.cells()

    def _field(self, column: Column, cell: str) -> Any:
        mark = t("knowledge.required_mark") if column.is_required else ""
        label = f"{column.title}{mark}"
        if column.kind == "intent":
            names = faq_intents()
            known = cell if cell in names else None
            select = ui.select(names, label=label, value=known, with_input=True)
            return self._told(select.props("outlined dense options-dense"), column)
        limit = CELL_LIMITS[column.kind]
        if column.kind in ("lines", "list"):
            value = "\n".join(cell.split(" | ")) if column.kind == "list" else cell
            area = ui.textarea(label, value=value)
            area.props(f"outlined dense autogrow maxlength={limit} debounce={REST_MS}")
            if column.kind == "list":
                area.props(f'placeholder="{t("knowledge.lines_hint")}"')
            return self._told(area.classes("is-whole k-lines"), column)
        line = ui.input(label, value=cell)
        line.props(f"outlined dense maxlength={limit} debounce={REST_MS}")
        if column.kind == "date":
            line.props("type=date stack-label")
        if column.kind == "number":
            line.props("inputmode=decimal")
        if column.field in ("question", "subject"):
            line.classes("is-whole")
        if column.field == "subject":
            line.props(f'hint="{t("knowledge.faq_subject_hint")}"')
        return self._told(line, column)

    def _told(self, field: Any, column: Column) -> Any:
        field.on_value_change(lambda _: self._on_change(column.field))
        return field
