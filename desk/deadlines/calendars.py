"""When people work: intervals of each day as instants, remembered per calendar and day.

Working intervals are local times of `WorkingCalendar.zone`; what is returned is in UTC.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 400
MOST_CACHED_DAYS = 4000

Interval = tuple[time, time]
Span = tuple[datetime, datetime]


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
