"""Conversations on both databases: opening, idempotent messages, reading."""

from datetime import UTC, datetime

import pytest

from desk.conversations import service
from desk.errors import Conflict, InvalidInput, NotFound
from tests.desk.conversations.turns import apply, senders, turn

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


# Opening and resuming


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


def test_a_conversation_read_before_in_the_session_is_kept_up_to_date(database):
    with database.transaction() as session:
        head, _token = service.open_conversation(session)
        conversation = service.find(session, head.id)
        said = service.add_customer_message(session, conversation.id, client_id="a1", text="灯坏了")
        assert conversation.last_seq == said.conversation.last_seq == said.message.seq == 1
        assert conversation.last_customer_at is not None
