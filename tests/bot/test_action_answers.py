"""Answers of the action server: refused exactly where Rasa itself refuses them."""

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from bot.action_answers import check_answer, check_once_compiled

RASAS_OWN = RemoteAction._validate_action_result

ANSWERS = [
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "case_phone", "value": "PHONE-1"}], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": {"b": [1, None]}, "timestamp": None}]},
    {"events": [{"event": "active_loop", "name": None}], "responses": [{"text": "好的"}]},
    {"events": [{"event": "followup", "name": "action_listen"}]},
    {"events": None},
    {"events": [{"event": "slot"}]},
    {"events": [{"name": "no_event"}]},
    {"responses": ["好的"]},
    [],
    "好的",
]


def judged(check, answer):
    action = RemoteAction("action_x", None)
    try:
        return check(action, answer)
    except ValidationError as error:
        return list(error.absolute_path)


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_like_rasa(answer):
    assert judged(check_answer, answer) == judged(RASAS_OWN, answer)


def test_some_are_refused_and_some_not():
    found = [judged(check_answer, answer) is True for answer in ANSWERS]
    assert {True, False} == set(found)


def test_it_is_the_one_that_actions_use(monkeypatch):
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RASAS_OWN)
    check_once_compiled()
    assert RemoteAction._validate_action_result is check_answer
