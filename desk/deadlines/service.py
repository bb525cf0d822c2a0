"""When a ticket is due by the service profile in force, and why, in Chinese."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.clock import to_local, utc_now
from desk.deadlines.chinese_days import library_knows
from desk.deadlines.current import (
    PROFILES_FILE,
    current_profile,
    days_in_use,
    profile_problems,
    read_profile,
    use_days,
    use_profile,
    watch_profile,
)
from desk.deadlines.domain import BUDGETS, Allowance, Deadline, compute_deadline
from desk.deadlines.pauses import Pause
from desk.deadlines.profiles import ServiceProfile
from desk.deadlines.replay import recompute
from desk.locale import t

__all__ = [
    "PROFILES_FILE",
    "DueDate",
    "agreed_deadline",
    "calendar_warning",
    "current_profile",
    "deadline_for",
    "explain",
    "profile_problems",
    "read_profile",
    "recompute",
    "use_days",
    "use_profile",
    "watch_profile",
]

StoredStep = Mapping[str, str | int]
WARNING_FROM = (11, 1)
"""Month and day from which next year's holidays should be known: the arrangement is published
in November."""


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a ticket is due and when to warn.

    Attributes:
        due_at, warn_at: in UTC.
        trace: the calculation in Chinese, a line a step.
        steps: the same for `recompute`, to be stored with the ticket.
        left: what was left when the present pause began; None unless paused.
    """

    due_at: datetime
    warn_at: datetime
    trace: tuple[str, ...]
    steps: tuple[dict[str, str | int], ...]
    left: timedelta | None = None


def deadline_for(
    kind: str,
    severity: str,
    start: datetime,
    *,
    channel: str = "web",
    pauses: Iterable[Pause] = (),
    is_transferred: bool = False,
    is_recalled: bool = False,
) -> DueDate:
    """Return when a ticket of this kind and severity received at `start` is due, and why.

    Args:
        channel: how it came in; a profile may allow letters more time.
        pauses: when its time stood still.
        is_transferred: a department has it; the later of both allowances counts.
        is_recalled: a department had it, and it was taken back; only told in the trace.
    """
    profile, pauses = current_profile(), tuple(pauses)
    allowances = [profile.allowance(kind, severity, channel)]
    if is_transferred and (more := profile.transferred_allowance(kind, severity)):
        allowances.append(more)
    found = [_compute(profile, start, allowance, pauses) for allowance in allowances]
    deadline = max(found, key=lambda one: one.due_at)
    steps = tuple(step.as_json() for step in deadline.steps)
    opening = [t("deadline.profile", name=profile.name)]
    if deadline is not found[0]:
        opening.append(t("deadline.transferred"))
    elif is_recalled:
        opening.append(t("deadline.recalled"))
    return DueDate(
        due_at=deadline.due_at,
        warn_at=deadline.warn_at,
        trace=(*opening, *explain(steps)),
        steps=steps,
        left=deadline.left,
    )


def agreed_deadline(
    agreed_at: datetime, due_at: datetime, *, pauses: Iterable[Pause] = ()
) -> DueDate:
    """Return the deadline that people agreed on, by the clock, and when to warn."""
    profile = current_profile()
    deadline = compute_deadline(
        agreed_at,
        Allowance(clock_time=due_at - agreed_at),
        profile.calendar,
        pauses=pauses,
        warning_percent=profile.warning_percent,
    )
    steps = tuple(step.as_json() for step in deadline.steps)
    trace = (t("deadline.agreed"), *explain(steps))
    return DueDate(deadline.due_at, deadline.warn_at, trace, steps, deadline.left)


def explain(steps: Sequence[StoredStep]) -> list[str]:
    """Return the steps of a calculation in Chinese. How time was counted span by span is told
    only where it matters: for working hours, and after a pause."""
    names = {str(step["step"]) for step in steps}
    is_counted = bool(names & {"working_time", "pause", "pause_open"})
    return [
        _line(step) for step in steps if is_counted or step["step"] not in ("counted", "day_budget")
    ]


def calendar_warning(today: date | None = None) -> str | None:
    """Return what to tell supervisors when holidays are missing; None while all is well.

    Missing are those of this year, and from 1 November those of the next.
    """
    day = today or to_local(utc_now()).date()
    years = [day.year]
    if (day.month, day.day) >= WARNING_FROM:
        years.append(day.year + 1)
    imported = {one.year for one in days_in_use()}
    missing = [f"{year}" for year in years if not library_knows(year) and year not in imported]
    return t("deadline.calendar_warning", years="、".join(missing)) if missing else None


def _compute(
    profile: ServiceProfile, start: datetime, allowance: Allowance, pauses: tuple[Pause, ...]
) -> Deadline:
    return compute_deadline(
        start,
        allowance,
        profile.calendar,
        pauses=pauses,
        warning_percent=profile.warning_percent,
        receipt_cutoff=profile.receipt_cutoff,
    )


def _line(step: StoredStep) -> str:
    name = str(step["step"])
    values: dict[str, str | int] = dict(step)
    for field in ("at", "begin", "end"):
        if field in values:
            values[field] = _moment(str(values[field]))
    for field in ("when", "why"):
        if field in values:
            values[field] = t(f"deadline.{values[field]}")
    if name in BUDGETS:
        values.update(_hours(int(values["amount"])))
    if name == "counted":
        length = datetime.fromisoformat(str(step["end"])) - datetime.fromisoformat(
            str(step["begin"])
        )
        values.update(_hours(length // timedelta(microseconds=1)))
    return t(f"deadline.{name}", **values)


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"


def _hours(microseconds: int) -> dict[str, str | int]:
    hours, minutes = divmod(round(microseconds / 60e6), 60)
    return {"hours": hours, "minutes": minutes}
