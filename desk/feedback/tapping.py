"""The survey in the chat: its buttons, and what a tap on one of them says.

A payload is the only thing that comes back from the customer's browser, so it names the survey;
whether that survey is this conversation's is checked when it is read.
"""

import json
import re
from dataclasses import dataclass

from desk.feedback.models import Survey
from desk.locale import t

ANSWER, COMMENT = "answer_survey", "comment_survey"
_PAYLOAD = re.compile(rf"/({ANSWER}|{COMMENT})(\{{.{{0,80}}\}})?")


@dataclass(frozen=True, slots=True)
class Tap:
    """What a button says. `score` is None where the customer writes a comment; without
    `survey_id` the conversation's newest question is meant."""

    score: int | None
    survey_id: int | None


def score_buttons(survey: Survey) -> list[dict[str, str]]:
    """Return the five buttons of a question, best first."""
    return [
        {
            "title": t(f"customer.score_{score}"),
            "payload": _payload(ANSWER, score=score, survey=survey.id),
        }
        for score in range(5, 0, -1)
    ]


def comment_button(survey: Survey) -> dict[str, str]:
    """Return the button behind which the customer may write a few words; the text they write is
    sent as the message's text with this payload."""
    payload = _payload(COMMENT, survey=survey.id)
    return {"title": t("customer.comment_button"), "payload": payload, "input": "text"}


def read_tap(payload: str | None) -> Tap | None:
    """Return what a payload says; None if it is not about a survey."""
    match = _PAYLOAD.fullmatch(payload or "")
    if match is None:
        return None
    try:
        values = json.loads(match[2] or "{}")
    except ValueError:
        return None
    score, survey_id = values.get("score"), values.get("survey")
    is_answer = match[1] == ANSWER
    if is_answer != (type(score) is int) or type(survey_id) not in {int, type(None)}:
        return None
    return Tap(score, survey_id)


def survey_ending(survey_id: int) -> str:
    """Return how all payloads of a survey's buttons end."""
    return f'"survey": {survey_id}}}'


def _payload(command: str, **values: int) -> str:
    return f"/{command}{json.dumps(values)}"
