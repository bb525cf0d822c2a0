"""Feedback, closing with a reason, coordination: who may, what is refused, what it leads to."""

from datetime import timedelta

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput
from desk.feedback.coordinating import Position, coordinate, coordinations_of
from desk.feedback.service import ask_customer, close_with_reason, give_feedback
from desk.tickets.models import Ticket, TicketEntry
from tests.desk.feedback.conftest import NOW

POSITIONS = [Position("工程部", "周五前更换"), Position("业主", "希望本周内完成")]


def on(post, ticket, work):
    with post.database.transaction() as session:
        return work(session, session.get_one(Ticket, ticket.id))


def fresh(post, ticket):
    (found,) = post.all(Ticket, id=ticket.id)
    return found


def test_the_customer_reads_measures_result_and_apology(make, post):
    conversation, agent = make.conversation("窗户漏水"), make.staff()
    ticket = post.opened(conversation_id=conversation.id, actor="bot")
    on(post, ticket, lambda s, t: give_feedback(s, agent, t, "已更换密封条。", now=NOW))
    post.publish()
    result, question = make.messages(conversation)[-2:]
    assert "已更换密封条。" in result.text
    assert "致歉" in result.text
    assert "满意吗" in question.text
    assert [button["title"] for button in question.buttons] == [
        "非常满意",
        "满意",
        "一般",
        "不满意",
        "很不满意",
    ]
    assert question.buttons[0]["payload"].startswith('/answer_survey{"score": 5')


@pytest.mark.parametrize("role", ["qa", "department"])
def test_who_may_not_tell(make, post, role):
    ticket, staff = post.opened(), make.staff(role)
    with pytest.raises(Forbidden):
        on(post, ticket, lambda s, t: give_feedback(s, staff, t, "已处理", now=NOW))


@pytest.mark.parametrize("text", ["", "  ", "好" * 2001])
def test_malformed_feedback(make, post, text):
    ticket, agent = post.opened(), make.staff()
    with pytest.raises(InvalidInput):
        on(post, ticket, lambda s, t: give_feedback(s, agent, t, text, now=NOW))
    assert fresh(post, ticket).state == "open"


def test_wording_that_may_not_go_out(make, post, checker):
    ticket, agent = post.opened(), make.staff()

    def tell(text, **more):
        return on(
            post,
            ticket,
            lambda s, t: give_feedback(s, agent, t, text, checker=checker, now=NOW, **more),
        )

    with pytest.raises(InvalidInput) as blocked:
        tell("急什么，没看到我在忙着吗", is_confirmed=True)
    assert blocked.value.key == "errors.wording_blocked"
    with pytest.raises(InvalidInput) as warned:
        tell("保证三天内一定修好。")
    assert warned.value.key == "errors.wording_warned"
    assert fresh(post, ticket).state == "open"
    tell("保证三天内一定修好。", is_confirmed=True)
    assert fresh(post, ticket).state == "resolved"


def test_a_second_feedback_after_closing_is_refused(make, post):
    ticket, agent, manager = post.opened(), make.staff(), make.staff("manager")
    on(post, ticket, lambda s, t: close_with_reason(s, manager, t, "已与业主协商一致。", now=NOW))
    before = len(post.all(TicketEntry, ticket_id=ticket.id))
    with pytest.raises(Conflict) as refused:
        on(post, ticket, lambda s, t: give_feedback(s, agent, t, "已处理", now=NOW))
    assert refused.value.key == "errors.feedback_after_closing"
    with pytest.raises(Conflict):
        on(post, ticket, lambda s, t: close_with_reason(s, manager, t, "再次结案", now=NOW))
    assert len(post.all(TicketEntry, ticket_id=ticket.id)) == before


def test_a_question_stops_the_clock_and_reaches_the_customer(make, post, checker):
    conversation, agent = make.conversation("窗户漏水"), make.staff()
    ticket = post.opened(conversation_id=conversation.id, actor="bot")

    def ask(text):
        on(post, ticket, lambda s, t: ask_customer(s, agent, t, text, checker=checker, now=NOW))

    with pytest.raises(InvalidInput):
        ask("急什么，没看到我在忙着吗")
    ask("请问是哪一扇窗漏水？")
    post.publish()
    asked = fresh(post, ticket)
    assert (asked.state, asked.paused_since) == ("waiting_customer", NOW)
    said = [one.text for one in make.messages(conversation) if one.sender == "system"]
    assert sum("请问是哪一扇窗漏水？" in one for one in said) == 1
    assert sum("补充" in one for one in said) == 1
    with pytest.raises(Conflict):
        ask("请问是哪一扇窗漏水？")


