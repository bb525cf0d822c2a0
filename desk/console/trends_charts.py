"""The charts of the trends. A canvas knows no CSS variables: the browser fills in the palette's
colours when it draws, and the page is drawn anew when the system turns dark or light."""

from typing import Any

from nicegui import ui
from nicegui.events import EChartPointClickEventArguments

from desk.console.elements import box, words
from desk.locale import t
from desk.trends.model import Measure, Trend, Trends
from desk.trends.reading import FEWEST_JUDGED

COLOUR_SCHEME = """
<script>
window.paletteColour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
</script>
"""
HEIGHT_PX = 190
RULE_PX, RULES_FRAME_PX = 30, 40
BARS = frozenset({Measure.COUNT})


def show_trends(found: Trends) -> None:
    """Add a chart for each trend, with its value over the whole period."""
    for trend in found.trends.values():
        with box("k-chart", tag="section").props(f"data-chart={trend.key}"):
            with box("k-trends-top"):
                words(t(f"trends.{trend.key}"), "k-chart-title", tag="h2")
                words(value_text(trend.total, trend.measure), "k-trends-total")
                before = value_text(trend.total_before, trend.measure)
                words(t("trends.compared", value=before), "k-cell-sub")
            if trend.is_empty:
                words(t("trends.nothing"), "k-empty", tag="div")
            else:
                _chart(trend)


def show_rules(found: Trends) -> None:
    """Add the rules' precision, the worst at the top."""
    with box("k-chart is-wide", tag="section").props("data-chart=rules"):
        words(t("trends.rules"), "k-chart-title", tag="h2")
        words(t("trends.rules_hint", least=FEWEST_JUDGED), "k-cell-sub", tag="p")
        if not found.rules:
            words(t("trends.rules_none"), "k-empty", tag="div")
            return
        lines = list(reversed(found.rules))
        options = {
            **_base(),
            "grid": {"left": 8, "right": 70, "top": 4, "bottom": 4, "containLabel": True},
            "yAxis": _category([line.rule_id for line in lines], ink="ink"),
            "xAxis": {**_values(), "max": 100},
            "series": [
                {
                    "type": "bar",
                    "barMaxWidth": 18,
                    "cursor": "pointer",
                    "data": [round(line.precision * 100, 1) for line in lines],
                    "label": {
                        "show": True,
                        "position": "right",
                        ":color": "paletteColour('soft')",
                        "formatter": "{c}%",
                    },
                    "itemStyle": {":color": "paletteColour('brand')"},
                }
            ],
        }
        chart = ui.echart(options, on_point_click=lambda _: ui.navigate.to("/desk/qa"))
        chart.classes("w-full").style(f"height: {RULES_FRAME_PX + RULE_PX * len(lines)}px")
        spoken = "，".join(
            f"{line.rule_id} {line.precision:.0%}（"
            + t("trends.rule_line", right=line.right, wrong=line.wrong)
            + "）"
            for line in found.rules
        )
        chart.props(f'role=img aria-label="{spoken}"')


def value_text(value: float | None, measure: Measure) -> str:
    """Return a value with its unit, for people."""
    return t("trends.value_none") if value is None else t(f"trends.value_{measure}", n=value)


def _chart(trend: Trend) -> None:
    is_bar = trend.measure in BARS
    options = {
        **_base(),
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 12, "top": 10, "bottom": 4, "containLabel": True},
        "xAxis": _category([point.label for point in trend.points], ink="soft"),
        "yAxis": _values(),
        "series": [
            {
                "name": t("trends.now"),
                "type": "bar" if is_bar else "line",
                "barMaxWidth": 20,
                "symbolSize": 7,
                "connectNulls": True,
                "cursor": "pointer",
                "data": [_drawn(point.value, trend.measure) for point in trend.points],
                "itemStyle": {":color": "paletteColour('brand')"},
            },
            {
                "name": t("trends.before"),
                "type": "line",
                "symbol": "none",
                "connectNulls": True,
                "data": [_drawn(point.before, trend.measure) for point in trend.points],
                "lineStyle": {"type": "dashed", "width": 1.5, ":color": "paletteColour('warn')"},
                "itemStyle": {":color": "paletteColour('warn')"},
            },
        ],
    }

    def open_rows(event: EChartPointClickEventArguments) -> None:
        rows = trend.points[event.data_index].rows
        if rows is not None:
            ui.navigate.to(rows.url)

    chart = ui.echart(options, on_point_click=open_rows)
    chart.classes("w-full").style(f"height: {HEIGHT_PX}px")
    values = [value_text(one, trend.measure) for one in (trend.total, trend.total_before)]
    name = t(f"trends.{trend.key}")
    label = t("trends.spoken", name=name, value=values[0], before=values[1])
    chart.props(f'role=img aria-label="{label}"')


def _drawn(value: float | None, measure: Measure) -> float | None:
    if value is None:
        return None
    return round(value * 100, 1) if measure == Measure.SHARE else round(value, 2)


def _base() -> dict[str, Any]:
    return {
        "animation": False,
        "textStyle": {"fontFamily": "inherit"},
        "tooltip": {"trigger": "item"},
    }


def _category(labels: list[str], *, ink: str) -> dict[str, Any]:
    return {
        "type": "category",
        "data": labels,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {":color": "paletteColour('edge')"}},
        "axisLabel": {":color": f"paletteColour('{ink}')", "hideOverlap": True},
    }


def _values() -> dict[str, Any]:
    return {
        "type": "value",
        "scale": False,
        "splitNumber": 4,
        "splitLine": {"lineStyle": {":color": "paletteColour('line-soft')"}},
        "axisLabel": {":color": "paletteColour('soft')"},
    }
