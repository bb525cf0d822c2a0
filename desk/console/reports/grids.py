"""The report's tables; every number in them is a link."""

from collections.abc import Callable

from desk.console.elements import action, box, words
from desk.console.reports.numbers import show_number
from desk.locale import t
from desk.reports.model import Grid, Line, Report
from desk.reports.view import grid_head

OnPlan = Callable[[Line], object]
WIDE = frozenset({"department", "level"})
FOLDED = frozenset({"volume"})
"""Tables that a chart above tells already: closed until somebody wants them."""


def show_grids(found: Report, *, on_plan: OnPlan | None) -> None:
    """Add the tables; `on_plan` is offered beside each cause (None: this person plans nothing)."""
    with box("k-grids"):
        for grid in found.grids.values():
            if grid.lines:
                _grid(grid, on_plan if grid.key == "cause" else None)


def _grid(grid: Grid, on_plan: OnPlan | None) -> None:
    look = "k-grid is-wide" if grid.key in WIDE or grid.key in FOLDED else "k-grid"
    title = t(f"report.grid.{grid.key}")
    with box(look, tag="section").props(f"data-grid={grid.key}"):
        if grid.key in FOLDED:
            with box(tag="details"):
                words(title, "k-chart-title", tag="summary")
                _table(grid, on_plan)
            return
        words(title, "k-chart-title", tag="h2")
        _table(grid, on_plan)


def _table(grid: Grid, on_plan: OnPlan | None) -> None:
    head = grid_head(grid)
    with box("k-grid-scroll"), box("k-table k-numbers", tag="table"):
        with box(tag="thead"), box(tag="tr"):
            for text in head:
                words(text, tag="th").props("scope=col")
            if on_plan:
                words("", tag="th")
        with box(tag="tbody"):
            for line in grid.lines:
                _line(line, head[1:], on_plan)


def _line(line: Line, names: list[str], on_plan: OnPlan | None) -> None:
    with box(tag="tr"):
        words(line.label, tag="th").props("scope=row")
        for name, number in zip(names, line.cells, strict=True):
            with box(tag="td"):
                show_number(number, name=f"{line.label} {name}")
        if on_plan:
            with box(tag="td"):
                action(
                    t("report.rectify.plan_it"),
                    lambda: on_plan(line),
                    look="outline color=primary",
                    classes="k-small",
                )