@pytest.mark.parametrize("state", ["resolved", "closed"])
def test_a_settled_matter_has_no_questions(make, post, state):
    ticket, agent, manager = post.opened(), make.staff(), make.staff("manager")
    settle = give_feedback if state == "resolved" else close_with_reason
    on(post, ticket, lambda s, t: settle(s, manager, t, "已处理完毕。", now=NOW))
    with pytest.raises(Conflict):
        on(post, ticket, lambda s, t: ask_customer(s, agent, t, "请问是哪一扇窗？", now=NOW))


@pytest.mark.parametrize("role", ["manager", "director", "admin"])
def test_a_manager_closes_and_the_customer_is_told_why(make, post, role):
    conversation, manager = make.conversation("窗户漏水"), make.staff(role)
    ticket = post.opened(conversation_id=conversation.id, actor="bot")
    reason = "此事属相邻业主自行约定。"
    on(post, ticket, lambda s, t: close_with_reason(s, manager, t, reason, now=NOW))
    post.publish()
    assert fresh(post, ticket).state == "closed"
    assert reason in make.messages(conversation)[-1].text


@pytest.mark.parametrize("role", ["agent", "supervisor", "qa", "department"])
def test_others_may_not_close_with_a_reason(make, post, role):
    ticket, staff = post.opened(), make.staff(role)
    with pytest.raises(Forbidden):
        on(post, ticket, lambda s, t: close_with_reason(s, staff, t, "理由", now=NOW))


@pytest.mark.parametrize("role", ["supervisor", "manager"])
def test_a_meeting_sets_the_deadline(make, post, role):
    ticket, leader = post.opened(kind="complaint"), make.staff(role)
    due = NOW + timedelta(days=4)
    on(
        post,
        ticket,
        lambda s, t: coordinate(
            s,
            leader,
            t,
            held_at=NOW - timedelta(hours=1),
            positions=POSITIONS,
            agreement="周四前完成更换",
            due_at=due,
            now=NOW,
        ),
    )
    with post.database.reading() as session:
        (kept,) = coordinations_of(session, ticket)
        assert kept.positions == [
            {"who": "工程部", "position": "周五前更换"},
            {"who": "业主", "position": "希望本周内完成"},
        ]
        assert kept.led_by.login == leader.login
    assert fresh(post, ticket).due_at == due
    (entry,) = post.all(TicketEntry, ticket_id=ticket.id, kind="coordinated")
    assert (entry.text, entry.data["participants"]) == ("周四前完成更换", 2)


WRONG = [
    {"positions": []},
    {"positions": [Position(" ", "x")]},
    {"positions": POSITIONS * 11},
    {"agreement": "  "},
    {"agreement": "好" * 2001},
    {"held_at": NOW + timedelta(minutes=1)},
    {"due_at": NOW - timedelta(minutes=1)},
]


@pytest.mark.parametrize("wrong", WRONG, ids=[next(iter(one)) for one in WRONG])
def test_malformed_meetings_change_nothing(make, post, wrong):
    ticket, leader = post.opened(), make.staff("supervisor")
    values = {
        "held_at": NOW - timedelta(hours=1),
        "positions": POSITIONS,
        "agreement": "周四前完成",
        **wrong,
    }
    before = len(post.all(TicketEntry, ticket_id=ticket.id))
    with pytest.raises(InvalidInput):
        on(post, ticket, lambda s, t: coordinate(s, leader, t, now=NOW, **values))
    assert len(post.all(TicketEntry, ticket_id=ticket.id)) == before


@pytest.mark.parametrize("role", ["agent", "qa", "department"])
def test_who_may_not_coordinate(make, post, role):
    ticket, staff = post.opened(), make.staff(role)
    with pytest.raises(Forbidden):
        on(
            post,
            ticket,
            lambda s, t: coordinate(
                s, staff, t, held_at=NOW, positions=POSITIONS, agreement="好", now=NOW
            ),
        )
