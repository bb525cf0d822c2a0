"""Service profiles from YAML: working hours and allowances, with Chinese public holidays."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import chinese_calendar
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from desk.clock import LOCAL_ZONE
from desk.deadlines.domain import DAY_NAMES, Allowance, DayKind, Interval, WorkingCalendar
from desk.errors import InvalidInput
from desk.locale import t

ANY = "any"
HOLIDAY = "holiday"
_INTERVAL = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """One kind of business: its calendar and how long each kind of ticket may take."""

    id: str
    name: str
    calendar: WorkingCalendar
    allowances: Mapping[tuple[str, str], Allowance]

    def allowance(self, kind: str, severity: str) -> Allowance:
        """Return the allowance of a ticket; a missing kind counts as an inquiry."""
        for key in ((kind, severity), (kind, ANY), ("inquiry", severity), ("inquiry", ANY)):
            if key in self.allowances:
                return self.allowances[key]
        raise InvalidInput("errors.no_allowance", profile=self.id, kind=kind)


def load_profiles(path: Path) -> dict[str, ServiceProfile]:
    """Read all profiles.

    Raises:
        InvalidInput: unreadable or wrong; `details["problems"]` lists everything that is wrong.
    """
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise InvalidInput("errors.profiles_unreadable", file=path.name) from error
    problems: list[str] = []
    profiles = {}
    for profile_id, entry in (raw if isinstance(raw, dict) else {}).items():
        profiles[str(profile_id)] = _read_profile(str(profile_id), entry, problems)
    if not profiles:
        problems.append(t("config.no_profiles"))
    if problems:
        raise InvalidInput("errors.profiles_invalid", file=path.name, problems=problems)
    return profiles


def _read_profile(profile_id: str, entry: Any, problems: list[str]) -> ServiceProfile:
    entry = entry if isinstance(entry, dict) else {}
    hours = _read_hours(profile_id, entry.get("hours"), problems)
    closing = _read_days(profile_id, entry.get("closing_days") or [], problems)
    calendar = WorkingCalendar(LOCAL_ZONE, hours, _ChineseDays(frozenset(closing)))
    allowances = _read_allowances(profile_id, entry.get("allowances"), problems)
    return ServiceProfile(profile_id, str(entry.get("name", profile_id)), calendar, allowances)


def _read_hours(profile_id: str, raw: Any, problems: list[str]) -> dict[str, tuple[Interval, ...]]:
    hours: dict[str, tuple[Interval, ...]] = {}
    raw = raw if isinstance(raw, dict) else {}
    for name in (*DAY_NAMES, HOLIDAY):
        if name not in raw:
            problems.append(t("config.missing_hours", profile=profile_id, day=name))
            continue
        intervals = [_read_interval(str(text)) for text in raw[name] or []]
        if None in intervals:
            problems.append(t("config.bad_interval", profile=profile_id, day=name))
            continue
        kept = tuple(interval for interval in intervals if interval)
        if any(a[1] > b[0] for a, b in pairwise(kept)):
            problems.append(t("config.overlapping_hours", profile=profile_id, day=name))
        hours[name] = kept
    if not any(hours.values()):
        problems.append(t("config.no_working_time", profile=profile_id))
    return hours


def _read_interval(text: str) -> Interval | None:
    match = _INTERVAL.fullmatch(text.strip())
    if not match:
        return None
    h1, m1, h2, m2 = map(int, match.groups())
    try:
        first, last = time(h1, m1), time(h2, m2)
    except ValueError:
        return None
    return (first, last) if first < last else None


def _read_days(profile_id: str, raw: Any, problems: list[str]) -> list[date]:
    days = []
    for text in raw if isinstance(raw, list) else [raw]:
        try:
            days.append(date.fromisoformat(str(text)))
        except ValueError:
            problems.append(t("config.bad_closing_day", profile=profile_id, value=text))
    return days


def _read_allowances(
    profile_id: str, raw: Any, problems: list[str]
) -> dict[tuple[str, str], Allowance]:
    allowances: dict[tuple[str, str], Allowance] = {}
    for kind, by_severity in (raw if isinstance(raw, dict) else {}).items():
        for severity, entry in (by_severity if isinstance(by_severity, dict) else {}).items():
            allowance = _read_allowance(entry)
            if allowance is None:
                problems.append(
                    t("config.bad_allowance", profile=profile_id, kind=kind, severity=severity)
                )
            else:
                allowances[str(kind), str(severity)] = allowance
    if ("inquiry", ANY) not in allowances:
        problems.append(t("config.no_inquiry_allowance", profile=profile_id))
    return allowances


def _read_allowance(entry: Any) -> Allowance | None:
    if not isinstance(entry, dict) or len(entry) != 1:
        return None
    ((unit, value),) = entry.items()
    if unit == "same_day":
        return Allowance(same_day=True) if value is True else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    if unit == "working_hours":
        return Allowance(working_time=timedelta(hours=value))
    if unit == "hours":
        return Allowance(clock_time=timedelta(hours=value))
    if unit == "working_days" and isinstance(value, int):
        return Allowance(working_days=value)
    return None


@dataclass(frozen=True, slots=True)
class _ChineseDays:
    """Kinds of dates in mainland China: weekday, public holiday, make-up working day."""

    closing_days: frozenset[date]

    def __call__(self, day: date) -> DayKind:
        if day in self.closing_days:
            return DayKind("closed", "closing_day")
        weekday = DAY_NAMES[day.weekday()]
        try:
            on_holiday, holiday = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            return DayKind(weekday, "unknown_year")
        if on_holiday and holiday:
            return DayKind(HOLIDAY, "public_holiday")
        if holiday and day.weekday() >= 5:
            return DayKind("mon", "make_up_day")
        return DayKind(weekday, "weekend" if day.weekday() >= 5 else "")
