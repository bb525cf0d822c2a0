"""How long things took: counted and ranked by department and by level in one pass.

The database lists the times of each department and level in one text: a year of 200,000 tickets is
a megabyte of them, and hardly any rows.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, cast, func, select

from desk.reports.sql import counted, seconds_between
from desk.reports.totals import Look
from desk.tickets.filters import TicketFilter
from desk.tickets.models import Ticket

STEPS = {"answered": Ticket.first_response_at, "resolved": Ticket.resolved_at}
PERCENTS = (50, 90)
ALL = ("all", None)
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
    columns = (Ticket.department, Ticket.level)
    seconds = func.aggregate_strings(cast(seconds_between(Ticket.created_at, instant), String), ",")
    query = (
        select(*columns, func.count(), counted(instant <= Ticket.due_at), seconds)
        .where(*look.tickets(look.spanned(name)))
        .group_by(*columns)
    )
    waited: dict[Group, list[NDArray[np.int64]]] = defaultdict(list)
    for department, level, total, in_time, listed in look.session.execute(query):
        times = np.array(listed.split(","), dtype=np.int64)
        for group in _groups(department, level):
            step.total[group] += total
            step.in_time[group] += in_time
            waited[group].append(times)
    for group, parts in waited.items():
        ordered = np.sort(np.concatenate(parts))
        for percent in PERCENTS:
            step.seconds[group, percent] = int(ordered[rank(len(ordered), percent) - 1])
    return step


def _groups(department: str, level: int) -> tuple[Group, Group, Group]:
    return ALL, ("department", department), ("level", level)
