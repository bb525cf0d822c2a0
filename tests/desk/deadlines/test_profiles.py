"""Service profiles: the shipped file, Chinese holidays, and files with mistakes."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from desk.clock import LOCAL_ZONE
from desk.deadlines.calendars import DayKind
from desk.deadlines.domain import compute_deadline
from desk.deadlines.profiles import load_profiles
from desk.deadlines.service import (
    PROFILES_FILE,
    calendar_warning,
    current_profile,
    deadline_for,
    profile_problems,
    recompute,
    use_days,
    use_profile,
    watch_profile,
)
from desk.errors import InvalidInput
from desk.settings import PROJECT_DIR

SHIPPED = load_profiles(PROFILES_FILE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def due(profile_id: str, kind: str, severity: str, start: str) -> datetime:
    profile = SHIPPED[profile_id]
    allowance, cutoff = profile.allowance(kind, severity), profile.receipt_cutoff
    return compute_deadline(at(start), allowance, profile.calendar, receipt_cutoff=cutoff).due_at


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
    # Five minutes before the end of the day the matter counts as the next day's (Saturday).
    ("property", "complaint", "general", "2026-11-20 17:55", "2026-11-21 17:00"),
]


@pytest.mark.parametrize(("profile", "kind", "severity", "start", "expected"), CASES)
def test_shipped_profiles(profile, kind, severity, start, expected):
    assert due(profile, kind, severity, start) == at(expected)


@pytest.mark.parametrize(
    ("day", "name", "note", "is_guess"),
    [
        (date(2026, 10, 1), "holiday", "public_holiday", False),
        (date(2026, 10, 10), "mon", "make_up_day", False),
        (date(2026, 11, 21), "sat", "weekend", False),
        (date(2026, 11, 20), "fri", "", False),
        (date(2199, 11, 20), "wed", "", True),
    ],
)
def test_kinds_of_days(day, name, note, is_guess):
    assert SHIPPED["property"].calendar.kind(day) == DayKind(name, note, is_guess)


@pytest.fixture
def property_profile():
    use_profile(SHIPPED["property"])
    yield SHIPPED["property"]
    use_profile(None)


def test_deadline_for_explains_itself_in_chinese(property_profile):
    result = deadline_for("complaint", "general", at("2026-11-20 18:30"))
    assert result.due_at == at("2026-11-21 17:00")
    assert result.trace == (
        "服务标准：住宅物业服务",
        "受理时间 2026-11-20 18:30（非工作时间）",
        "当日办结",
        "2026-11-20 不计：已过下班时间",
        "2026-11-21 受理日",
        "预警时间 2026-11-21 15:00（用去 75%）",
        "截止时间 2026-11-21 17:00",
    )
    assert recompute(result.steps) == (result.due_at, result.warn_at)


def test_a_pause_is_told_and_counted(property_profile):
    pause = (at("2026-11-20 15:00"), at("2026-11-20 17:00"))
    result = deadline_for("complaint", "general", at("2026-11-20 10:00"), pauses=[pause])
    assert result.due_at == at("2026-11-21 11:00")
    assert "2026-11-20 15:00 至 2026-11-20 17:00 暂停计时" in result.trace
    assert "2026-11-20 10:00 至 2026-11-20 12:00，计 2 小时 0 分" in result.trace
    assert recompute(result.steps) == (result.due_at, result.warn_at)


def test_a_letter_and_a_transferred_complaint_have_more_time(property_profile):
    start = at("2026-11-20 10:00")
    letter = deadline_for("complaint", "general", start, channel="letter")
    assert letter.due_at == at("2026-11-23 18:00")
    transferred = deadline_for("complaint", "general", start, is_transferred=True)
    assert transferred.due_at == at("2026-11-23 18:00")
    assert "已转办，按转办时限计算" in transferred.trace
    repair = deadline_for("repair", "general", start, channel="letter", is_transferred=True)
    assert repair.due_at == deadline_for("repair", "general", start).due_at


def test_a_year_without_holidays_is_said_in_the_trace(property_profile):
    result = deadline_for("suggestion", "general", at("2026-12-30 10:00"))
    assert result.due_at == at("2027-01-02 17:00")
    assert "2027 年的节假日安排尚未收录，只按星期计算" in result.trace


@pytest.mark.parametrize("profile", SHIPPED.values(), ids=SHIPPED)
def test_every_shipped_profile_has_a_ladder(profile):
    assert set(profile.levels) == {"recipient", "supervisor", "duty", "director"}
    assert profile.warning_percent == 75
    assert profile.receipt_cutoff == timedelta(minutes=30)
    director = profile.levels["director"].calendar
    assert director.intervals(date(2026, 11, 21)) == ()
    assert director.intervals(date(2026, 11, 20))[0][0] == at("2026-11-20 09:00")


def test_every_problem_of_a_broken_file_is_named_with_its_place(tmp_path: Path):
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
    holliday: []
  closing_days: ["明天"]
  warning_percent: 0
  receipt_cutoff_minutes: soon
  allowances:
    complaint: {any: {hours: -1}, urgent: {hours: 1}}
    parcel: {any: {hours: 1}}
  channels: {fax: {}}
  escalation:
    recipient: {acknowledge: {minutes: 5}}
    director: {hours: [9]}
    president: {}
""",
        encoding="utf-8",
    )
    with pytest.raises(InvalidInput) as caught:
        load_profiles(file)
    problems = caught.value.details["problems"]
    for place in (
        "hours.mon 应写成",
        "hours.tue 的时段有重叠",
        "hours 缺少 sun",
        "hours 缺少 holiday",
        "不认识 hours.holliday",
        "hours 一周里没有任何工作时间",
        "closing_days 的「明天」",
        "warning_percent 应是",
        "receipt_cutoff_minutes 应是",
        "allowances.complaint.any 应是",
        "不认识 allowances.complaint.urgent",
        "不认识 allowances.parcel",
        "allowances 缺少 inquiry.any",
        "不认识 channels.fax",
        "escalation.recipient.acknowledge 应是",
        "escalation.director.hours 应是",
        "不认识 escalation.president",
    ):
        assert any(f"bad：{place}" in problem for problem in problems), (place, problems)
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


