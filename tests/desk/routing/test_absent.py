"""Conversations whose agents are gone go back to the queue, once the customer waits too long."""

from datetime import timedelta

import pytest

from desk.conversations import service as conversations
from desk.conversations.models import Mode
from desk.outbox.notices import notices_of
from desk.routing.absent import has_left, put_back_conversations
from desk.routing.offering import offers_to
from desk.routing.presence import Presence


@pytest.fixture
def held(floor):
    """A function: a conversation that an agent took at this moment."""

    def take(agent, *texts, urgent=False):
        waiting = floor.make.queued(*texts, now=floor.now, urgent=urgent)
        with floor.database.transaction() as session:
            return conversations.claim(session, waiting.id, agent, now=floor.now)

    return take


def run(floor, minutes=0):
    floor.now += timedelta(minutes=minutes)
    with floor.database.transaction() as session:
        expected = has_left(session, floor.now)
        moved = put_back_conversations(session, floor.now)
        assert expected or not moved
        return moved


def answers(floor, agent, conversation):
    with floor.database.transaction() as session:
        conversations.add_agent_message(
            session, conversation.id, agent, client_id="a", text="您好，我看一下", now=floor.now
        )


def asks(floor, conversation, text="还在吗"):
    floor.make.says(conversation, text, now=floor.now)


def notices(floor, agent):
    with floor.database.reading() as session:
        return [one.text for one in notices_of(session, agent)]


def test_a_closed_console_hands_the_waiting_customer_on(floor, held):
    gone, other = floor.agent(), floor.agent(login="xiaowang")
    conversation = held(gone, "楼道灯坏了", urgent=True)
    answers(floor, gone, conversation)
    asks(floor, conversation)
    floor.stay(other)
    assert run(floor, minutes=4) == (), "a short failure of the network"
    assert run(floor, minutes=2) == (conversation.id,)
    now = floor.make.fresh(conversation)
    assert (now.mode, now.assigned_to_id, now.queue_reason) == (Mode.QUEUED, None, "agent_gone")
    assert now.is_urgent, "it stays as urgent as it was"
    told = floor.make.messages(conversation, for_staff=False)[-1].text
    assert "暂时不在" in told and "马上轮到您" in told
    assert conversation.id[:4].upper() in notices(floor, gone)[0]
    assert run(floor, minutes=1) == (), "it waits already"
    floor.stay(other)
    floor.round()
    with floor.database.reading() as session:
        (offer,) = offers_to(session, other, now=floor.now)
        assert offer.conversation_id == conversation.id


def test_away_with_the_console_open_counts_too(floor, held):
    agent = floor.agent()
    conversation = held(agent, "物业费怎么算")
    floor.goes(agent, Presence.AWAY, "会议")
    floor.now += timedelta(minutes=6)
    floor.stay(agent)
    assert run(floor) == (conversation.id,), "never answered since it was taken"


def test_nobody_is_moved_whose_customer_has_an_answer_or_whose_agent_is_there(floor, held):
    gone, there = floor.agent(), floor.agent()
    answered, served = held(gone, "已经答复的"), held(there, "有人在答")
    answers(floor, gone, answered)
    floor.now += timedelta(minutes=30)
    floor.stay(there)
    assert run(floor) == ()
    asks(floor, answered)
    assert run(floor, minutes=4) == (), "they have waited for four minutes only"
    floor.stay(there)
    assert run(floor, minutes=1) == (answered.id,)
    assert floor.make.fresh(served).assigned_to_id == there.id


def test_who_was_given_a_conversation_while_gone_has_time_to_come(floor, held):
    leader, gone = floor.agent(role="supervisor"), floor.agent()
    conversation = held(leader, "给同事的")
    floor.now += timedelta(minutes=20)
    asks(floor, conversation)
    with floor.database.transaction() as session:
        conversations.give_to(session, conversation.id, leader, gone, now=floor.now)
    floor.stay(leader)
    assert run(floor, minutes=4) == ()
    assert run(floor, minutes=1) == (conversation.id,)


def test_who_works_by_the_rest_interface_alone_is_never_gone(floor):
    agent = floor.make.staff("agent")
    floor.make.claimed(agent, "接口接入的")
    assert run(floor, minutes=60 * 24) == ()
