"""When something is due: pure functions over working intervals, no database, no clock (R-B5, R-G6).

All instants are timezone-aware; what is returned is in UTC. Working intervals are local times of
`WorkingCalendar.zone`. While a matter is paused its time does not run: a pause costs as much
working time as lies in it (clock time where the allowance counts by the clock).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 400
MOST_CACHED_DAYS = 4000
WARNING_PERCENT = 75

Interval = tuple[time, time]
Span = tuple[datetime, datetime]
Pause = tuple[datetime, datetime | None]
"""From when to when the time stands; None while it still does."""


class NoWorkingTime(ValueError):
    """The calendar has no working time within `LOOK_AHEAD_DAYS` days."""


@dataclass(frozen=True, slots=True)
class DayKind:
    """What a day is: its intervals' name (`mon` … `sun`, `holiday`, `closed`) and why: the name
    of a text in `desk/locale/zh_CN/deadline.yml`, or empty for an ordinary weekday.

    `is_guess`: the year's holidays are not known, so only the weekday decided.
    """

    name: str
    note: str = ""
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working intervals by the name of a day's kind, and what kind each date is.

    Attributes:
        zone: time zone of the intervals.
        hours: intervals per name, sorted, not overlapping, half-open.
        kind_of: tells a date's kind; a date always has the same kind.
    """

    zone: tzinfo
    hours: Mapping[str, tuple[Interval, ...]]
    kind_of: Callable[[date], DayKind]
    _days: dict[date, tuple[Span, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    _kinds: dict[date, DayKind] = field(default_factory=dict, init=False, repr=False, compare=False)

    def kind(self, day: date) -> DayKind:
        """Return what a date is."""
        found = self._kinds.get(day)
        if found is None:
            if len(self._kinds) >= MOST_CACHED_DAYS:
                self._kinds.clear()
            found = self._kinds[day] = self.kind_of(day)
        return found

    def intervals(self, day: date) -> tuple[Span, ...]:
        """Return the working intervals of one date as instants in UTC; empty on a day off."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= MOST_CACHED_DAYS:
                self._days.clear()
            found = self._days[day] = tuple(
                (self._instant(day, first), self._instant(day, last))
                for first, last in self.hours.get(self.kind(day).name, ())
            )
        return found

    def day_of(self, instant: datetime) -> date:
        """Return the local date of an instant."""
        return instant.astimezone(self.zone).date()

    def working_from(self, start: datetime) -> Iterator[Span]:
        """Yield the working intervals from `start` on, the first one cut to begin there.

        Ends where `LOOK_AHEAD_DAYS` days in a row have no working time.
        """
        day, idle = self.day_of(start), 0
        while idle < LOOK_AHEAD_DAYS:
            idle += 1
            for first, last in self.intervals(day):
                if last > start:
                    idle = 0
                    yield max(first, start), last
            day += timedelta(days=1)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


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
    standing = _merged(pauses, start)
    open_since = standing[-1][0] if standing and standing[-1][1] is None else None
    if allowance.clock_time is not None:
        budget, steps = (
            allowance.clock_time,
            [_step("clock_time", amount=_us(allowance.clock_time))],
        )
        spans: Iterable[Span] = [(start, datetime.max.replace(tzinfo=UTC))]
    else:
        budget, steps = _budget(start, allowance, calendar, receipt_cutoff)
        spans = calendar.working_from(start)
    closed = [(first, last) for first, last in standing if last is not None]
    counted = _count(spans, closed, budget)
    due, warn = counted[-1][1], _reach(counted, _share(budget, warning_percent))
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
        return _count(calendar.working_from(start), [], allowance.working_time)[-1][1]
    return _last_day(start, allowance.working_days or 0, calendar, timedelta(0))[0]


def recompute(steps: Sequence[Mapping[str, str | int]]) -> tuple[datetime, datetime]:
    """Follow stored steps (`Step.as_json`) and return `(due_at, warn_at)`, in UTC.

    Only the arithmetic on the steps themselves is done: the counted spans must follow one another,
    keep clear of the pauses and add up to the allowance.

    Raises:
        ValueError: the steps contradict one another.
    """
    by_name = {str(step["step"]): step for step in steps}
    budget = int(next(by_name[name] for name in BUDGETS if name in by_name)["amount"])
    pauses = [_span_of(step) for step in steps if step["step"] == "pause"]
    used, end, spans = 0, _instant_of(by_name["received"]["at"]), []
    for first, last in (_span_of(step) for step in steps if step["step"] == "counted"):
        if first < end or any(a < last and first < b for a, b in pauses):
            raise ValueError("the counted spans do not follow one another")
        used, end = used + _us(last - first), last
        spans.append((first, last))
    if used != budget:
        raise ValueError("the counted spans do not add up")
    percent = int(by_name["warn"]["percent"])
    return end, _reach(spans, _share(timedelta(microseconds=budget), percent))


BUDGETS = ("clock_time", "working_time", "day_budget")
"""Names of the steps that say how much time there is."""


def pauses_from(changes: Iterable[tuple[datetime, int]]) -> tuple[Pause, ...]:
    """Return when the time stood still.

    Args:
        changes: `(instant, +1)` where a reason to pause begins, `(instant, -1)` where it ends; in
            any order. The time stands while more reasons have begun than ended.
    """
    sums: dict[datetime, int] = {}
    for at, change in changes:
        sums[at] = sums.get(at, 0) + change
    pauses: list[Pause] = []
    depth, since = 0, None
    for at in sorted(sums):
        depth += sums[at]
        if depth > 0 and since is None:
            since = at
        elif depth <= 0 and since is not None:
            pauses.append((since, at))
            since = None
    return (*pauses, (since, None)) if since is not None else tuple(pauses)


def _budget(
    start: datetime, allowance: Allowance, calendar: WorkingCalendar, cutoff: timedelta
) -> tuple[timedelta, list[Step]]:
    """Return how much working time there is; by the day: all until the end of the last day."""
    if allowance.working_time is not None:
        amount = allowance.working_time
        return amount, [_step("working_time", amount=_us(amount))]
    days = allowance.working_days or 0
    steps = [_step("working_days", days=days) if days else _step("same_day")]
    end, day_steps = _last_day(start, days, calendar, cutoff)
    amount = timedelta()
    for first, last in calendar.working_from(start):
        if first >= end:
            break
        amount += last - first
    return amount, [*steps, *day_steps, _step("day_budget", amount=_us(amount))]


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


def _merged(pauses: Iterable[Pause], start: datetime) -> list[Pause]:
    """Return the pauses after `start` in order, joined where they touch, in UTC."""
    merged: list[Pause] = []
    far = datetime.max.replace(tzinfo=UTC)
    for begin, end in sorted(pauses, key=lambda pause: (pause[0], pause[1] or far)):
        first, last = max(begin.astimezone(UTC), start), end and end.astimezone(UTC)
        if last is not None and last <= first:
            continue
        if merged and (merged[-1][1] is None or first <= merged[-1][1]):
            before, until = merged[-1]
            merged[-1] = (before, max(until, last) if until and last else None)
        else:
            merged.append((first, last))
    return merged


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


def _reach(spans: Sequence[Span], amount: timedelta) -> datetime:
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


def _instant_of(text: str | int) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def _span_of(step: Mapping[str, str | int]) -> Span:
    return _instant_of(step["begin"]), _instant_of(step["end"])


def _share(amount: timedelta, percent: int) -> timedelta:
    return amount * percent // 100


def _us(amount: timedelta) -> int:
    return amount // timedelta(microseconds=1)
