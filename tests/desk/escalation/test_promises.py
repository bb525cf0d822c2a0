"""Promises in agents' replies: stored, kept, broken and told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.errors import Conflict, NotFound
from desk.escalation.models import Commitment
from desk.escalation.promises import keep, promises_of, settle_due
from desk.outbox.models import Notice
from desk.reviews.replies import ReplyStatus, send_reply
from desk.tickets import service as tickets
from desk.tickets.timeline import EntryKind, append
from tests.desk.escalation.conftest import at


@pytest.fixture
def conversation(make, people):
    return make.claimed(people.agent, "走廊灯不亮")


@pytest.fixture
def ticket(opened, conversation):
    return opened(conversation_id=conversation.id, source_key="complaint-1")


@pytest.fixture
def says(database, checker, people, conversation):
    """The agent answers at a time."""
    count = iter(range(100))

    def say(text, when):
        with database.transaction() as session:
            result = send_reply(
                session,
                checker,
                conversation.id,
                people.agent,
                client_id=f"reply-{next(count)}",
                text=text,
                override_reason="核实过",
                now=at(when),
            )
        assert result.status == ReplyStatus.SENT
        return result.message

    return say


def commitments(database):
    with database.reading() as session:
        return list(session.scalars(select(Commitment).order_by(Commitment.id)))


def settle(database, when):
    with database.transaction() as session:
        return settle_due(session, at(when))


def test_a_promise_becomes_a_commitment_on_the_open_ticket(says, ticket, database, look, people):
    message = says("好的，我明天上午给您答复。", "15:00")
    (made,) = commitments(database)
    assert made.due_at == at("2026-11-21 12:00")
    assert (made.message_id, made.staff_id, made.state) == (message.id, people.agent.id, "open")
    assert made.ticket_id == ticket.id
    assert "明天上午给您答复" in made.what
    (entry,) = look.entries(ticket, "promised")
    assert entry.actor == "li"
    assert entry.text == made.what
    assert entry.data["due_at"] == made.due_at.isoformat()


def test_a_reply_without_a_dated_promise_makes_none(says, ticket, database):
    says("您好，已经帮您登记了。", "15:00")
    says("请问您方便明天上午在家吗？", "15:01")
    assert commitments(database) == []


def test_without_a_ticket_the_promise_is_kept_in_mind_all_the_same(says, database, people):
    says("我今天下班前给您答复。", "15:00")
    (made,) = commitments(database)
    assert made.ticket_id is None
    assert settle(database, "18:00") == 1
    with database.reading() as session:
        notices = session.scalars(select(Notice).order_by(Notice.staff_id)).all()
        assert [notice.staff_id for notice in notices] == [people.agent.id, people.supervisor.id]
    assert settle(database, "18:01") == 0


def test_a_settled_ticket_takes_no_promise(says, ticket, database):
    with database.transaction() as session:
        mine = tickets.find_ticket(session, ticket.number)
        tickets.change_state(session, mine, "resolved", actor="li", now=at("11:00"))
    says("我今天下班前给您答复。", "15:00")
    assert commitments(database)[0].ticket_id is None


def test_a_later_answer_keeps_it_but_a_goodbye_does_not(says, ticket, database, look):
    says("我明天上午给您答复。", "15:00")
    says("不客气，再见。", "15:02")
    assert [one.state for one in commitments(database)] == ["open"]
    says("您好，灯已经换好了。", "17:00")
    (kept,) = commitments(database)
    assert (kept.state, kept.settled_at) == ("kept", at("17:00"))
    assert len(look.entries(ticket, "promise_kept")) == 1
    assert settle(database, "2026-11-21 12:00") == 0


def test_an_answer_within_minutes_keeps_a_promise_of_minutes(says, ticket, database):
    says("我十分钟内给您答复。", "15:00")
    says("您好，灯已经换好了。", "15:06")
    assert [one.state for one in commitments(database)] == ["kept"]


def test_a_broken_promise_is_told_to_the_agent_and_a_supervisor(
    says, ticket, database, look, people
):
    says("我明天上午给您答复。", "15:00")
    assert settle(database, "2026-11-21 11:59") == 0
    assert settle(database, "2026-11-21 12:00") == 1
    (entry,) = look.entries(ticket, "promise_broken")
    assert entry.data["staff_ids"] == [people.agent.id, people.supervisor.id]
    assert settle(database, "2026-11-21 12:05") == 0
    says("您好，让您久等了，灯已经换好了。", "2026-11-21 15:00")
    assert [one.state for one in commitments(database)] == ["broken"]
    with database.reading() as session:
        (broken,) = promises_of(session, people.supervisor, state="broken")
        assert broken.staff.login == "li"
        assert broken.ticket.number == ticket.number


def test_feedback_in_time_keeps_it_and_late_feedback_does_not(says, ticket, database, people):
    says("我今天下班前给您答复。", "15:00")
    says("我明天上午把结果通知您。", "15:01")
    with database.transaction() as session:
        mine = tickets.find_ticket(session, ticket.number)
        append(session, mine, EntryKind.FEEDBACK_GIVEN, actor="li", at=at("18:30"), text="好了")
    settle(database, "2026-11-21 12:00")
    assert [one.state for one in commitments(database)] == ["broken", "kept"]


def test_a_call_keeps_a_promise_too(says, ticket, database, people, make, look):
    says("我明天上午给您答复。", "15:00")
    (made,) = commitments(database)
    stranger = make.staff("agent")
    with database.transaction() as session, pytest.raises(NotFound):
        keep(session, stranger, made.id, now=at("16:00"))
    with database.transaction() as session:
        assert promises_of(session, stranger) == []
        assert keep(session, people.agent, made.id, now=at("16:00")).state == "kept"
    with database.transaction() as session, pytest.raises(Conflict):
        keep(session, people.supervisor, made.id, now=at("16:01"))
    (entry,) = look.entries(ticket, "promise_kept")
    assert entry.actor == "li"


def test_a_retry_of_a_reply_promises_once(says, ticket, database, checker, people, conversation):
    for _ in range(2):
        with database.transaction() as session:
            send_reply(
                session,
                checker,
                conversation.id,
                people.agent,
                client_id="same",
                text="我明天上午给您答复。",
                now=at("15:00"),
            )
    assert len(commitments(database)) == 1


def test_a_promise_is_settled_at_its_time_not_before(says, ticket, database):
    says("我24小时内回复您。", "15:00")
    (made,) = commitments(database)
    assert made.due_at - at("15:00") == timedelta(hours=24)
