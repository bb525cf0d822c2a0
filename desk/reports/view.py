"""Reports in words: titles, values with their units, and changes."""

from dataclasses import dataclass
from typing import Any, Literal

from desk.clock import to_local
from desk.locale import t
from desk.reports.model import Figure, Grid, Number, Report, Rows, Unit
from desk.reports.periods import Period
from desk.tickets.view import department_name

GROUPS: dict[str, tuple[str, ...]] = {
    "flow": ("opened", "resolved", "closed", "open_at_end", "resolution_rate", "overdue_now"),
    "time": ("answered_in_time", "answer_median", "answer_p90",
             "resolved_in_time", "resolve_median", "resolve_p90"),
    "satisfaction": ("satisfaction", "answers", "response_rate"),
    "pressing": ("urged", "pressed", "reopened", "escalated"),
    "talks": ("conversations", "handed_over",
              "turns_customer", "turns_bot", "turns_agent", "turns_system"),
}  # fmt: skip
"""Key figures in the order and groups in which people read them."""
BETTER_UP = frozenset(
    {"resolution_rate", "answered_in_time", "resolved_in_time", "satisfaction", "response_rate"}
)
BETTER_DOWN = frozenset(
    {"open_at_end", "urged", "pressed", "reopened", "escalated"}
    | {"answer_median", "answer_p90", "resolve_median", "resolve_p90"}
)
Trend = Literal["better", "worse", "even"]


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved, in words with an arrow, and whether that is good."""

    text: str
    trend: Trend


def title(report: Report) -> str:
    """Return what the report is called, e.g. 服务月报 2026年11月."""
    return f"{t(f'report.title_of.{report.period.kind}')} {span_text(report.period)}"


def subtitle(report: Report, company: str) -> str:
    """Return whose it is and when the figures were taken."""
    values = {
        "company": company,
        "span": span_text(report.period),
        "made_at": f"{to_local(report.made_at):%Y-%m-%d %H:%M}",
    }
    text = t("report.subtitle", **values)
    if report.department:
        department = department_name(report.department)
        text = t("report.subtitle_department", department=department, **values)
    return f"{text} · {t('report.running')}" if report.is_running else text


def span_text(period: Period) -> str:
    """Return the time of a period, e.g. 2026年第4季度."""
    first, last = period.first, period.last
    return t(
        f"report.span.{period.kind}",
        year=first.year,
        month=first.month,
        day=first.day,
        weekday="一二三四五六日"[first.weekday()],
        last_month=last.month,
        last_day=last.day,
        quarter=(first.month - 1) // 3 + 1,
    )


def figure_name(key: str) -> str:
    """Return the name of a key figure."""
    return t(f"report.figure.{key}")


def column_name(key: str) -> str:
    """Return the name of a table's column."""
    return t(f"report.column.{key}")


def grid_head(grid: Grid) -> list[str]:
    """Return the head of a table, the labels' column first."""
    return [t(f"report.head.{grid.key}"), *(column_name(name) for name in grid.columns)]


def value_text(number: Number) -> str:
    """Return a value with its unit; a dash where there is none."""
    value = number.value
    if value is None:
        return t("report.value.none")
    match number.unit:
        case Unit.SHARE:
            return f"{value:.1%}"
        case Unit.HOURS:
            return _time_text(value)
        case Unit.SCORE:
            return t("report.value.score", score=f"{value:.2f}")
    return f"{int(value):,}"


def change(figure: Figure, *, from_year: bool = False) -> Change | None:
    """Return how the figure differs from the period before, or from a year before; None where
    the figure is of this moment only."""
    key, now = figure.key, figure.number.value
    before = figure.year_before if from_year else figure.before
    year = "_year" if from_year else ""
    if key not in _COMPARED:
        return None
    if before is None or now is None:
        return Change(t(f"report.change.none{year}"), "even")
    gap = now - before
    amount = _gap_text(figure.number.unit, gap, before)
    if amount is None:
        return Change(t(f"report.change.same{year}"), "even")
    direction = "up" if gap > 0 else "down"
    return Change(t(f"report.change.{direction}{year}", amount=amount), _trend(key, gap))


def report_json(report: Report) -> dict[str, Any]:
    """Return a report for other systems: every number with the filter of its rows."""
    period = report.period
    return {
        "period": period.kind,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "begins_at": period.begins_at.isoformat(),
        "ends_at": period.ends_at.isoformat(),
        "made_at": report.made_at.isoformat(),
        "department": report.department,
        "is_empty": report.is_empty,
        "is_running": report.is_running,
        "figures": {
            key: {
                **_number_json(figure.number),
                "before": figure.before,
                "year_before": figure.year_before,
            }
            for key, figure in report.figures.items()
        },
        "tables": {
            key: [
                {
                    "key": line.key,
                    "label": line.label,
                    **{
                        name: _number_json(number)
                        for name, number in zip(grid.columns, line.cells, strict=True)
                    },
                }
                for line in grid.lines
            ]
            for key, grid in report.grids.items()
        },
    }


_COMPARED = frozenset(key for keys in GROUPS.values() for key in keys) - {"overdue_now"}


def _number_json(number: Number) -> dict[str, Any]:
    return {
        "value": number.value,
        "unit": number.unit,
        "rows": _rows_json(number.rows),
        "of": _rows_json(number.base),
    }


def _rows_json(rows: Rows | None) -> dict[str, Any] | None:
    return (
        None if rows is None else {"list": rows.list, "filter": dict(rows.filter), "url": rows.url}
    )


def _trend(key: str, gap: float) -> Trend:
    if key in BETTER_UP:
        return "better" if gap > 0 else "worse"
    if key in BETTER_DOWN:
        return "worse" if gap > 0 else "better"
    return "even"


def _gap_text(unit: Unit, gap: float, before: float) -> str | None:
    """Return the size of a change; None if nobody would see it."""
    size = abs(gap)
    match unit:
        case Unit.SHARE:
            points = f"{size * 100:.1f}"
            return None if points == "0.0" else t("report.change.points", points=points)
        case Unit.SCORE:
            score = f"{size:.2f}"
            return None if score == "0.00" else t("report.value.score", score=score)
        case Unit.HOURS:
            return _time_text(size) if round(size * 60) else None
    if not size:
        return None
    amount = f"{int(size):,}"
    if not before:
        return amount
    return t("report.change.percent", amount=amount, percent=f"{size / before:.1%}")


def _time_text(hours: float) -> str:
    if hours < 1:
        return t("report.value.minutes", minutes=round(hours * 60))
    if hours < 48:
        return t("report.value.hours", hours=f"{hours:.1f}")
    return t("report.value.days", days=f"{hours / 24:.1f}")
