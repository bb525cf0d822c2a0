"""What the ticket's page says about a deadline: working time left, late, paused, settled."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.console.ticket.deadline import spell, state_of_deadline, within, working_time
from desk.tickets.models import Ticket

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai; the demo company works 8:30-12:00 and 13:30-18:00."""


def ticket(due_at: datetime, state: str = "in_progress", **values: object) -> Ticket:
    return Ticket(state=state, due_at=due_at, **values)


@pytest.mark.parametrize(
    ("hours", "counted"),
    [(1, timedelta(hours=1)), (3, timedelta(hours=2)), (5, timedelta(hours=3, minutes=30))],
)
def test_the_lunch_hour_is_no_working_time(hours: int, counted: timedelta) -> None:
    assert working_time(MORNING, MORNING + timedelta(hours=hours)) == counted


def test_a_night_is_no_working_time() -> None:
    evening, next_morning = MORNING + timedelta(hours=9), MORNING + timedelta(hours=22)
    assert working_time(evening, next_morning) == timedelta(0)


@given(st.integers(0, 60 * 24 * 9), st.integers(0, 60 * 24 * 9))
def test_working_time_adds_up_and_is_never_longer_than_the_time(first: int, second: int) -> None:
    middle = MORNING + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = working_time(MORNING, end)
    assert whole == working_time(MORNING, middle) + working_time(middle, end)
    assert timedelta(0) <= whole <= end - MORNING


def test_spans_are_cut_at_the_end() -> None:
    spans = [(MORNING, MORNING + timedelta(hours=2))]
    assert within(spans, MORNING + timedelta(hours=1)) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("due_in", "values", "text", "look"),
    [
        (7, {}, "还剩工作时间 5 小时 30 分钟", ""),
        (1, {}, "还剩工作时间 1 小时 0 分钟", "is-soon"),
        (-1, {}, "已超时，超出工作时间 1 小时 0 分钟", "is-late"),
        (1, {"paused_since": MORNING}, "计时暂停中（自 11月24日（周二）10:00）", "is-paused"),
        (1, {"state": "resolved", "resolved_at": MORNING}, "已在时限内处理", ""),
        (-1, {"state": "closed", "resolved_at": MORNING}, "处理时已超过时限", ""),
    ],
)
def test_the_page_says_how_the_deadline_stands(
    due_in: int, values: dict[str, object], text: str, look: str
) -> None:
    due_at = MORNING + timedelta(hours=due_in)
    assert state_of_deadline(ticket(due_at, **values), MORNING) == (text, look)


def test_an_amount_is_said_to_the_minute() -> None:
    assert spell(timedelta(minutes=59, seconds=59)) == "59 分钟"
    assert spell(timedelta(hours=26, minutes=5)) == "26 小时 5 分钟"
