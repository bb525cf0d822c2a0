"""Charts; a click on a bar opens its rows."""

from collections.abc import Sequence
from typing import Any

from nicegui import ui
from nicegui.events import EChartPointClickEventArguments

from desk.console.elements import box, words
from desk.locale import t
from desk.reports.model import Grid, Number, Report
from desk.reports.view import column_name, value_text

COLOURS = ["#2f8c9a", "#bd8519", "#8573cb", "#4a82c4", "#35946a"]
"""Tones that stand out (3:1 and more) from the paper of the light and of the dark page."""
TEXT, LINE = "#7a8792", "#8c98a3"
"""What `reports.css` replaces by the page's own colours: charts are SVG, so it reaches them."""
LYING_BAR_PX, LYING_FRAME_PX = 26, 44
MOST_BARS = 12


def show_charts(found: Report) -> None:
    """Add the charts whose tables have lines."""
    grids = found.grids
    with box("k-charts"):
        if grids["volume"].lines:
            _upright(grids["volume"], ("opened", "resolved", "closed"))
        _lying(grids.get("category"), ("opened",))
        _lying(grids.get("department"), ("answered_in_time", "resolved_in_time"))
        _lying(grids.get("satisfaction"), ("answers",))
        _lying(grids.get("inquiry"), ("messages",))


def _upright(grid: Grid, columns: Sequence[str]) -> None:
    options = {
        **_base(),
        "legend": {"top": 0, "left": 0, "icon": "roundRect", "textStyle": {"color": TEXT}},
        "grid": {"left": 8, "right": 12, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [line.label for line in grid.lines],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {"color": TEXT, "hideOverlap": True},
        },
        "yAxis": _value_axis(is_share=False),
        "series": [_series(grid, column) for column in columns],
    }
    _chart(grid, columns, options, look="k-chart is-wide", height_px=280)


def _lying(grid: Grid | None, columns: Sequence[str]) -> None:
    if grid is None or not grid.lines:
        return
    cut = Grid(grid.key, grid.columns, tuple(reversed(grid.lines[:MOST_BARS])))
    is_share = grid.column(columns[0])[0].unit == "share"
    series = [{**_series(cut, column), "label": _label(is_share)} for column in columns]
    options = {
        **_base(),
        "grid": {
            "left": 8, "right": 56, "top": 28 if len(columns) > 1 else 4, "bottom": 4,
            "containLabel": True,
        },
        "yAxis": {
            "type": "category",
            "data": [line.label for line in cut.lines],
            "axisTick": {"show": False},
            "axisLine": {"show": False},
            "axisLabel": {"color": TEXT},
        },
        "xAxis": {**_value_axis(is_share=is_share), "max": 100 if is_share else None},
        "series": series,
    }  # fmt: skip
    if len(columns) > 1:
        options["legend"] = {"top": 0, "left": 0, "icon": "roundRect", "textStyle": {"color": TEXT}}
    height = LYING_FRAME_PX + LYING_BAR_PX * len(cut.lines) * (1.4 if len(columns) > 1 else 1)
    _chart(cut, columns, options, look="k-chart", height_px=round(height))


def _chart(
    grid: Grid, columns: Sequence[str], options: dict[str, Any], *, look: str, height_px: int
) -> None:
    cells = [grid.column(column) for column in columns]

    def open_rows(event: EChartPointClickEventArguments) -> None:
        number: Number = cells[event.series_index or 0][event.data_index]
        if number.rows is not None:
            ui.navigate.to(number.rows.url)

    with box(look, tag="section").props(f"data-chart={grid.key}"):
        words(t(f"report.chart.{grid.key}"), "k-chart-title", tag="h2")
        chart = ui.echart(options, renderer="svg", on_point_click=open_rows)
        chart.style(f"height: {height_px}px").classes("w-full")
        chart.props(f'role=img aria-label="{_spoken(grid, columns)}"')


def _spoken(grid: Grid, columns: Sequence[str]) -> str:
    """Return what the chart shows, for those who hear the page; the table below has it all."""
    first = grid.column(columns[0])
    parts = [
        f"{line.label} {value_text(cell)}" for line, cell in zip(grid.lines, first, strict=True)
    ]
    return f"{t(f'report.chart.{grid.key}')}：" + "，".join(parts[:MOST_BARS]).replace('"', "")


def _base() -> dict[str, Any]:
    return {
        "animation": False,
        "color": COLOURS,
        "aria": {"enabled": True, "decal": {"show": True}},
        "textStyle": {"fontFamily": "inherit"},
        "tooltip": {"trigger": "item"},
    }


def _series(grid: Grid, column: str) -> dict[str, Any]:
    values = [_drawn(number) for number in grid.column(column)]
    return {
        "name": column_name(column),
        "type": "bar",
        "barMaxWidth": 22,
        "barGap": "10%",
        "cursor": "pointer",
        "data": values,
    }


def _drawn(number: Number) -> float | None:
    if number.value is None:
        return None
    return round(number.value * 100, 1) if number.unit == "share" else number.value


def _label(is_share: bool) -> dict[str, Any]:
    form = "{c}%" if is_share else "{c}"
    return {"show": True, "position": "right", "color": TEXT, "formatter": form}


def _value_axis(*, is_share: bool) -> dict[str, Any]:
    return {
        "type": "value",
        "minInterval": 1,
        "splitLine": {"lineStyle": {"color": LINE}},
        "axisLabel": {"color": TEXT, "formatter": "{value}%" if is_share else "{value}"},
    }
