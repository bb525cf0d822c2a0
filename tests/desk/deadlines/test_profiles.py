"""Service profiles: the shipped file, Chinese holidays, and files with mistakes."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from desk.clock import LOCAL_ZONE
from desk.deadlines.domain import compute_deadline
from desk.deadlines.profiles import load_profiles
from desk.deadlines.service import PROFILES_FILE, deadline_for, use_profile
from desk.errors import InvalidInput

SHIPPED = load_profiles(PROFILES_FILE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def due(profile_id: str, kind: str, severity: str, start: str) -> datetime:
    profile = SHIPPED[profile_id]
    return compute_deadline(at(start), profile.allowance(kind, severity), profile.calendar).due_at


CASES = [
    # R-B5, property: general the same day, special or urgent within three days.
    ("property", "complaint", "general", "2026-11-20 10:00", "2026-11-20 18:00"),
    ("property", "complaint", "major", "2026-11-20 10:00", "2026-11-23 18:00"),
    # R-B5, real estate: first feedback within 48 h, inquiries within 24 h, by the clock.
    ("real_estate", "complaint", "general", "2026-11-20 10:00", "2026-11-22 10:00"),
    ("property", "inquiry", "general", "2026-11-20 10:00", "2026-11-21 10:00"),
    # National Day 2026: the factory is closed 1-7 October; 10 October is a make-up Saturday.
    ("doors_windows", "repair", "general", "2026-09-30 16:30", "2026-10-09 15:30"),
    ("doors_windows", "suggestion", "general", "2026-10-09 09:00", "2026-10-13 17:30"),
]


@pytest.mark.parametrize(("profile", "kind", "severity", "start", "expected"), CASES)
def test_shipped_profiles(profile, kind, severity, start, expected):
    assert due(profile, kind, severity, start) == at(expected)


@pytest.mark.parametrize(
    ("day", "name", "note"),
    [
        (date(2026, 10, 1), "holiday", "public_holiday"),
        (date(2026, 10, 10), "mon", "make_up_day"),
        (date(2026, 11, 21), "sat", "weekend"),
        (date(2026, 11, 20), "fri", ""),
        (date(2199, 11, 20), "wed", "unknown_year"),
    ],
)
def test_kinds_of_days(day, name, note):
    kind = SHIPPED["property"].calendar.kind_of(day)
    assert (kind.name, kind.note) == (name, note)


def test_deadline_for_explains_itself_in_chinese():
    use_profile(SHIPPED["property"])
    try:
        result = deadline_for("complaint", "general", at("2026-11-20 18:30"))
    finally:
        use_profile(None)
    assert result.due_at == at("2026-11-21 17:00")
    assert result.trace == (
        "服务标准：住宅物业服务",
        "受理时间 2026-11-20 18:30（非工作时间）",
        "当日办结",
        "2026-11-20 不计：已过下班时间",
        "2026-11-21 受理日",
        "截止时间 2026-11-21 17:00",
    )


def test_every_problem_of_a_broken_file_is_named(tmp_path: Path):
    file = tmp_path / "profiles.yml"
    file.write_text(
        """
bad:
  hours:
    mon: ["8点-12点"]
    tue: ["13:00-18:00", "08:00-14:00"]
    wed: []
    thu: []
    fri: []
    sat: []
  closing_days: ["明天"]
  allowances:
    complaint: {any: {hours: -1}}
""",
        encoding="utf-8",
    )
    with pytest.raises(InvalidInput) as caught:
        load_profiles(file)
    assert len(caught.value.details["problems"]) == 7
    assert caught.value.details["file"] == "profiles.yml"


@pytest.mark.parametrize("content", ["", "- a", "{", "a: 1"])
def test_unusable_files_are_refused(tmp_path: Path, content: str):
    file = tmp_path / "profiles.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput):
        load_profiles(file)


def test_a_kind_without_allowance_counts_as_an_inquiry():
    allowance = SHIPPED["property"].allowance("something new", "major")
    assert allowance.clock_time == timedelta(hours=24)
