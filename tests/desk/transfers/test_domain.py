"""The course of a transfer, as pure rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.transfers.domain import (
    MOVES,
    OPEN_STATES,
    Step,
    is_overdue,
    is_possible_time,
    may_step,
    moved_by_waiting,
    state_after,
)
from desk.transfers.models import TransferState

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SETTLED = {"done", "cancelled"}


def test_the_usual_way_leads_to_done():
    state = "sent"
    for step in (Step.ACCEPT, Step.ASK_BACK, Step.ANSWER, Step.PROGRESS, Step.PROPOSE):
        assert may_step(state, step)
        state = state_after(state, step)
    assert state_after(state, Step.RETURN) == "accepted"
    assert state_after(state, Step.APPROVE) == "done"


@given(st.lists(st.sampled_from(Step)))
def test_no_way_leads_out_of_the_known_states_or_back_from_an_end(steps):
    state = "sent"
    for step in steps:
        if may_step(state, step):
            assert state not in SETTLED
            state = state_after(state, step)
    assert state in set(TransferState)


@pytest.mark.parametrize("state", sorted(SETTLED))
def test_nothing_happens_after_the_end(state):
    assert not any(may_step(state, step) for step in MOVES)
    assert state not in OPEN_STATES


@pytest.mark.parametrize(
    ("state", "is_late"),
    [
        ("sent", True),
        ("accepted", True),
        ("asked_back", False),
        ("proposed", False),
        ("done", False),
    ],
)
def test_only_a_department_whose_turn_it_is_can_be_late(state, is_late):
    assert is_overdue(state, NOW - timedelta(minutes=1), NOW) is is_late
    assert not is_overdue(state, NOW + timedelta(minutes=1), NOW)


@pytest.mark.parametrize(
    ("distance", "is_possible"),
    [
        (timedelta(minutes=-1), False),
        (timedelta(0), False),
        (timedelta(minutes=1), True),
        (timedelta(days=366), True),
        (timedelta(days=367), False),
    ],
)
def test_a_required_time_lies_ahead_within_a_year(distance, is_possible):
    assert is_possible_time(NOW + distance, NOW) is is_possible


def test_waiting_for_an_answer_is_given_back_and_never_taken():
    required_by = NOW + timedelta(days=1)
    three_hours_ago = NOW - timedelta(hours=3)
    assert moved_by_waiting(required_by, three_hours_ago, NOW) == required_by + timedelta(hours=3)
    assert moved_by_waiting(required_by, NOW + timedelta(hours=1), NOW) == required_by
