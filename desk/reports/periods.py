"""The times that reports are about, on the company's calendar. Pure: no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from desk.clock import LOCAL_ZONE

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class PeriodKind(StrEnum):
    """How long a report's time is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a period: one bar of a chart. `begins_at` counts, `ends_at` does not."""

    first: datetime
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of time: `begins_at` counts, `ends_at` does not."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """A day, week (from Monday), month, quarter or year; `first` and `last` are local dates."""

    kind: PeriodKind
    first: date

    @property
    def last(self) -> date:
        """The last local day in it."""
        return self.next().first - timedelta(days=1)

    @property
    def begins_at(self) -> datetime:
        """The first instant, in UTC."""
        return midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it, in UTC."""
        return midnight(self.next().first)

    @property
    def span(self) -> Span:
        """The whole period as a span."""
        return Span(self.begins_at, self.ends_at)

    def first_part(self, length: timedelta) -> Span:
        """Return its beginning, of this length or the whole of it."""
        return Span(self.begins_at, min(self.ends_at, self.begins_at + length))

    def next(self) -> "Period":
        """Return the period after this one."""
        return self._moved(1)

    def previous(self) -> "Period":
        """Return the period before this one."""
        return self._moved(-1)

    def year_before(self) -> "Period":
        """Return the same period a year earlier: for a day or week, 52 weeks, so that working
        days are compared with working days."""
        if self.kind in MONTHS:
            return Period(self.kind, self.first.replace(year=self.first.year - 1))
        return Period(self.kind, self.first - timedelta(weeks=52))

    def buckets(self) -> Iterator[Bucket]:
        """Yield its parts: hours of a day, days of a week or month, weeks of a quarter (the first
        and last may be short), months of a year."""
        begin = datetime.combine(self.first, time(), LOCAL_ZONE)
        end = datetime.combine(self.next().first, time(), LOCAL_ZONE)
        while begin < end:
            after = min(self._step(begin), end)
            yield Bucket(begin, begin.astimezone(UTC), after.astimezone(UTC))
            begin = after

    def _step(self, begin: datetime) -> datetime:
        match self.kind:
            case PeriodKind.DAY:
                return begin + timedelta(hours=1)
            case PeriodKind.QUARTER:
                return begin + timedelta(days=7 - begin.weekday())
            case PeriodKind.YEAR:
                return datetime.combine(_add_months(begin.date(), 1), time(), LOCAL_ZONE)
        return begin + timedelta(days=1)

    def _moved(self, count: int) -> "Period":
        if self.kind in MONTHS:
            return Period(self.kind, _add_months(self.first, count * MONTHS[self.kind]))
        days = 7 if self.kind == PeriodKind.WEEK else 1
        return Period(self.kind, self.first + timedelta(days=days * count))


def period_of(kind: str, day: date) -> Period:
    """Return the period of this kind that `day` lies in.

    Raises:
        ValueError: no such kind, or a day too near the end of the calendar to have neighbours.
    """
    known = PeriodKind(kind)
    if not 1902 <= day.year <= 9997:
        raise ValueError("the year is out of range")
    if known == PeriodKind.WEEK:
        return Period(known, day - timedelta(days=day.weekday()))
    if known == PeriodKind.DAY:
        return Period(known, day)
    months = MONTHS[known]
    return Period(known, day.replace(month=(day.month - 1) // months * months + 1, day=1))


def midnight(day: date) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)


def _add_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)
