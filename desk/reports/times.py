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


def read_overall(look: Look) -> dict[tuple[str, int], int]:
    """Return the seconds by (step, percent) over all tickets of an earlier period: the database
    sorts and counts, nothing is streamed."""
    found = {}
    for name, instant in STEPS.items():
        where = look.tickets(look.spanned(name))
        total = look.session.scalar(select(func.count()).select_from(Ticket).where(*where)) or 0
        waited = seconds_between(Ticket.created_at, instant)
        times = select(waited).where(*where).order_by(waited).limit(1)
        for percent in PERCENTS if total else ():
            seconds = look.session.scalar(times.offset(rank(total, percent) - 1))
            if seconds is not None:
                found[name, percent] = seconds
    return found


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


@dataclass(slots=True)
class _Counter:
    """Counts a group's times as they come, sorted, and says at which ranks to look."""

    ranks: list[tuple[int, int]]
    seen: int = 0
    next_rank: int = field(init=False)
    found: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next_rank = self.ranks[0][0]

    def take(self, seconds: int) -> None:
        """Keep the value of each percentile at this rank, and wait for the next one."""
        while self.ranks and self.ranks[0][0] == self.seen:
            self.found[self.ranks.pop(0)[1]] = seconds
        self.next_rank = self.ranks[0][0] if self.ranks else 0


def _rank(step: Step, rows: Iterable[Any]) -> None:
    counters = {
        group: _Counter([(rank(total, percent), percent) for percent in PERCENTS])
        for group, total in step.total.items()
    }
    of_pair: dict[tuple[str, int], list[_Counter]] = {}
    for department, level, seconds in rows:
        found = of_pair.get((department, level))
        if found is None:
            # A ticket may have come between the two queries: its group was not counted.
            groups = _groups(department, level)
            found = [counters[group] for group in groups if group in counters]
            of_pair[department, level] = found
        for counter in found:
            counter.seen += 1
            if counter.seen == counter.next_rank:
                counter.take(seconds)
    for group, counter in counters.items():
        for percent, seconds in counter.found.items():
            step.seconds[group, percent] = seconds


def _groups(department: str, level: int) -> tuple[Group, Group, Group]:
    return ALL, ("department", department), ("level", level)
