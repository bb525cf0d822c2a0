"""A survey answered by words instead of its buttons."""

from typing import Any

import pytest

from actions.complaint_form import ActionSubmitComplaint, ValidateComplaintForm
from actions.feedback_form import ActionSubmitFeedback, ValidateFeedbackForm
from actions.offers import ActionTakeAnswer, ActionTakeThanks
from actions.parsing.scores import Score, read_score
from actions.understanding import ActionClarify
from desk.feedback.surveys import ask_survey
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import change_state, open_ticket
from tests.actions.support import SmallDesk, make_tracker, responses_of, run, slots_of


@pytest.mark.parametrize(
    ("text", "value", "comment"),
    [
        ("很满意", 5, None),
        ("非常满意，师傅很准时", 5, "师傅很准时"),
        ("满意", 4, None),
        ("比较满意", 4, None),
        ("不满意，还是漏水", 2, "还是漏水"),
        ("不太满意", 2, None),
        ("很不满意！", 1, None),
        ("一点都不满意", 1, None),
        ("给5分", 5, None),
        ("四分吧", 4, None),
        ("3星", 3, None),
        ("满分", 5, None),
        ("2", 2, None),
        ("一般般吧", 3, None),
        ("差评", 1, None),
    ],
)
def test_scores(text: str, value: int, comment: str | None) -> None:
    score = read_score(text)
    assert score is not None
    assert (score.value, score.comment) == (value, comment)


@pytest.mark.parametrize(
    "text",
    [
        "怎样算满意？",
        "满意吗",
        "5分钟到",
        "6分",
        "0",
        "五栋",
        "投诉",
        "",
        "可以",
        "好的",
        "3栋2单元",
    ],
)
def test_what_is_no_score(text: str) -> None:
    assert read_score(text) is None


def test_a_figure_alone_may_answer_something_else() -> None:
    assert read_score("4") == Score(4, is_plain=False)
    assert read_score("4分") == Score(4)


@pytest.fixture
def surveyed(desk: SmallDesk) -> str:
    """A conversation whose complaint was settled and asked about."""
    conversation = desk.conversation()
    with desk.database.transaction() as session:
        new = NewTicket(kind="complaint", description="漏水", conversation_id=conversation)
        ticket = open_ticket(session, new)
        change_state(session, ticket, "resolved", actor="gongcheng")
        ask_survey(session, ticket)
    return conversation


def the_ticket(desk: SmallDesk, conversation: str) -> Ticket:
    [ticket] = desk.tickets(conversation)
    return ticket


async def say(action: Any, text: str, conversation: str, **message: Any) -> tuple[Any, list[str]]:
    events, said = await run(action, make_tracker(text, conversation_id=conversation, **message))
    return slots_of(events), responses_of(said)


async def test_a_good_score_closes_the_ticket_and_a_comment_may_follow(
    desk: SmallDesk, surveyed: str
) -> None:
    slots, said = await say(ActionTakeAnswer(), "满意", surveyed, intent="affirm")
    assert said == ["utter_survey_thanks", "utter_ask_survey_comment"]
    assert (the_ticket(desk, surveyed).state, the_ticket(desk, surveyed).score) == ("closed", 4)
    kept = {"survey_comment": slots["survey_comment"]}
    slots, said = await say(ActionClarify(), "来得挺快", surveyed, slots=kept)
    assert said == ["utter_survey_commented"]
    assert slots["survey_comment"] is None


async def test_a_bad_score_with_its_reason_reopens_the_ticket(
    desk: SmallDesk, surveyed: str
) -> None:
    """It looks like a new complaint, and is the answer to the survey."""
    text = "不满意，还是漏水"
    slots, _ = await say(ValidateComplaintForm(), text, surveyed, intent="file_complaint")
    assert (slots["requested_slot"], slots["form_outcome"]) == (None, "survey")
    ended = {"form_outcome": "survey"}
    slots, said = await say(ActionSubmitComplaint(), text, surveyed, slots=ended)
    assert said == ["utter_survey_reopened"]
    ticket = the_ticket(desk, surveyed)
    assert (ticket.state, ticket.score, ticket.reopened) == ("in_progress", 2, 1)


async def test_praise_is_a_score_while_the_survey_waits(desk: SmallDesk, surveyed: str) -> None:
    slots, _ = await say(ValidateFeedbackForm(), "非常满意", surveyed, intent="give_praise")
    assert slots["form_outcome"] == "survey"
    ended = {"form_outcome": "survey", "feedback_kind": "give_praise"}
    await say(ActionSubmitFeedback(), "非常满意", surveyed, slots=ended)
    assert len(desk.tickets(surveyed)) == 1


async def test_without_a_survey_praise_is_praise(desk: SmallDesk) -> None:
    slots, _ = await say(
        ValidateFeedbackForm(), "非常满意", desk.conversation(), intent="give_praise"
    )
    assert slots["feedback_text"] == "非常满意"


async def test_a_second_answer_changes_nothing(desk: SmallDesk, surveyed: str) -> None:
    await say(ActionTakeAnswer(), "5分", surveyed, intent="affirm")
    _, said = await say(ActionTakeAnswer(), "1分", surveyed, intent="affirm")
    assert said == ["utter_survey_answered"]
    assert the_ticket(desk, surveyed).score == 5


async def test_thanks_may_hold_the_score(desk: SmallDesk, surveyed: str) -> None:
    _, said = await say(ActionTakeThanks(), "满意，谢谢", surveyed, intent="thank")
    assert said[0] == "utter_survey_thanks"
    _, said = await say(ActionTakeThanks(), "谢谢", surveyed, intent="thank")
    assert said == ["utter_welcome"]


async def test_inside_a_form_the_form_goes_on_after_the_score(
    desk: SmallDesk, surveyed: str
) -> None:
    known = {"case_target": "new", "case_consent": True, "case_matter": "路灯坏了"}
    slots, said = await say(
        ValidateComplaintForm(), "满意", surveyed, requested="case_place", slots=known
    )
    assert said[0] == "utter_survey_thanks"
    assert slots["requested_slot"] == "case_place"


async def test_a_bare_figure_inside_a_form_is_the_forms(desk: SmallDesk, surveyed: str) -> None:
    known = {"progress_ref": "T261122-0007-3"}
    await say(ValidateComplaintForm(), "5", surveyed, requested="case_place", slots=known)
    assert the_ticket(desk, surveyed).score is None
