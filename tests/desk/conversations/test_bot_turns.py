"""The bot's turns are stored once, whole, and only while the bot speaks."""

from datetime import UTC, datetime

import pytest

from desk.conversations import service
from desk.conversations.bot_turns import turn_request
from desk.conversations.domain import Handover
from desk.conversations.models import Mode
from tests.desk.conversations.turns import apply, senders, turn

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_bot_turn_is_stored_and_handles_the_message(database, make):
    conversation = make.conversation()
    message = make.says(conversation, "多少钱")
    assert apply(database, message, turn("三百万", "还想了解什么？"))
    stored = make.messages(conversation)
    assert [m.sender for m in stored] == ["customer", "bot", "bot"]
    assert stored[0].handled_at is not None
    assert stored[0].intent == "ask_price"
    assert make.fresh(conversation).last_intent == "ask_price"


def test_a_second_turn_for_the_same_message_is_dropped(database, make):
    conversation = make.conversation()
    message = make.says(conversation, "多少钱")
    apply(database, message, turn("三百万"))
    assert not apply(database, message, turn("三百万"))
    assert senders(make, conversation) == ["customer", "bot"]


@pytest.mark.parametrize("mode", ["queued", "agent", "closed"])
def test_the_bot_is_silent_once_people_have_the_conversation(database, make, mode):
    conversation, agent = make.conversation(), make.staff("supervisor")
    message = make.says(conversation, "多少钱")
    with database.transaction() as session:
        service.request_handover(session, conversation.id, reason="requested")
        if mode == "agent":
            service.claim(session, conversation.id, agent)
        if mode == "closed":
            service.close(session, conversation.id, agent)
    assert not apply(database, message, turn("三百万", commands=[Handover("anger", urgent=True)]))
    assert "bot" not in senders(make, conversation)
    assert make.fresh(conversation).mode == mode
    assert not make.fresh(conversation).is_urgent


def test_a_late_turn_stays_dropped_after_the_bot_is_back(database, make):
    agent = make.staff()
    conversation = make.conversation()
    message = make.says(conversation, "多少钱")
    with database.transaction() as session:
        service.request_handover(session, conversation.id, reason="requested")
        service.claim(session, conversation.id, agent)
        service.hand_back(session, conversation.id, agent)
    assert make.fresh(conversation).mode == Mode.BOT
    assert not apply(database, message, turn("三百万"))
    with database.reading() as session:
        assert turn_request(session, message.id) is None


def test_messages_and_handover_of_a_turn_are_one_transaction(database, make):
    conversation = make.conversation()
    message = make.says(conversation, "我要投诉")
    apply(database, message, turn("已登记", commands=[Handover("major_complaint", urgent=True)]))
    assert senders(make, conversation) == ["customer", "bot", "system"]
    now = make.fresh(conversation)
    assert (now.mode, now.queue_reason, now.is_urgent) == ("queued", "major_complaint", True)


def test_a_failed_turn_tells_the_customer_and_queues(database, make):
    conversation = make.conversation()
    first, second = make.says(conversation, "多少钱"), make.says(conversation, "在吗")
    with database.transaction() as session:
        assert service.fail_bot_turn(session, conversation.id, first.id)
        assert not service.fail_bot_turn(session, conversation.id, second.id)
    stored = make.messages(conversation)
    assert [m.sender for m in stored] == ["customer", "customer", "system"]
    assert "智能客服暂时无法使用" in stored[-1].text
    assert make.fresh(conversation).queue_reason == "bot_unavailable"
    assert all(m.handled_at for m in stored[:2])
