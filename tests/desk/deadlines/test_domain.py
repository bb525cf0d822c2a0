"""The deadline engine against a slow model that walks minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.deadlines.domain import (
    DAY_NAMES,
    Allowance,
    DayKind,
    NoWorkingTime,
    WorkingCalendar,
    compute_deadline,
)

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = ((time(8, 30), time(12)), (time(13, 30), time(18)))
MINUTE = timedelta(minutes=1)


def make_calendar(hours=None, holidays=()):
    hours = hours or dict.fromkeys(DAY_NAMES[:5], OFFICE)

    def kind_of(day: date) -> DayKind:
        if day in holidays:
            return DayKind("closed", "public_holiday")
        return DayKind(DAY_NAMES[day.weekday()])

    return WorkingCalendar(ZONE, hours, kind_of)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


SAME_DAY = Allowance(same_day=True)
EIGHT_HOURS = Allowance(working_time=timedelta(hours=8))

CASES = [
    # 2026-11-20 is a Friday.
    ("same-day-in-the-morning", "2026-11-20 09:00", SAME_DAY, "2026-11-20 18:00"),
    ("same-day-at-lunch", "2026-11-20 12:30", SAME_DAY, "2026-11-20 18:00"),
    ("same-day-after-hours-is-next-working-day", "2026-11-20 18:00", SAME_DAY, "2026-11-23 18:00"),
    ("same-day-on-sunday", "2026-11-22 10:00", SAME_DAY, "2026-11-23 18:00"),
    ("three-working-days", "2026-11-20 09:00", Allowance(working_days=3), "2026-11-25 18:00"),
    ("eight-hours-skip-lunch", "2026-11-20 09:00", EIGHT_HOURS, "2026-11-23 09:00"),
    ("eight-hours-over-a-night", "2026-11-19 09:30", EIGHT_HOURS, "2026-11-20 09:30"),
    (
        "clock-time-ignores-the-weekend",
        "2026-11-20 09:00",
        Allowance(clock_time=timedelta(hours=48)),
        "2026-11-22 09:00",
    ),
]


@pytest.mark.parametrize(
    ("start", "allowance", "due"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_deadline(start, allowance, due):
    assert compute_deadline(at(start), allowance, make_calendar()).due_at == at(due)


def test_holiday_is_skipped_and_named_in_the_trace():
    calendar = make_calendar(holidays={date(2026, 11, 23)})
    deadline = compute_deadline(at("2026-11-20 19:00"), SAME_DAY, calendar)
    assert deadline.due_at == at("2026-11-24 18:00")
    assert [(step.name, step.values.get("why")) for step in deadline.steps] == [
        ("received", None),
        ("same_day", None),
        ("day_off", "hours_over"),
        ("day_off", "no_hours"),
        ("day_off", "no_hours"),
        ("day_off", "public_holiday"),
        ("day_of_receipt", None),
        ("due", None),
    ]


def test_start_in_another_time_zone_is_the_same_instant():
    start = at("2026-11-20 09:00")
    calendar = make_calendar()
    deadline = compute_deadline(start.astimezone(UTC), EIGHT_HOURS, calendar)
    assert deadline == compute_deadline(start, EIGHT_HOURS, calendar)


def test_calendar_without_working_time():
    with pytest.raises(NoWorkingTime):
        compute_deadline(at("2026-11-20 09:00"), EIGHT_HOURS, make_calendar({"mon": ()}))


@pytest.mark.parametrize("fields", [{}, {"same_day": True, "working_days": 1}])
def test_allowance_counts_in_exactly_one_way(fields):
    with pytest.raises(ValueError, match="exactly one"):
        Allowance(**fields)


@st.composite
def calendars(draw):
    """Calendars with up to three intervals a day and some holidays, at least one working hour."""
    hours = {}
    for name in DAY_NAMES:
        marks = draw(st.lists(st.integers(0, 95), max_size=6, unique=True).map(sorted))
        times = [time(mark // 4, mark % 4 * 15) for mark in marks]
        hours[name] = tuple(zip(times[::2], times[1::2], strict=False))
    hours["wed"] = ((time(10), time(15)),)
    days_off = draw(st.sets(st.integers(0, 12), max_size=5))
    return make_calendar(hours, {date(2026, 11, 16) + timedelta(days=n) for n in days_off})


starts = st.integers(0, 6 * 24 * 60).map(lambda n: at("2026-11-16 00:00") + n * MINUTE)
amounts = st.integers(1, 12 * 60).map(lambda n: n * MINUTE)


def slow_deadline(start, amount, calendar):
    """Walk minute by minute and count those that begin inside a working interval."""
    instant = start
    while amount:
        day = instant.date()
        if any(first <= instant < last for first, last in calendar.intervals(day)):
            amount -= MINUTE
        instant += MINUTE
    return instant


@settings(max_examples=60, deadline=None)
@given(calendars(), starts, amounts)
def test_working_time_equals_the_slow_model(calendar, start, amount):
    deadline = compute_deadline(start, Allowance(working_time=amount), calendar)
    assert deadline.due_at == slow_deadline(start, amount, calendar)


@settings(max_examples=100, deadline=None)
@given(calendars(), starts, amounts, amounts)
def test_working_time_is_monotone_and_never_early(calendar, start, amount, more):
    shorter = compute_deadline(start, Allowance(working_time=amount), calendar).due_at
    longer = compute_deadline(start, Allowance(working_time=amount + more), calendar).due_at
    assert start < shorter < longer


@settings(max_examples=100, deadline=None)
@given(calendars(), starts, st.integers(1, 5))
def test_working_days_are_monotone_and_end_at_the_end_of_a_working_day(calendar, start, days):
    shorter = compute_deadline(start, Allowance(working_days=days), calendar).due_at
    longer = compute_deadline(start, Allowance(working_days=days + 1), calendar).due_at
    assert start < shorter < longer
    assert shorter == calendar.intervals(shorter.astimezone(ZONE).date())[-1][1]
