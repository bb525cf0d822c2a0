"""`data/routing.yml`, and the hours in which people are there."""

from datetime import UTC, datetime

import pytest

from desk.errors import InvalidInput
from desk.routing.hours import moment_in_words, next_opening, people_are_here
from desk.routing.settings import (
    ROUTING_FILE,
    current_settings,
    load_settings,
    settings_problems,
    use_settings,
    watch_settings,
)
from tests.desk.routing.conftest import EVENING, TUESDAY


def test_our_own_file_is_in_order():
    assert load_settings(ROUTING_FILE).is_auto


def test_all_mistakes_at_once(tmp_path):
    path = tmp_path / "routing.yml"
    path.write_text(
        "mode: robot\ncapacity: 0\noffer_seconds: '30'\nmax_wait_minutes: true\n"
        "closed_wait_seconds: 60\naway_reasons: [小休, 小休]\nspeed: 5\n",
        "utf-8",
    )
    with pytest.raises(InvalidInput) as caught:
        load_settings(path)
    problems = "\n".join(caught.value.details["problems"])
    for name in ("mode", "capacity", "offer_seconds", "max_wait_minutes", "call_back_hours"):
        assert name in problems
    assert "away_reasons" in problems and "speed" in problems


@pytest.mark.parametrize("text", ["", "- a", "mode: [", "\x00"])
def test_no_settings_at_all(tmp_path, text):
    path = tmp_path / "routing.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput):
        load_settings(path)


def test_a_running_desk_keeps_the_last_good_settings(tmp_path):
    use_settings(None)
    path, good = tmp_path / "routing.yml", ROUTING_FILE.read_text("utf-8")
    path.write_text(good.replace("capacity: 5", "capacity: 7"), "utf-8")
    try:
        watch_settings(path)
        assert (current_settings().capacity, settings_problems()) == (7, ())
        path.write_text("mode: robot\n", "utf-8")
        assert current_settings().capacity == 7
        assert len(settings_problems()) > 3
        path.write_text(good + "\n", "utf-8")
        assert (current_settings().capacity, settings_problems()) == (5, ())
    finally:
        watch_settings(ROUTING_FILE)


def test_when_people_are_back():
    assert people_are_here(TUESDAY) and next_opening(TUESDAY) == TUESDAY
    assert not people_are_here(EVENING)
    assert moment_in_words(next_opening(EVENING), EVENING) == "明天 8:30"
    saturday_night = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
    assert moment_in_words(next_opening(saturday_night), saturday_night) == "明天 9:00"
    far = datetime(2026, 12, 2, 0, 5, tzinfo=UTC)
    assert moment_in_words(far, saturday_night) == "12月2日（周三）8:05"
