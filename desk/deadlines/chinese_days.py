"""What kind of day a date is in mainland China: weekday, public holiday, make-up working day.

The library `chinese_calendar` knows the years whose arrangement had been published when it was
released. For later years the company imports the days itself (`desk.deadlines.imported`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import chinese_calendar

from desk.deadlines.calendars import DAY_NAMES, DayKind

HOLIDAY, WORKDAY = "holiday", "workday"
MAKE_UP_HOURS = "mon"
"""Make-up working days follow Monday's hours."""


@dataclass(frozen=True, slots=True)
class ChineseDays:
    """Tells a date's kind.

    Attributes:
        closing_days: days on which the company itself is closed.
        imported: `holiday` or `workday` by date, for years that the library does not know.
    """

    closing_days: Collection[date] = frozenset()
    imported: Mapping[date, str] = field(default_factory=dict)
    _years: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_years", frozenset(day.year for day in self.imported))

    def __call__(self, day: date) -> DayKind:
        """Return the kind of a date."""
        is_guess = not library_knows(day.year) and day.year not in self._years
        if day in self.closing_days:
            return DayKind("closed", "closing_day", is_guess)
        weekday = DAY_NAMES[day.weekday()]
        is_weekend = day.weekday() >= 5
        match self._arrangement(day):
            case "holiday":
                return DayKind(HOLIDAY, "public_holiday")
            case "workday" if is_weekend:
                return DayKind(MAKE_UP_HOURS, "make_up_day")
        return DayKind(weekday, "weekend" if is_weekend else "", is_guess)

    def _arrangement(self, day: date) -> str | None:
        if not library_knows(day.year):
            return self.imported.get(day)
        is_off, name = chinese_calendar.get_holiday_detail(day)
        if not name:
            return None
        return HOLIDAY if is_off else WORKDAY


@cache
def library_knows(year: int) -> bool:
    """Tell whether the library has the holidays of a year."""
    try:
        chinese_calendar.get_holiday_detail(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True
