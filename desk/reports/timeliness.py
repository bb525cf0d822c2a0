"""How fast: by department and by level, in time or not, medians and ninetieth percentiles."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.locale import t
from desk.reports.model import Grid, Line, Number, RowList, Rows, Unit
from desk.reports.row_filter import RowFilter, happened_in, in_time
from desk.reports.sql import counted, mean, pairs, seconds_between
from desk.reports.times import ALL, PERCENTS, Group, Times, read_overall
from desk.reports.totals import Look, other_rows, share, ticket_rows
from desk.tickets.domain import DEPARTMENTS
from desk.tickets.filters import TicketFilter
from desk.tickets.models import Ticket
from desk.tickets.view import department_name

LEVELS = (0, 1, 2)
COLUMNS = (
    "answered", "answered_in_time", "answer_median", "answer_p90",
    "resolved", "resolved_in_time", "resolve_median", "resolve_p90",
    "overdue_now",
)  # fmt: skip
TIME_KEYS = {
    ("answered", 50): "answer_median",
    ("answered", 90): "answer_p90",
    ("resolved", 50): "resolve_median",
    ("resolved", 90): "resolve_p90",
}
"""Figures of the times, by step and percent."""
OVERDUE = TicketFilter(is_overdue=True)


def by_department(look: Look, times: Times) -> Grid:
    """Return the timeliness of each department that had anything to do."""
    scores = _satisfaction(look)
    lines = []
    for code in DEPARTMENTS:
        cells = _cells(look, times, ("department", code), department=(code,))
        if not any(cell.value for cell in cells):
            continue
        answers = happened_in(look.span, is_answered=True, department=code)
        score = Number(scores.get(code), Unit.SCORE, other_rows(RowList.ANSWERS, answers))
        lines.append(Line(code, department_name(code), (*cells, score)))
    return Grid("department", (*COLUMNS, "satisfaction"), tuple(lines))


def by_level(look: Look, times: Times) -> Grid:
    """Return the timeliness of tickets by how high they went."""
    lines = []
    for level in LEVELS:
        cells = _cells(look, times, ("level", level), level_min=level, level_max=level)
        if any(cell.value for cell in cells):
            lines.append(Line(str(level), _level_name(level), tuple(cells)))
    return Grid("level", COLUMNS, tuple(lines))


def overall(look: Look, times: Times) -> dict[str, Number]:
    """Return the times over all tickets, and what is overdue at this moment."""
    numbers = {"overdue_now": Number(times.overdue[ALL], rows=ticket_rows(OVERDUE))}
    for (name, percent), key in TIME_KEYS.items():
        seconds = times.steps[name].seconds.get((ALL, percent))
        numbers[key] = _hours(seconds, ticket_rows(look.spanned(name)))
    return numbers


def earlier(look: Look) -> dict[str, float]:
    """Return the times over all tickets of an earlier period, in hours."""
    return {TIME_KEYS[step]: seconds / 3600 for step, seconds in read_overall(look).items()}


def escalations(look: Look) -> Grid:
    """Return who was told at each level, and whether they acknowledged in time."""
    good, bad = in_time(look.now)
    waited = seconds_between(Escalation.created_at, Escalation.acknowledged_at)
    happened = happened_in(look.span)
    where = look.rows(RowList.ESCALATIONS, happened)
    query = (
        select(Escalation.level, func.count(), counted(good), counted(bad), mean(waited))
        .where(*where)
        .group_by(Escalation.level)
        .order_by(Escalation.level)
    )
    lines = []
    for level, count, on_time, late, seconds in look.session.execute(query):
        wanted = happened_in(look.span, level=level)
        cells = (
            Number(count, rows=_escalated(wanted)),
            Number(on_time, rows=_escalated(replace(wanted, is_in_time=True))),
            Number(late, rows=_escalated(replace(wanted, is_in_time=False))),
            _hours(seconds, _escalated(wanted)),
        )
        lines.append(Line(str(level), _level_name(level), cells))
    columns = ("escalated", "acknowledged_in_time", "acknowledged_late", "acknowledge_mean")
    return Grid("escalation", columns, tuple(lines))


def satisfaction(look: Look) -> Grid:
    """Return how often each answer was given, the best first."""
    given = happened_in(look.span, is_answered=True)
    query = (
        select(Survey.score, func.count())
        .where(*look.rows(RowList.ANSWERS, given))
        .group_by(Survey.score)
    )
    counts = pairs(look.session, query)
    total, base = sum(counts.values()), other_rows(RowList.ANSWERS, given)
    lines = []
    for score in range(5, 0, -1):
        count = counts.get(score, 0)
        rows = other_rows(RowList.ANSWERS, replace(given, score=score))
        cells = (Number(count, rows=rows), share(count, total, rows, base))
        lines.append(Line(str(score), t(f"report.score.{score}"), cells))
    return Grid("satisfaction", ("answers", "share"), tuple(lines) if total else ())


def _cells(look: Look, times: Times, group: Group, **narrow: Any) -> list[Number]:
    cells: list[Number] = []
    for name, step in times.steps.items():
        rows = ticket_rows(look.spanned(name, **narrow))
        on_time = ticket_rows(look.spanned(name, **{f"{name}_late": False}, **narrow))
        total = step.total[group]
        cells += (Number(total, rows=rows), share(step.in_time[group], total, on_time, rows))
        cells += (_hours(step.seconds.get((group, percent)), rows) for percent in PERCENTS)
    overdue = ticket_rows(replace(OVERDUE, **narrow))
    return [*cells, Number(times.overdue[group], rows=overdue)]


def _satisfaction(look: Look) -> dict[str, float]:
    given = happened_in(look.span, is_answered=True)
    query = (
        select(Ticket.department, mean(Survey.score))
        .join(Ticket, Ticket.id == Survey.ticket_id)
        .where(*look.rows(RowList.ANSWERS, given))
        .group_by(Ticket.department)
    )
    return pairs(look.session, query)


def _hours(seconds: float | None, rows: Rows) -> Number:
    return Number(None if seconds is None else seconds / 3600, Unit.HOURS, rows)


def _escalated(wanted: RowFilter) -> Rows:
    return other_rows(RowList.ESCALATIONS, wanted)


def _level_name(level: int) -> str:
    return t(f"ticket.level_{level}")
