"""Leaving word: a ticket with a call-back time, stored once, no address without consent."""

from datetime import UTC, datetime

import pytest

from desk.conversations.leaving_word import Word, leave_word
from desk.errors import InvalidInput
from desk.routing.hours import call_back_by
from desk.tickets.service import tickets_of_conversation
from tests.desk.support import greeted, tab

SUNDAY_NIGHT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def left(database, conversation, *, client_id="w1", now=SUNDAY_NIGHT, **fields):
    word = Word(**{"text": "门禁卡丢了，请回电", **fields})
    with database.transaction() as session:
        leave_word(session, conversation.id, word, client_id=client_id, now=now)
    with database.reading() as session:
        return tickets_of_conversation(session, conversation.id)


def test_words_become_a_ticket_with_a_call_back_time(database, make):
    conversation = make.queued("转人工")
    fields = {"name": "王女士", "contact": "138 0013 8000", "has_consent": True}
    (ticket,) = left(database, conversation, **fields)
    assert (ticket.kind, ticket.reply_channel, ticket.phone) == ("inquiry", "phone", "13800138000")
    assert (ticket.customer_name, ticket.has_consent) == ("王女士", True)
    assert ticket.due_at == call_back_by(SUNDAY_NIGHT)
    answer = make.messages(conversation)[-1]
    assert ticket.number in answer.text and answer.card["kind"] == "progress"
    assert make.fresh(conversation).mode == "bot"


def test_a_retry_opens_no_second_ticket(database, make):
    conversation = make.conversation()
    left(database, conversation)
    assert len(left(database, conversation)) == 1
    assert [message.sender for message in make.messages(conversation)] == ["customer", "system"]


def test_an_agent_who_speaks_goes_on_speaking(database, make):
    held = make.claimed(make.staff())
    left(database, held)
    assert make.fresh(held).mode == "agent"


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"text": "  "}, "errors.empty_message"),
        ({"text": "好" * 4001}, "errors.message_too_long"),
        ({"contact": "abc", "has_consent": True}, "errors.link_address"),
        ({"contact": "13800138000"}, "errors.consent_needed"),
        ({"name": "王女士"}, "errors.consent_needed"),
        ({"name": "王" * 41, "has_consent": True}, "errors.name_too_long"),
    ],
)
def test_what_can_not_be_taken_writes_nothing(database, make, fields, key):
    conversation = make.conversation()
    with pytest.raises(InvalidInput) as refusal:
        left(database, conversation, **fields)
    assert refusal.value.key == key
    assert make.messages(conversation) == []


async def test_over_the_socket(running):
    async with tab(running) as one:
        await greeted(one)
        await one.send(type="word", client_id="w1", text="请回电")
        assert (await one.wait("ack"))["client_id"] == "w1"
        await one.send(type="word", client_id="w2", text="请回电", contact="13800138000")
        refused = await one.wait("error")
    assert (refused["code"], refused["client_id"]) == ("consent_needed", "w2")
