"""Who speaks: hand-over, claim, transfer, hand-back, end, on both databases."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from desk.conversations import service
from desk.conversations.models import Conversation, Mode
from desk.errors import Conflict, Forbidden, NotFound
from tests.desk.conversations.turns import senders

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_handover_is_idempotent_and_can_become_urgent(database, make):
    conversation = make.queued()
    version = conversation.version
    with database.transaction() as session:
        again = service.request_handover(session, conversation.id, reason="anger", urgent=True)
    assert (again.mode, again.queue_reason, again.is_urgent) == ("queued", "requested", True)
    assert again.version == version + 1
    assert senders(make, conversation).count("system") == 1


def test_handover_leaves_agents_and_closed_conversations_alone(database, make):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        service.request_handover(session, conversation.id, reason="anger")
        assert session.get_one(Conversation, conversation.id).mode == Mode.AGENT
        service.close(session, conversation.id, agent)
        service.request_handover(session, conversation.id, reason="anger")
        assert session.get_one(Conversation, conversation.id).mode == Mode.CLOSED


def test_queue_is_urgent_first_then_by_waiting_time(database, make):
    first = make.queued("一号的问题", now=NOW)
    second = make.queued("二号的问题", now=NOW + timedelta(minutes=1))
    urgent = make.queued("三号的问题", now=NOW + timedelta(minutes=2), urgent=True)
    with database.reading() as session:
        entries = service.queue(session)
        positions = [
            service.queue_position(session, service.find(session, one.id))
            for one in (urgent, first, second)
        ]
    assert [entry.conversation_id for entry in entries] == [urgent.id, first.id, second.id]
    assert [entry.position for entry in entries] == positions == [1, 2, 3]
    assert [entry.preview for entry in entries] == ["三号的问题", "一号的问题", "二号的问题"]


def test_a_customer_is_told_the_place_in_the_queue(make):
    make.queued()
    waiting = make.queued()
    assert "前面还有 1 位" in make.messages(waiting)[-1].text


def test_claim_gives_the_conversation_to_one_agent(database, make):
    agent, other = make.staff(), make.staff()
    conversation = make.claimed(agent)
    assert (conversation.mode, conversation.assigned_to_id) == ("agent", agent.id)
    assert agent.display_name in make.messages(conversation)[-1].text
    with database.transaction() as session:
        service.claim(session, conversation.id, agent)
        with pytest.raises(Conflict) as caught:
            service.claim(session, conversation.id, other)
    assert caught.value.details == {"agent": agent.display_name}
    assert senders(make, conversation).count("system") == 2


def test_claim_with_an_old_version_fails_but_new_messages_do_not_matter(database, make):
    agent = make.staff()
    conversation = make.queued()
    make.says(conversation, "还在吗")
    with database.transaction() as session, pytest.raises(Conflict):
        service.claim(session, conversation.id, agent, expected_version=conversation.version - 1)
    with database.transaction() as session:
        service.claim(session, conversation.id, agent, expected_version=conversation.version)


@pytest.mark.parametrize("role", ["qa", "department"])
def test_only_agents_and_supervisors_claim(database, make, role):
    conversation, staff = make.queued(), make.staff(role)
    with database.transaction() as session, pytest.raises(Forbidden):
        service.claim(session, conversation.id, staff)


def test_two_agents_claiming_at_once_one_wins(database, make):
    agents = [make.staff() for _ in range(2)]
    conversation = make.queued()
    start, results = threading.Barrier(2), []

    def try_to_claim(agent):
        start.wait()
        try:
            with database.transaction() as session:
                service.claim(session, conversation.id, agent)
            results.append(agent.id)
        except Conflict:
            results.append(None)

    threads = [threading.Thread(target=try_to_claim, args=(agent,)) for agent in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [result for result in results if result]
    assert len(results) == 2
    assert winners == [make.fresh(conversation).assigned_to_id]


def test_customers_writing_at_once_get_distinct_places(database, make):
    conversation = make.conversation()
    start = threading.Barrier(4)

    def write(number):
        start.wait()
        for part in range(5):
            make.says(conversation, f"第 {number}-{part} 条")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [m.seq for m in make.messages(conversation)] == list(range(1, 21))


def test_the_same_message_sent_twice_at_once_is_stored_once(database, make):
    conversation = make.conversation()
    start, new = threading.Barrier(2), []

    def send():
        start.wait()
        with database.transaction() as session:
            added = service.add_customer_message(
                session, conversation.id, client_id="a1", text="你好"
            )
        new.append(added.is_new)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False, True]
    assert len(make.messages(conversation)) == 1


def test_hand_back_returns_to_the_bot(database, make):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        service.hand_back(session, conversation.id, agent)
    now = make.fresh(conversation)
    assert (now.mode, now.assigned_to_id, now.queued_at) == ("bot", None, None)
    assert make.says(conversation, "多少钱").handled_at is None


@pytest.mark.parametrize("action", [service.hand_back, service.close])
def test_other_agents_cannot_end_ones_conversation_but_supervisors_can(database, make, action):
    conversation = make.claimed(make.staff())
    with database.transaction() as session, pytest.raises(NotFound):
        action(session, conversation.id, make.staff())
    with database.transaction() as session:
        action(session, conversation.id, make.staff("supervisor"))


def test_closed_conversation_reopens_with_the_bot(database, make):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        service.close(session, conversation.id, agent)
        service.close(session, conversation.id, agent)
    message = make.says(conversation, "还有个问题")
    now = make.fresh(conversation)
    assert (now.mode, now.closed_at) == ("bot", None)
    assert message.handled_at is None
    assert senders(make, conversation)[-3:] == ["system", "system", "customer"]


def test_an_agent_cannot_close_what_waits_for_others(database, make):
    conversation = make.queued()
    with database.transaction() as session, pytest.raises(Conflict):
        service.close(session, conversation.id, make.staff())


def test_transfer_changes_the_speaker(database, make):
    first, second = make.staff(), make.staff()
    conversation = make.claimed(first)
    with database.transaction() as session:
        service.transfer_to(session, conversation.id, first, second)
        with pytest.raises(Conflict):
            service.add_agent_message(session, conversation.id, first, client_id="a1", text="您好")
        service.add_agent_message(session, conversation.id, second, client_id="a2", text="您好")
    with database.transaction() as session, pytest.raises(Conflict):
        service.transfer_to(session, conversation.id, second, make.staff("qa"))


@pytest.mark.parametrize("state", ["bot", "queued", "other's", "closed"])
def test_an_agent_speaks_only_in_an_own_conversation(database, make, state):
    agent, other = make.staff(), make.staff()
    conversation = make.conversation("你好")
    with database.transaction() as session:
        if state != "bot":
            service.request_handover(session, conversation.id, reason="requested")
        if state in {"other's", "closed"}:
            service.claim(session, conversation.id, other)
        if state == "closed":
            service.close(session, conversation.id, other)
    with database.transaction() as session, pytest.raises(Conflict):
        service.add_agent_message(session, conversation.id, agent, client_id="a1", text="您好")
    assert "agent" not in senders(make, conversation)


def test_the_database_itself_refuses_two_speakers(database, make):
    agent = make.staff()
    conversation = make.conversation("你好")
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.get_one(Conversation, conversation.id).assigned_to_id = agent.id