@pytest.fixture
def watched(tmp_path: Path):
    """A desk that works by its own copy of the profiles."""
    company = tmp_path / "company.yml"
    company.write_text((PROJECT_DIR / "data" / "company.yml").read_text("utf-8"), "utf-8")
    profiles = tmp_path / "profiles.yml"
    profiles.write_text(PROFILES_FILE.read_text("utf-8"), "utf-8")
    watch_profile(company, profiles)
    yield profiles
    use_profile(None)


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def test_a_changed_file_is_taken_up_without_a_restart(watched):
    assert current_profile().name == "住宅物业服务"
    edit(watched, "name: 住宅物业服务", "name: 物业服务（新标准）")
    assert current_profile().name == "物业服务（新标准）"
    assert profile_problems() == ()


def test_a_file_broken_while_running_keeps_the_last_good_profile(watched):
    before = deadline_for("complaint", "general", at("2026-11-20 10:00"))
    edit(watched, "{general: {same_day: true}", "{general: {same_day: 3}")
    assert deadline_for("complaint", "general", at("2026-11-20 10:00")) == before
    assert profile_problems() == (
        "property：allowances.complaint.general 应是 same_day、working_hours、working_days、hours"
        " 之一，数值为正，最长一年",
    )
    watched.write_text("{", "utf-8")
    assert current_profile().name == "住宅物业服务"
    assert "读不出来" in profile_problems()[0]
    watched.unlink()
    assert current_profile().name == "住宅物业服务"
    watched.write_text(PROFILES_FILE.read_text("utf-8"), "utf-8")
    assert profile_problems() == ()


def test_a_broken_file_at_the_start_is_refused(tmp_path: Path):
    broken = tmp_path / "profiles.yml"
    broken.write_text("a: 1", "utf-8")
    with pytest.raises(InvalidInput):
        watch_profile(PROJECT_DIR / "data" / "company.yml", broken)


def test_imported_days_count_where_the_library_knows_nothing(watched):
    start = at("2027-01-01 10:00")
    assert deadline_for("complaint", "general", start).due_at == at("2027-01-01 18:00")
    use_days({date(2027, 1, 1): "holiday", date(2027, 1, 2): "workday"})
    try:
        holiday = deadline_for("complaint", "general", start)
        assert holiday.due_at == at("2027-01-01 17:00")
        assert not any("尚未收录" in line for line in holiday.trace)
        make_up = deadline_for("complaint", "general", at("2027-01-02 10:00"))
        assert make_up.due_at == at("2027-01-02 18:00")
        # A day the library knows is never overruled.
        use_days({date(2026, 11, 20): "holiday"})
        assert current_profile().calendar.kind(date(2026, 11, 20)) == DayKind("fri")
    finally:
        use_days({})


@pytest.mark.parametrize(
    ("today", "days", "years"),
    [
        (date(2026, 10, 31), {}, None),
        (date(2026, 11, 1), {}, "2027 年"),
        (date(2026, 12, 31), {date(2027, 1, 1): "holiday"}, None),
        (date(2027, 3, 1), {}, "2027 年"),
        (date(2027, 11, 1), {}, "2027、2028 年"),
    ],
)
def test_supervisors_are_warned_before_the_holidays_run_out(today, days, years):
    use_days(days)
    try:
        warning = calendar_warning(today)
    finally:
        use_days({})
    assert warning is None if years is None else warning.startswith(years)
