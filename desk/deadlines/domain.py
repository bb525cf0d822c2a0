"""When something is due: pure functions over working intervals, no database, no clock (R-B5, R-G6).

All instants are timezone-aware; what is returned is in UTC. Working intervals are local times of
`WorkingCalendar.zone`. While a matter is paused its time does not run: a pause costs as much
working time as lies in it (clock time where the allowance counts by the clock).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from desk.deadlines.calendars import LOOK_AHEAD_DAYS, NoWorkingTime, Span, WorkingCalendar
from desk.deadlines.pauses import Pause, merged_after

WARNING_PERCENT = 75
BUDGETS = ("clock_time", "working_time", "day_budget")
"""Names of the steps that say how much time there is."""


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
    """One step of a calculation: the name of its text in `desk/locale/zh_CN/deadline.yml` and
    its values: instants as ISO 8601 (exact, local), lengths of time in whole microseconds."""

    name: str
    values: Mapping[str, str | int]

    def as_json(self) -> dict[str, str | int]:
        """Return the step as one flat object, for storing."""
        return {"step": self.name, **self.values}


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant and the steps that led to it, for whoever asks why (R-G6).

    Attributes:
        due_at: when it must be done; while it is paused, when it would be if it went on at once.
        warn_at: when the warning share of its time is used up; never after `due_at`.
        steps: how both came about; `recompute` follows them to the same instants.
        is_paused: the last pause is still open.
        left: time that was left when the open pause began; None unless paused.
    """

    due_at: datetime
    warn_at: datetime
    steps: tuple[Step, ...]
    is_paused: bool = False
    left: timedelta | None = None


def compute_deadline(
    start: datetime,
    allowance: Allowance,
    calendar: WorkingCalendar,
    *,
    pauses: Iterable[Pause] = (),
    warning_percent: int = WARNING_PERCENT,
    receipt_cutoff: timedelta = timedelta(0),
) -> Deadline:
    """Return when a matter received at `start` is due, when to warn, and why.

    Args:
        start: when it was received.
        allowance: how long it may take.
        calendar: when people work.
        pauses: in any order; they may overlap or lie outside the matter's time.
        warning_percent: part of the working time after which to warn, 1 to 100.
        receipt_cutoff: a matter received within so much of the end of a day's working time counts
            as received on the next working day (allowances by the day only).

    Raises:
        NoWorkingTime: the calendar is empty for more than a year.
    """
    start = start.astimezone(UTC)
    opening = [_step("received", at=_iso(start, calendar), when=_when(start, calendar))]
    standing = merged_after(pauses, start)
    open_since = standing[-1][0] if standing and standing[-1][1] is None else None
    if allowance.clock_time is not None:
        budget, steps = (
            allowance.clock_time,
            [_step("clock_time", amount=us(allowance.clock_time))],
        )
        spans: Iterable[Span] = [(start, datetime.max.replace(tzinfo=UTC))]
    else:
        budget, steps = _budget(start, allowance, calendar, receipt_cutoff)
        spans = calendar.working_from(start)
    closed = [(first, last) for first, last in standing if last is not None]
    counted = _count(spans, closed, budget)
    due, warn = counted[-1][1], reach(counted, share(budget, warning_percent))
    steps += _explain_pauses(standing, due, calendar)
    steps += [_step("counted", begin=_iso(a, calendar), end=_iso(b, calendar)) for a, b in counted]
    steps += _explain_years(calendar, start, due)
    steps.append(_step("warn", at=_iso(warn, calendar), percent=warning_percent))
    is_paused = open_since is not None and open_since < due
    steps.append(_step("due_if_resumed" if is_paused else "due", at=_iso(due, calendar)))
    left = _time_after(open_since, counted) if is_paused and open_since else None
    return Deadline(due, warn, (*opening, *steps), is_paused, left)


def due_after(start: datetime, allowance: Allowance, calendar: WorkingCalendar) -> datetime:
    """Return the same `due_at` as `compute_deadline` without pauses, cut-off and trace: faster."""
    start = start.astimezone(UTC)
    if allowance.clock_time is not None:
        return start + allowance.clock_time
    if allowance.working_time is not None:
        return _later(start, allowance.working_time, calendar)
    return _last_day(start, allowance.working_days or 0, calendar, timedelta(0))[0]


def _later(start: datetime, amount: timedelta, calendar: WorkingCalendar) -> datetime:
    """Return when so much working time has passed since `start`."""
    for first, last in calendar.working_from(start):
        if last - first >= amount:
            return first + amount
        amount -= last - first
    raise NoWorkingTime


