"""How fast: by department and by level, in time or not, medians and ninetieth percentiles."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select

from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.locale import t
from desk.reports.model import Grid, Line, Number, RowList, Rows, Unit
from desk.reports.row_filter import RowFilter, happened_in, in_time
from desk.reports.sql import MEDIAN, P90, counted, mean, pairs, percentiles, seconds_between
from desk.reports.totals import Look, other_rows, share, ticket_rows
from desk.tickets.domain import DEPARTMENTS
from desk.tickets.filters import TicketFilter
from desk.tickets.models import Ticket
from desk.tickets.view import department_name

LEVELS = (0, 1, 2)
STEPS = {"answered": Ticket.first_response_at, "resolved": Ticket.resolved_at}
COLUMNS = (
    "answered", "answered_in_time", "answer_median", "answer_p90",
    "resolved", "resolved_in_time", "resolve_median", "resolve_p90",
    "overdue_now",
)  # fmt: skip
Narrow = Callable[[TicketFilter, Any], TicketFilter]


def by_department(look: Look) -> Grid:
    """Return the timeliness of each department that had anything to do."""

    def narrow(wanted: TicketFilter, code: Any) -> TicketFilter:
        return replace(wanted, department=(code,))

    lines = _lines(look, Ticket.department, DEPARTMENTS, narrow, department_name)
    scores = _satisfaction(look)
    with_scores = []
    for line in lines:
        answers = happened_in(look.period, is_answered=True, department=line.key)
        rows = other_rows(RowList.ANSWERS, answers)
        score = Number(scores.get(line.key), Unit.SCORE, rows)
        with_scores.append(replace(line, cells=(*line.cells, score)))
    return Grid("department", (*COLUMNS, "satisfaction"), tuple(with_scores))


def by_level(look: Look) -> Grid:
    """Return the timeliness of tickets by how high they went."""

    def narrow(wanted: TicketFilter, level: Any) -> TicketFilter:
        return replace(wanted, level_min=level, level_max=level)

    lines = _lines(look, Ticket.level, LEVELS, narrow, _level_name)
    return Grid("level", COLUMNS, tuple(lines))


def overall(look: Look) -> dict[str, Number]:
    """Return the times over all tickets, and what is overdue at this moment."""
    found = _times(look, literal(0))
    overdue = TicketFilter(is_overdue=True)
    query = select(func.count()).select_from(Ticket).where(*look.tickets(overdue))
    numbers = {"overdue_now": Number(look.session.scalar(query), rows=ticket_rows(overdue))}
    for name, short in (("answered", "answer"), ("resolved", "resolve")):
        rows = ticket_rows(look.spanned(name))
        for share_, column in ((MEDIAN, "median"), (P90, "p90")):
            seconds = found[name].get((0, share_))
            numbers[f"{short}_{column}"] = _hours(seconds, rows)
    return numbers


def escalations(look: Look) -> Grid:
    """Return who was told at each level, and whether they acknowledged in time."""
    good, bad = in_time(look.now)
    waited = seconds_between(Escalation.created_at, Escalation.acknowledged_at)
    happened = happened_in(look.period)
    where = look.rows(RowList.ESCALATIONS, happened)
    query = (
        select(Escalation.level, func.count(), counted(good), counted(bad), mean(waited))
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .where(*where)
        .group_by(Escalation.level)
        .order_by(Escalation.level)
    )
    lines = []
    for level, count, on_time, late, seconds in look.session.execute(query):
        wanted = happened_in(look.period, level=level)
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
    given = happened_in(look.period, is_answered=True)
    query = (
        select(Survey.score, func.count())
        .join(Ticket, Ticket.id == Survey.ticket_id)
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


def _lines(
    look: Look,
    group: ColumnElement[Any] | Any,
    keys: Iterable[Any],
    narrow: Narrow,
    label: Callable[[Any], str],
) -> list[Line]:
    counts = {name: _counts(look, group, name) for name in STEPS}
    times = _times(look, group)
    overdue = TicketFilter(is_overdue=True)
    query = select(group, func.count()).where(*look.tickets(overdue)).group_by(group)
    late: dict[Any, int] = pairs(look.session, query)
    lines = []
    for key in keys:
        if not (late.get(key) or any(found.get(key) for found in counts.values())):
            continue
        cells: list[Number] = []
        for name in STEPS:
            on_time = ticket_rows(narrow(look.spanned(name, **{f"{name}_late": False}), key))
            rows = ticket_rows(narrow(look.spanned(name), key))
            total, good = counts[name].get(key, (0, 0))
            cells += (Number(total, rows=rows), share(good, total, on_time, rows))
            cells += (_hours(times[name].get((key, one)), rows) for one in (MEDIAN, P90))
        cells.append(Number(late.get(key, 0), rows=ticket_rows(narrow(overdue, key))))
        lines.append(Line(str(key), label(key), tuple(cells)))
    return lines


def _counts(look: Look, group: Any, name: str) -> dict[Any, tuple[int, int]]:
    in_time = counted(STEPS[name] <= Ticket.due_at)
    query = select(group, func.count(), in_time).where(*look.tickets(look.spanned(name)))
    return {key: (total, good) for key, total, good in look.session.execute(query.group_by(group))}


def _times(look: Look, group: Any) -> dict[str, dict[tuple[Any, int], int]]:
    """Return seconds by step, group and percentile."""
    found: dict[str, dict[tuple[Any, int], int]] = {}
    for name, instant in STEPS.items():
        waited = seconds_between(Ticket.created_at, instant)
        where = look.tickets(look.spanned(name))
        rows = look.session.execute(percentiles(waited, group, *where))
        found[name] = {}
        for key, rank, total, seconds in rows:
            for percent in (MEDIAN, P90):
                if rank == (total * percent + 99) // 100:
                    found[name][key, percent] = seconds
    return found


def _satisfaction(look: Look) -> dict[str, float]:
    given = happened_in(look.period, is_answered=True)
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
