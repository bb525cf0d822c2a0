"""Periods: a pure calendar."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.reports.periods import Period, PeriodKind, period_of

KINDS = st.sampled_from(list(PeriodKind))
DAYS = st.dates(date(1903, 1, 1), date(2200, 1, 1))


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("day", date(2026, 11, 22), date(2026, 11, 22), date(2026, 11, 22)),
        ("week", date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        ("week", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 11, 22), date(2026, 10, 1), date(2026, 12, 31)),
        ("quarter", date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 31)),
        ("year", date(2026, 6, 1), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_its_period(kind, day, first, last):
    period = period_of(kind, day)
    assert (period.first, period.last) == (first, last)


def test_a_local_day_begins_at_four_in_the_afternoon_of_the_day_before_in_utc():
    period = period_of("day", date(2026, 11, 22))
    assert period.begins_at == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert period.ends_at == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_the_period_a_year_before():
    assert period_of("month", date(2028, 2, 29)).year_before().first == date(2027, 2, 1)
    a_sunday = period_of("day", date(2026, 11, 22))
    assert a_sunday.year_before().first.weekday() == 6
    assert period_of("week", date(2026, 11, 22)).year_before().first == date(2025, 11, 17)


@pytest.mark.parametrize(
    ("kind", "count"), [("day", 24), ("week", 7), ("month", 30), ("quarter", 14), ("year", 12)]
)
def test_bars_of_a_period(kind, count):
    assert len(list(period_of(kind, date(2026, 11, 22)).buckets())) == count


@pytest.mark.parametrize("kind", ["", "decade", "DAY"])
def test_unknown_kinds_are_errors(kind):
    with pytest.raises(ValueError, match="not a valid"):
        period_of(kind, date(2026, 1, 1))


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_the_ends_of_the_calendar_are_errors(day):
    with pytest.raises(ValueError, match="range"):
        period_of("year", day)


@given(KINDS, DAYS)
def test_periods_hold_their_day_and_touch_without_a_gap(kind, day):
    period = period_of(kind, day)
    assert period.first <= day <= period.last
    assert period.next().previous() == period
    assert period.ends_at == period.next().begins_at
    assert period_of(kind, period.last) == period == period_of(kind, period.first)


@given(KINDS, DAYS)
def test_bars_fill_the_period_without_a_gap(kind, day):
    period = period_of(kind, day)
    bars = list(period.buckets())
    assert bars[0].begins_at == period.begins_at
    assert bars[-1].ends_at == period.ends_at
    assert all(one.ends_at == after.begins_at for one, after in pairwise(bars))
    assert all(timedelta() < bar.ends_at - bar.begins_at for bar in bars)


@given(KINDS, DAYS)
def test_a_year_before_is_the_same_kind_about_a_year_earlier(kind, day):
    period = period_of(kind, day)
    before = period.year_before()
    assert isinstance(before, Period)
    assert before.kind == kind
    assert 364 <= (period.first - before.first).days <= 366