def _budget(
    start: datetime, allowance: Allowance, calendar: WorkingCalendar, cutoff: timedelta
) -> tuple[timedelta, list[Step]]:
    """Return how much working time there is; by the day: all until the end of the last day."""
    if allowance.working_time is not None:
        amount = allowance.working_time
        return amount, [_step("working_time", amount=us(amount))]
    days = allowance.working_days or 0
    steps = [_step("working_days", days=days) if days else _step("same_day")]
    end, day_steps = _last_day(start, days, calendar, cutoff)
    amount = timedelta()
    for first, last in calendar.working_from(start):
        if first >= end:
            break
        amount += last - first
    return amount, [*steps, *day_steps, _step("day_budget", amount=us(amount))]


def _last_day(
    start: datetime, days: int, calendar: WorkingCalendar, cutoff: timedelta
) -> tuple[datetime, list[Step]]:
    """Return the end of the working day `days` after the one on which the matter counts as
    received: the day of `start`, or the next working day if its hours are (nearly) over."""
    first = calendar.day_of(start)
    steps: list[Step] = []
    counted, idle = -1, 0
    day = first
    while idle < LOOK_AHEAD_DAYS:
        spans = [(max(a, start), b) for a, b in calendar.intervals(day) if b > start]
        why = _why_not(day, spans, start, calendar, cutoff if counted < 0 else timedelta(0))
        if why:
            steps.append(_step("day_off", day=f"{day}", why=why))
            idle += 1
        else:
            counted, idle = counted + 1, 0
            name = "working_day" if counted else "day_of_receipt"
            steps.append(_step(name, day=f"{day}", number=counted))
            if counted == days:
                return spans[-1][1], steps
        day += timedelta(days=1)
    raise NoWorkingTime


def _why_not(
    day: date, spans: list[Span], start: datetime, calendar: WorkingCalendar, cutoff: timedelta
) -> str:
    """Return why a day does not count, or an empty text."""
    whole = calendar.intervals(day)
    if not spans:
        return "hours_over" if whole else calendar.kind(day).note or "no_hours"
    left = _time_after(start, spans)
    return "too_late" if start > whole[0][0] and left < cutoff else ""


def _count(spans: Iterable[Span], pauses: Sequence[Span], amount: timedelta) -> list[Span]:
    """Return the spans, cut where they are paused, of which the first `amount` is made."""
    counted: list[Span] = []
    for first, last in _without(spans, pauses):
        if last - first >= amount:
            counted.append((first, first + amount))
            return counted
        counted.append((first, last))
        amount -= last - first
    raise NoWorkingTime


def _time_after(instant: datetime, spans: Sequence[Span]) -> timedelta:
    return sum((b - max(a, instant) for a, b in spans if b > instant), timedelta())


def _without(spans: Iterable[Span], pauses: Sequence[Span]) -> Iterator[Span]:
    for first, last in spans:
        for begin, end in pauses:
            if end <= first:
                continue
            if begin >= last:
                break
            if begin > first:
                yield first, begin
            first = end
        if first < last:
            yield first, last


def reach(spans: Sequence[Span], amount: timedelta) -> datetime:
    """Return when so much of the spans' time has passed."""
    for first, last in spans:
        if last - first >= amount:
            return first + amount
        amount -= last - first
    return spans[-1][1]


def _explain_pauses(
    pauses: Sequence[Pause], due: datetime, calendar: WorkingCalendar
) -> list[Step]:
    steps = []
    for begin, end in pauses:
        if begin >= due:
            break
        if end is None:
            steps.append(_step("pause_open", begin=_iso(begin, calendar)))
        else:
            span = {"begin": _iso(begin, calendar), "end": _iso(end, calendar)}
            steps.append(_step("pause", **span))
    return steps


def _explain_years(calendar: WorkingCalendar, start: datetime, due: datetime) -> list[Step]:
    """Say for which years only the weekdays decided, because their holidays are not known."""
    first, last = calendar.day_of(start), calendar.day_of(due)
    days = [first, *(date(year, 1, 1) for year in range(first.year + 1, last.year + 1))]
    return [_step("unknown_year", year=day.year) for day in days if calendar.kind(day).is_guess]


def _step(name: str, **values: str | int) -> Step:
    return Step(name, values)


def _when(instant: datetime, calendar: WorkingCalendar) -> str:
    day = calendar.day_of(instant)
    if any(first <= instant < last for first, last in calendar.intervals(day)):
        return "working"
    return calendar.kind(day).note or "not_working"


def _iso(instant: datetime, calendar: WorkingCalendar) -> str:
    return instant.astimezone(calendar.zone).isoformat()


def share(amount: timedelta, percent: int) -> timedelta:
    """Return so many percent of a length of time, rounded down to the microsecond."""
    return amount * percent // 100


def us(amount: timedelta) -> int:
    """Return a length of time in whole microseconds."""
    return amount // timedelta(microseconds=1)
