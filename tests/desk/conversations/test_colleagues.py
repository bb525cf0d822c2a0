"""Drafts and mentions: what is kept for whom, and who may see a conversation for it."""

import pytest

from desk.conversations import service
from desk.conversations.drafts import Begun, clear_drafts, draft_of, drafted, keep_draft
from desk.conversations.mentions import (
    MOST_MENTIONS,
    colleagues_to_mention,
    mark_seen,
    named_in,
    unseen_mentions,
)
from desk.errors import InvalidInput, NotFound
from desk.outbox.notices import notices_of


def test_a_draft_comes_back_as_it_was_left(database, make):
    agent, other = make.staff(), make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        begun = Begun("c1", "您好，{", "a.one", "您好")
        keep_draft(session, agent, conversation.id, begun)
        begun.text = "您好，请稍等 <b>"
        keep_draft(session, agent, conversation.id, begun)
    with database.reading() as session:
        kept = draft_of(session, agent, conversation.id)
        assert kept == Begun("c1", "您好，请稍等 <b>", "a.one", "您好")
        assert draft_of(session, other, conversation.id) is None
        assert drafted(session, agent) == {conversation.id}
        assert drafted(session, other) == set()


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_emptied_draft_is_forgotten(database, make, text):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        keep_draft(session, agent, conversation.id, Begun(text="您好"))
        keep_draft(session, agent, conversation.id, Begun(text=text))
        assert draft_of(session, agent, conversation.id) is None


def test_drafts_go_with_the_conversations_contents(database, make):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        keep_draft(session, agent, conversation.id, Begun(text="您的电话 13800138000"))
        clear_drafts(session, conversation.id)
        assert drafted(session, agent) == set()


NAMES = {1: "小王", 2: "小王子", 3: "陈静", 4: "陈静"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@小王 请看一下", [1]),
        ("请＠小王子和@陈静跟进", [2, 3, 4]),
        ("@小王@小王", [1]),
        ("邮箱 a@b.com，@", []),
        ("小王请看", []),
    ],
)
def test_names_behind_an_at_are_found(text, expected):
    assert named_in(text, NAMES) == expected


def test_who_is_named_gets_a_notice_and_may_read(database, make):
    author, named, other = make.staff(), make.staff(display_name="小王"), make.staff()
    conversation = make.claimed(author, "我家漏水")
    with database.transaction() as session, pytest.raises(NotFound):
        service.seen_by(session, named, conversation.id)
    with database.transaction() as session:
        service.add_note(session, conversation.id, author, "@小王 请看", mentions=[named.id])
    with database.transaction() as session:
        assert service.seen_by(session, named, conversation.id).id == conversation.id
        assert [one.id for one in unseen_mentions(session, named)] == [conversation.id]
        assert unseen_mentions(session, other) == []
        (notice,) = notices_of(session, named)
        assert notice.conversation_id == conversation.id
        assert notice.text == f"{author.display_name}在内部备注中提到了您。"
        assert mark_seen(session, named, conversation.id)
        assert not mark_seen(session, named, conversation.id)
        assert unseen_mentions(session, named) == []
        with pytest.raises(NotFound):
            service.seen_by(session, other, conversation.id)


def test_departments_and_those_who_left_are_not_named(database, make):
    author, department = make.staff(), make.staff("department")
    gone = make.staff(is_active=False)
    conversation = make.claimed(author)
    with database.reading() as session:
        known = {one.id for one in colleagues_to_mention(session, author)}
    assert known.isdisjoint({author.id, department.id, gone.id})
    for wanted in ([department.id], [gone.id], [10**6], range(1000, 1001 + MOST_MENTIONS)):
        with pytest.raises(InvalidInput), database.transaction() as session:
            service.add_note(session, conversation.id, author, "请看", mentions=wanted)
    assert [one.sender for one in make.messages(conversation)].count("note") == 0
