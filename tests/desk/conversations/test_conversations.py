"""Conversations on both databases: idempotent messages, modes, queue, visibility."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from desk.conversations import service
from desk.conversations.bot_turns import turn_request
from desk.conversations.domain import BotMessage, BotTurn, Handover
from desk.conversations.models import Conversation, Mode
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def turn(*texts, commands=(), buttons=(), intent="ask_price"):
    messages = tuple(BotMessage(text, tuple(buttons)) for text in texts)
    return BotTurn(messages, tuple(commands), intent, 0.9)


def apply(database, message, answer):
    with database.transaction() as session:
        return service.apply_bot_turn(session, message.conversation_id, message.id, answer)


def senders(make, conversation, **kwargs):
    return [message.sender for message in make.messages(conversation, **kwargs)]


# Opening and resuming


def test_opened_conversation_is_found_by_its_token_only(database):
    with database.transaction() as session:
        conversation, token = service.open_conversation(session, source="widget")
    assert token not in conversation.token_hash
    with database.reading() as session:
        assert service.resume(session, token).id == conversation.id
        for wrong in ("", "x", token[:-1], "\ud800", conversation.token_hash):
            with pytest.raises(NotFound):
                service.resume(session, wrong)


def test_unknown_source_counts_as_web(database):
    with database.transaction() as session:
        assert service.open_conversation(session, source="<b>")[0].source == "web"


@pytest.mark.parametrize("wrong", ["", "x", "0" * 32, "0" * 31 + "\x00", "' OR 1=1"])
def test_unknown_ids_are_not_found(database, wrong):
    with database.reading() as session, pytest.raises(NotFound):
        service.find(session, wrong)


# Customers' messages


def test_messages_count_from_one_without_gaps(make):
    conversation = make.conversation("一", "二", "三")
    assert [message.seq for message in make.messages(conversation)] == [1, 2, 3]
    assert conversation.last_seq == 3


def test_a_retry_changes_nothing(database, make):
    conversation = make.conversation()
    for expected in (True, False, False):
        with database.transaction() as session:
            added = service.add_customer_message(
                session, conversation.id, client_id="a1", text="你好"
            )
        assert added.is_new is expected
    assert len(make.messages(conversation)) == 1


def test_the_same_client_id_in_another_conversation_is_another_message(make):
    for conversation in (make.conversation(), make.conversation()):
        make.says(conversation, "你好", client_id="a1")
        assert len(make.messages(conversation)) == 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "errors.empty_message"),
        ("\x00\x01", "errors.empty_message"),
        ("\u200b", "errors.empty_message"),
        ("长" * 4001, "errors.message_too_long"),
        ("x" * 10_000, "errors.message_too_long"),
    ],
)
def test_unusable_texts_are_refused_and_not_stored(database, make, text, key):
    conversation = make.conversation()
    with pytest.raises(InvalidInput) as caught:
        make.says(conversation, text)
    assert caught.value.key == key
    assert make.messages(conversation) == []


@pytest.mark.parametrize(
    "text",
    [
        "长" * 4000,
        "😡" * 10,
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE message; --",
        "{{7*7}} %s %(x)s ${x}",
        "مرحبا नमस्ते",
    ],
)
def test_any_visible_text_is_stored_as_it_is(make, text):
    conversation = make.conversation(text)
    assert make.messages(conversation)[0].text == text


def test_nul_is_removed(make):
    assert make.messages(make.conversation("漏\x00水"))[0].text == "漏水"


@pytest.mark.parametrize("client_id", ["", "a" * 65, "a b", "\x00"])
def test_malformed_client_ids_are_refused(make, client_id):
    with pytest.raises(InvalidInput):
        make.says(make.conversation(), "你好", client_id=client_id)


def test_an_agents_client_id_cannot_be_taken_by_the_customer(database, make):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        service.add_agent_message(session, conversation.id, agent, client_id="a1", text="您好")
    with pytest.raises(Conflict):
        make.says(conversation, "你好", client_id="a1")


def test_payload_is_kept_only_if_the_newest_bot_message_offers_it(database, make):
    conversation = make.conversation()
    first = make.says(conversation, "报修")
    button = {"title": "同意", "payload": "/affirm"}
    apply(database, first, turn("是否同意？", buttons=[button]))
    assert make.says(conversation, "同意", payload="/affirm").payload == "/affirm"
    assert make.says(conversation, "x", payload="/restart").payload is None
    apply(database, make.says(conversation, "好"), turn("登记好了"))
    assert make.says(conversation, "同意", payload="/affirm").payload is None


def test_the_customers_script_is_remembered_and_answered_in(database, make):
    conversation = make.conversation()
    message = make.says(conversation, "請問這套房子多少錢")
    assert make.fresh(conversation).is_traditional
    apply(database, message, turn("总价三百万", buttons=[{"title": "预约看房", "payload": "/v"}]))
    answer = make.messages(conversation)[-1]
    assert answer.text == "總價三百萬"
    assert answer.buttons == [{"title": "預約看房", "payload": "/v"}]
    make.says(conversation, "OK 123")
    assert make.fresh(conversation).is_traditional
    make.says(conversation, "那这个价格还能谈吗")
    assert not make.fresh(conversation).is_traditional


# The bot's turns


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


@pytest.mark.parametrize("answer", [turn("您好，这里是云栖"), None, turn()])
def test_greeting_once(database, make, answer):
    conversation = make.conversation()
    for expected in (True, False):
        with database.transaction() as session:
            done = service.apply_greeting(session, conversation.id, answer, company="云栖")
        assert done is expected
    (greeting,) = make.messages(conversation)
    assert greeting.sender == "bot"
    assert "云栖" in greeting.text


# Who speaks


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


# Reading


def test_notes_are_for_staff_only(database, make):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        service.add_note(session, conversation.id, agent, "客户情绪激动")
    assert senders(make, conversation)[-1] == "note"
    assert "note" not in senders(make, conversation, for_staff=False)


def test_messages_come_in_pages(database, make):
    conversation = make.conversation(*(f"第{n}条" for n in range(1, 8)))
    with database.reading() as session:
        page = service.messages_after(session, conversation.id, 3, for_staff=True, limit=2)
    assert [message.seq for message in page] == [4, 5]


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("agent", {"queued", "own", "former"}),
        ("qa", {"bot", "queued", "own", "others", "former"}),
        ("supervisor", {"bot", "queued", "own", "others", "former"}),
        ("admin", {"bot", "queued", "own", "others", "former"}),
        ("department", set()),
    ],
)
def test_who_may_read_what(database, make, role, sees):
    agent, other = make.staff(), make.staff()
    reader = agent if role == "agent" else make.staff(role)
    found = {
        "bot": make.conversation("你好"),
        "queued": make.queued(),
        "own": make.claimed(agent),
        "others": make.claimed(other),
        "former": make.claimed(agent),
    }
    with database.transaction() as session:
        service.hand_back(session, found["former"].id, agent)
    seen = set()
    with database.reading() as session:
        for name, conversation in found.items():
            try:
                service.seen_by(session, reader, conversation.id)
                seen.add(name)
            except NotFound:
                pass
        listed = {one.id for one in service.recent(session, staff=reader)}
    assert seen == sees
    assert listed == {found[name].id for name in sees}


def test_an_agents_conversations(database, make):
    agent = make.staff()
    mine = make.claimed(agent)
    make.claimed(make.staff())
    with database.reading() as session:
        assert [one.id for one in service.conversations_of(session, agent)] == [mine.id]


def test_a_failure_keeps_nothing_of_the_transaction(database, make):
    conversation = make.conversation()
    with pytest.raises(RuntimeError), database.transaction() as session:
        service.add_customer_message(session, conversation.id, client_id="a1", text="你好")
        raise RuntimeError
    assert make.messages(conversation) == []
    assert make.fresh(conversation).last_seq == 0
