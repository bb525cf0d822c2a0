"""Reads the parts of a service profile; notes every problem with its place instead of stopping."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

from desk.clock import LOCAL_ZONE
from desk.deadlines.calendars import DAY_NAMES, Interval, WorkingCalendar
from desk.deadlines.chinese_days import HOLIDAY, ChineseDays
from desk.deadlines.domain import Allowance
from desk.locale import t

KINDS = ("complaint", "repair", "inquiry", "suggestion", "order_change", "viewing")
SEVERITIES = ("general", "major", "any")
CHANNELS = ("web", "widget", "phone", "visit", "letter", "email", "api")
LONGEST = timedelta(days=365)
_INTERVAL = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


class Reader:
    """Reads one profile.

    Attributes:
        profile_id: name of the profile in the file.
        problems: what is wrong so far, shared by all profiles of a file.
    """

    def __init__(self, profile_id: str, problems: list[str]) -> None:
        self.profile_id = profile_id
        self.problems = problems

    def problem(self, name: str, **values: Any) -> None:
        """Note a problem; `name` is a text of `config.yml`."""
        self.problems.append(t(f"config.{name}", profile=self.profile_id, **values))

    def mapping(self, raw: object, place: str) -> dict[str, Any]:
        """Return a section; missing: empty."""
        if raw is None or isinstance(raw, dict):
            return {str(key): value for key, value in (raw or {}).items()}
        self.problem("section_not_a_mapping", place=place or self.profile_id)
        return {}

    def only_known(self, entry: Mapping[str, Any], place: str, known: Sequence[str]) -> None:
        """Note every name that is not among the known ones."""
        for name in entry:
            if name not in known:
                where = f"{place}.{name}" if place else name
                self.problem("unknown_name", place=where, known="、".join(known))

    def number(
        self, entry: Mapping[str, Any], name: str, default: int, *, low: int, high: int
    ) -> int:
        """Return a whole number within its bounds."""
        value = entry.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem("bad_number", place=name, low=low, high=high)
            return default
        return value

    def calendar(self, raw: object, place: str, closing: frozenset[date]) -> WorkingCalendar:
        """Return a calendar of working hours."""
        hours: dict[str, tuple[Interval, ...]] = {}
        entry = self.mapping(raw, place)
        self.only_known(entry, place, (*DAY_NAMES, HOLIDAY))
        for name in (*DAY_NAMES, HOLIDAY):
            if name not in entry:
                self.problem("missing_hours", place=place, day=name)
                continue
            hours[name] = self._intervals(entry[name], f"{place}.{name}")
        if entry and not any(hours.get(name) for name in DAY_NAMES):
            self.problem("no_working_time", place=place)
        return WorkingCalendar(LOCAL_ZONE, hours, ChineseDays(closing))

    def days(self, raw: object, place: str) -> frozenset[date]:
        """Return a list of dates."""
        days = []
        for text in raw if isinstance(raw, list) else [] if raw is None else [raw]:
            try:
                days.append(date.fromisoformat(str(text)))
            except ValueError:
                self.problem("bad_closing_day", place=place, value=text)
        return frozenset(days)

    def channels(self, raw: object, place: str) -> dict[str, dict[tuple[str, str], Allowance]]:
        """Return allowances by channel."""
        entry = self.mapping(raw, place)
        self.only_known(entry, place, CHANNELS)
        return {name: self.allowances(value, f"{place}.{name}") for name, value in entry.items()}

    def allowances(self, raw: object, place: str) -> dict[tuple[str, str], Allowance]:
        """Return allowances by kind and severity."""
        allowances: dict[tuple[str, str], Allowance] = {}
        by_kind = self.mapping(raw, place)
        self.only_known(by_kind, place, KINDS)
        for kind, value in by_kind.items():
            by_severity = self.mapping(value, f"{place}.{kind}")
            self.only_known(by_severity, f"{place}.{kind}", SEVERITIES)
            for severity, entry in by_severity.items():
                found = self.allowance(entry, f"{place}.{kind}.{severity}")
                if found:
                    allowances[kind, severity] = found
        return allowances

    def allowance(self, raw: object, place: str) -> Allowance | None:
        """Return an allowance; None after noting what is wrong with it."""
        found = _allowance(raw)
        if found is None:
            self.problem("bad_allowance", place=place)
        return found

    def _intervals(self, raw: object, place: str) -> tuple[Interval, ...]:
        texts = raw if isinstance(raw, list) else [] if raw is None else [raw]
        found = [_interval(str(text)) for text in texts]
        if None in found:
            self.problem("bad_interval", place=place)
            return ()
        intervals = tuple(interval for interval in found if interval)
        if any(a[1] > b[0] for a, b in pairwise(intervals)):
            self.problem("overlapping_hours", place=place)
            return ()
        return intervals


def _interval(text: str) -> Interval | None:
    match = _INTERVAL.fullmatch(text.strip())
    if not match:
        return None
    h1, m1, h2, m2 = map(int, match.groups())
    try:
        first, last = time(h1, m1), time(h2, m2)
    except ValueError:
        return None
    return (first, last) if first < last else None


def _allowance(raw: object) -> Allowance | None:
    if not isinstance(raw, dict) or len(raw) != 1:
        return None
    ((unit, value),) = raw.items()
    if unit == "same_day":
        return Allowance(same_day=True) if value is True else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 < value <= LONGEST / timedelta(hours=1):
        return None
    if unit == "working_hours":
        return Allowance(working_time=timedelta(hours=value))
    if unit == "hours":
        return Allowance(clock_time=timedelta(hours=value))
    if unit == "working_days" and isinstance(value, int) and value <= LONGEST.days:
        return Allowance(working_days=value)
    return None
