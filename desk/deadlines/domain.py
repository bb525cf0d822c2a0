"""When something is due: pure functions over working intervals, no database, no clock (R-B5, R-G6).

All instants are timezone-aware; working intervals are local times of `WorkingCalendar.zone`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 400

Interval = tuple[time, time]


@dataclass(frozen=True, slots=True)
class DayKind:
    """What a day is: its intervals' name (`mon` … `sun`, `holiday`, `closed`) and why: the name
    of a text in `desk/locale/zh_CN/deadline.yml`, or empty for an ordinary weekday."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working intervals by the name of a day's kind, and what kind each date is.

    Attributes:
        zone: time zone of the intervals.
        hours: intervals per name, sorted, not overlapping, half-open.
        kind_of: tells a date's kind.
    """

    zone: tzinfo
    hours: Mapping[str, tuple[Interval, ...]]
    kind_of: Callable[[date], DayKind]

    def intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the working intervals of one date as instants; empty on a day off."""
        return [
            (datetime.combine(day, first, self.zone), datetime.combine(day, last, self.zone))
            for first, last in self.hours.get(self.kind_of(day).name, ())
        ]

    def working_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working intervals from `start` on, the first one cut to begin there."""
        day = start.astimezone(self.zone).date()
        for offset in range(LOOK_AHEAD_DAYS):
            for first, last in self.intervals(day + timedelta(days=offset)):
                if last > start:
                    yield max(first, start), last


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long a matter may take; exactly one field is set.

    Attributes:
        same_day: by the end of this working day.
        working_time: time counted inside the working intervals.
        working_days: the end of the n-th working day after the day of receipt.
        clock_time: time by the clock.
    """

    same_day: bool = False
    working_time: timedelta | None = None
    working_days: int | None = None
    clock_time: timedelta | None = None

    def __post_init__(self) -> None:
        options = (self.working_time, self.working_days, self.clock_time)
        if sum(option is not None for option in options) + self.same_day != 1:
            raise ValueError("an allowance has exactly one way of counting")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation: the name of its text in `desk/locale/zh_CN/deadline.yml`
    and the values that the text names."""

    name: str
    values: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant and the steps that led to it, for whoever asks why (R-G6)."""

    due_at: datetime
    steps: tuple[Step, ...]


class NoWorkingTime(ValueError):
    """The calendar has no working time within `LOOK_AHEAD_DAYS` days."""


def compute_deadline(start: datetime, allowance: Allowance, calendar: WorkingCalendar) -> Deadline:
    """Return when a matter received at `start` is due, and why.

    Raises:
        NoWorkingTime: the calendar is empty for more than a year.
    """
    opening = _step("received", at=_show(start, calendar), when=_when(start, calendar))
    if allowance.clock_time is not None:
        due = start + allowance.clock_time
        steps = [_step("clock_time", **_split(allowance.clock_time))]
    elif allowance.working_time is not None:
        due, steps = _add_working_time(start, allowance.working_time, calendar)
    else:
        due, steps = _end_of_working_day(start, allowance.working_days or 0, calendar)
    return Deadline(due, (opening, *steps, _step("due", at=_show(due, calendar))))


def _add_working_time(
    start: datetime, amount: timedelta, calendar: WorkingCalendar
) -> tuple[datetime, list[Step]]:
    steps = [_step("working_time", **_split(amount))]
    left = amount
    for first, last in calendar.working_from(start):
        begin = _show(first, calendar)
        if last - first >= left:
            steps.append(_step("last_interval", begin=begin, **_split(left)))
            return first + left, steps
        end = f"{last.astimezone(calendar.zone):%H:%M}"
        steps.append(_step("interval", begin=begin, end=end, **_split(last - first)))
        left -= last - first
    raise NoWorkingTime


def _end_of_working_day(
    start: datetime, days: int, calendar: WorkingCalendar
) -> tuple[datetime, list[Step]]:
    """Return the end of the working day `days` after the one on which the matter counts as
    received: the day of `start`, or the next working day if its hours are over."""
    first = start.astimezone(calendar.zone).date()
    steps = [_step("working_days", days=days) if days else _step("same_day")]
    counted = -1
    for offset in range(LOOK_AHEAD_DAYS):
        day = first + timedelta(days=offset)
        ends = [last for _, last in calendar.intervals(day) if last > start]
        if not ends:
            steps.append(_step("day_off", day=f"{day}", why=_why_off(day, calendar)))
            continue
        counted += 1
        name = "working_day" if counted else "day_of_receipt"
        steps.append(_step(name, day=f"{day}", number=counted))
        if counted == days:
            return max(ends), steps
    raise NoWorkingTime


def _step(name: str, **values: str | int) -> Step:
    return Step(name, values)


def _why_off(day: date, calendar: WorkingCalendar) -> str:
    return "hours_over" if calendar.intervals(day) else calendar.kind_of(day).note or "no_hours"


def _when(instant: datetime, calendar: WorkingCalendar) -> str:
    day = instant.astimezone(calendar.zone).date()
    if any(first <= instant < last for first, last in calendar.intervals(day)):
        return "working"
    return calendar.kind_of(day).note or "not_working"


def _show(instant: datetime, calendar: WorkingCalendar) -> str:
    return f"{instant.astimezone(calendar.zone):%Y-%m-%d %H:%M}"


def _split(amount: timedelta) -> dict[str, int]:
    hours, minutes = divmod(round(amount.total_seconds() / 60), 60)
    return {"hours": hours, "minutes": minutes}
