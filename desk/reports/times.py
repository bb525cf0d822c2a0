"""How long things took: counted and ranked by department and by level in two passes.

The database sorts the times once; they stream through, and only counters are kept.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from desk.reports.sql import counted, seconds_between
from desk.reports.totals import Look
from desk.tickets.filters import TicketFilter
from desk.tickets.models import Ticket

STEPS = {"answered": Ticket.first_response_at, "resolved": Ticket.resolved_at}
PERCENTS = (50, 90)
ALL = ("all", None)
ROWS_AT_ONCE = 2_000
Group = tuple[str, Any]
"""`("all", None)`, `("department", code)` or `("level", number)`."""


@dataclass(slots=True)
class Step:
    """One step's tickets by group: how many, how many in time, and seconds by (group, percent)."""

    total: Counter[Group] = field(default_factory=Counter)
    in_time: Counter[Group] = field(default_factory=Counter)
    seconds: dict[tuple[Group, int], int] = field(default_factory=dict)


@dataclass(slots=True)
class Times:
    """The steps of a period, and what is overdue at this moment, by group."""

    steps: dict[str, Step]
    overdue: Counter[Group]


def read_times(look: Look) -> Times:
    """Return the times of the period's tickets, to the second, by the nearest rank."""
    steps = {name: _step(look, name) for name in STEPS}
    overdue: Counter[Group] = Counter()
    columns = (Ticket.department, Ticket.level)
    late = select(*columns, func.count()).where(*look.tickets(TicketFilter(is_overdue=True)))
    for department, level, count in look.session.execute(late.group_by(*columns)):
        for group in _groups(department, level):
            overdue[group] += count
    return Times(steps, overdue)


def rank(total: int, percent: int) -> int:
    """Return which of `total` sorted values, from 1, is the percentile."""
    return (total * percent + 99) // 100


def _step(look: Look, name: str) -> Step:
    step, instant = Step(), STEPS[name]
    where = look.tickets(look.spanned(name))
    columns = (Ticket.department, Ticket.level)
    counts = select(*columns, func.count(), counted(instant <= Ticket.due_at)).where(*where)
    for department, level, total, in_time in look.session.execute(counts.group_by(*columns)):
        for group in _groups(department, level):
            step.total[group] += total
            step.in_time[group] += in_time
    waited = seconds_between(Ticket.created_at, instant)
    sorted_times = select(*columns, waited).where(*where).order_by(waited)
    _rank(step, look.session.execute(sorted_times.execution_options(yield_per=ROWS_AT_ONCE)))
    return step


def _rank(step: Step, rows: Iterable[Any]) -> None:
    wanted: dict[tuple[Group, int], list[int]] = {}
    for group, total in step.total.items():
        for percent in PERCENTS:
            wanted.setdefault((group, rank(total, percent)), []).append(percent)
    seen: Counter[Group] = Counter()
    for department, level, seconds in rows:
        for group in _groups(department, level):
            seen[group] += 1
            for percent in wanted.get((group, seen[group]), ()):
                step.seconds[group, percent] = seconds


def _groups(department: str, level: int) -> tuple[Group, Group, Group]:
    return ALL, ("department", department), ("level", level)
