"""Taps in the chat: answered by the desk, in every state, whatever a browser sends."""

import uuid

import pytest

from desk.conversations import service as conversations
from desk.feedback.chat import take_customer_message
from desk.feedback.models import Survey
from desk.feedback.surveys import answer_survey
from desk.feedback.tapping import Tap, read_tap
from desk.tickets.models import Ticket
from tests.desk.feedback.conftest import NOW


def tap(post, conversation, payload, text="满意", client_id=None):
    with post.database.transaction() as session:
        return take_customer_message(
            session,
            conversation.id,
            client_id=client_id or uuid.uuid4().hex,
            text=text,
            payload=payload,
            now=NOW,
        )


def payload_of(survey, score=5):
    return f'/answer_survey{{"score": {score}, "survey": {survey.id}}}'


def said(make, conversation):
    return [one.text for one in make.messages(conversation) if one.sender == "system"]


@pytest.fixture
def asked(make, answered):
    conversation = make.conversation("窗户漏水")
    ticket, survey = answered(conversation, kind="complaint")
    return conversation, ticket, survey


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ('/answer_survey{"score": 5, "survey": 12}', Tap(5, 12)),
        ('/answer_survey{"score":1}', Tap(1, None)),
        ('/comment_survey{"survey": 12}', Tap(None, 12)),
        ("/comment_survey", Tap(None, None)),
        ("/answer_survey", None),
        ('/answer_survey{"score": "5"}', None),
        ('/answer_survey{"score": true}', None),
        ('/answer_survey{"score": 5, "survey": "1"}', None),
        ('/answer_survey{"score": 5', None),
        ("/answer_survey{[]}", None),
        ('x/answer_survey{"score": 5}', None),
        ("/ask_price", None),
        ("", None),
        (None, None),
    ],
)
def test_reading_a_payload(payload, expected):
    assert read_tap(payload) == expected


def test_satisfied_thanks_and_closes(asked, make, post):
    conversation, ticket, survey = asked
    added = tap(post, conversation, payload_of(survey), "非常满意")
    assert added.message.handled_at is not None
    assert "谢谢您的评价" in said(make, conversation)[-1]
    assert post.all(Ticket, id=ticket.id)[0].state == "closed"
    question = next(one for one in make.messages(conversation) if "满意吗" in one.text)
    assert question.buttons == []


def test_dissatisfied_apologises_and_says_what_follows(asked, make, post):
    conversation, ticket, survey = asked
    tap(post, conversation, payload_of(survey, 1), "很不满意")
    assert "升级" in said(make, conversation)[-1]
    assert ticket.number in said(make, conversation)[-1]
    assert post.all(Ticket, id=ticket.id)[0].state == "in_progress"
    before = len(said(make, conversation))
    post.publish()
    assert len(said(make, conversation)) == before


@pytest.mark.parametrize("mode", ["bot", "queued", "agent", "closed"])
def test_in_every_state_of_the_conversation(asked, make, post, database, mode):
    conversation, ticket, survey = asked
    agent, supervisor = make.staff(), make.staff("supervisor")
    with database.transaction() as session:
        if mode in {"queued", "agent"}:
            conversations.request_handover(session, conversation.id, reason="requested")
        if mode == "agent":
            conversations.claim(session, conversation.id, agent)
        if mode == "closed":
            conversations.close(session, conversation.id, supervisor)
    tap(post, conversation, payload_of(survey), "非常满意")
    assert make.fresh(conversation).mode == mode
    assert "谢谢您的评价" in said(make, conversation)[-1]
    assert post.all(Ticket, id=ticket.id)[0].score == 5


def test_a_second_tap_is_answered_politely(asked, make, post):
    conversation, ticket, survey = asked
    tap(post, conversation, payload_of(survey, 5))
    tap(post, conversation, payload_of(survey, 5))
    assert "已经收到" in said(make, conversation)[-1]
    tap(post, conversation, payload_of(survey, 1))
    assert "已截止" in said(make, conversation)[-1]
    assert post.all(Ticket, id=ticket.id)[0].score == 5


def test_a_retry_of_the_browser_is_one_tap(asked, make, post):
    conversation, _ticket, survey = asked
    first = tap(post, conversation, payload_of(survey), client_id="tap-1")
    count = len(make.messages(conversation))
    again = tap(post, conversation, payload_of(survey), client_id="tap-1")
    assert (first.is_new, again.is_new) == (True, False)
    assert len(make.messages(conversation)) == count


def test_a_comment_is_kept(asked, make, post):
    conversation, _ticket, survey = asked
    tap(post, conversation, payload_of(survey, 4))
    offered = make.messages(conversation)[-1].buttons
    assert offered == [
        {
            "title": "写几句意见",
            "payload": f'/comment_survey{{"survey": {survey.id}}}',
            "input": "text",
        }
    ]
    tap(post, conversation, offered[0]["payload"], "师傅很准时")
    assert post.all(Survey)[0].comment == "师傅很准时"
    assert "已经记下" in said(make, conversation)[-1]


def test_another_conversations_survey_cannot_be_answered(asked, make, post):
    _conversation, ticket, survey = asked
    stranger = make.conversation("你好")
    tap(post, stranger, payload_of(survey, 1))
    assert "没有找到" in said(make, stranger)[-1]
    assert post.all(Ticket, id=ticket.id)[0].state == "resolved"


@pytest.mark.parametrize("score", [0, 6, 99])
def test_a_score_out_of_range_says_so(asked, make, post, score):
    conversation, ticket, survey = asked
    tap(post, conversation, payload_of(survey, score))
    assert "1～5" in said(make, conversation)[-1]
    assert post.all(Ticket, id=ticket.id)[0].score is None


def test_traditional_customers_are_thanked_in_traditional(make, post, answered):
    conversation = make.conversation("窗戶漏水，請儘快處理")
    _ticket, survey = answered(conversation)
    tap(post, conversation, payload_of(survey), "非常滿意")
    assert "謝謝您的評價" in said(make, conversation)[-1]


def test_other_payloads_go_to_the_bot_as_before(asked, post):
    conversation, _ticket, _survey = asked
    added = tap(post, conversation, "/ask_price", "看房与价格")
    assert added.message.handled_at is None
    assert added.message.payload is None


def test_an_answer_given_otherwise_takes_the_stars_away(asked, make, post):
    conversation, _ticket, survey = asked
    with post.database.transaction() as session:
        answer_survey(session, survey.id, 4, now=NOW, actor="xiaoli")
    post.publish()
    assert all(not message.buttons for message in make.messages(conversation))
