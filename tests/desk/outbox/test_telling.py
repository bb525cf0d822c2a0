"""What customers hear of their tickets, and by which way."""

from datetime import timedelta

import pytest

from desk.conversations import service as conversations
from desk.outbox.models import OutboxMessage
from desk.tickets.merging import merge
from desk.tickets.models import Ticket
from desk.tickets.timeline import EntryKind
from desk.transfers import service as transfers
from tests.desk.outbox.conftest import CONTACT, NOW, PHONE


def last(make, conversation):
    return make.messages(conversation)[-1]


def test_a_ticket_opened_by_an_agent_is_told_in_the_chat(make, post):
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id)
    post.publish()
    message = last(make, conversation)
    assert message.sender == "system"
    assert ticket.number in message.text
    assert "已经登记" in message.text


def test_what_the_bot_said_itself_is_not_said_again(make, post):
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id, actor="bot")
    before = len(make.messages(conversation))
    assert post.publish() == 1
    assert len(make.messages(conversation)) == before
    assert post.told(ticket) == []


def test_by_text_message_the_bots_ticket_is_confirmed(make, post):
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(
        conversation_id=conversation.id, actor="bot", reply_channel="sms", **CONTACT
    )
    post.publish()
    (message,) = post.messages("sms")
    assert message.address == PHONE
    assert message.body.startswith("【云栖】")
    assert ticket.number in message.body


POINTS = [
    ("state_changed", {"before": "open", "after": "in_progress"}, None, "已有专人受理"),
    ("transferred", {"department": "engineering"}, None, "已转到工程部办理"),
    ("paused", {"reason": "customer"}, "请问是哪一扇窗？", "请问是哪一扇窗？"),
    ("feedback_given", {"after": "resolved"}, "已更换密封条", "已更换密封条"),
    ("state_changed", {"before": "open", "after": "resolved"}, None, "已经办理完毕"),
    ("reopened", {"before": "resolved", "after": "in_progress"}, None, "重新办理"),
    ("state_changed", {"before": "resolved", "after": "closed"}, None, "办结归档"),
    (
        "state_changed",
        {"before": "open", "after": "closed", "reason": "manager"},
        "属相邻业主自行约定",
        "属相邻业主自行约定",
    ),
    ("group_told", {"group_id": 1}, "水泵今晚更换", "水泵今晚更换"),
]


@pytest.mark.parametrize(("kind", "data", "text", "expected"), POINTS)
def test_key_points_are_told(make, post, kind, data, text, expected):
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id, actor="bot")
    post.publish()
    post.happens(ticket, EntryKind(kind), data=data, text=text)
    post.publish()
    said = [one.text for one in make.messages(conversation) if one.sender == "system"]
    assert any(expected in one and ticket.number in one for one in said)


@pytest.mark.parametrize("kind", ["noted", "urged", "supplemented", "revealed", "attached"])
def test_what_is_internal_is_not_told(make, post, kind):
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id, actor="bot")
    post.happens(ticket, EntryKind(kind), text="内部情况")
    before = len(make.messages(conversation))
    post.publish()
    assert len(make.messages(conversation)) == before


def test_an_ended_conversation_keeps_the_message_for_the_return(make, post, database):
    supervisor = make.staff("supervisor")
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id, actor="bot")
    with database.transaction() as session:
        conversations.close(session, conversation.id, supervisor)
    post.happens(ticket, EntryKind.STATE_CHANGED, data={"before": "open", "after": "in_progress"})
    post.publish()
    assert "已有专人受理" in last(make, conversation).text
    assert make.fresh(conversation).mode == "closed"


def test_traditional_customers_read_traditional(make, post):
    conversation = make.conversation("窗戶漏水，請儘快處理")
    ticket = post.opened(conversation_id=conversation.id, reply_channel="sms", **CONTACT)
    post.publish()
    assert "已經登記" in post.messages("sms")[0].body
    with post.database.transaction() as session:
        session.get_one(Ticket, ticket.id).reply_channel = "chat"
    post.happens(ticket, EntryKind.STATE_CHANGED, data={"before": "open", "after": "in_progress"})
    post.publish()
    assert "已有專人受理" in last(make, conversation).text


def test_an_email_says_who_writes(post):
    ticket = post.opened(reply_channel="email", **CONTACT)
    post.publish()
    (mail,) = post.messages("email")
    assert mail.address == "wang@example.com"
    assert mail.subject == f"【云栖】您的报修有新进展（{ticket.number}）"
    assert "400-820-0000" in mail.body
    (entry,) = post.told(ticket)
    assert entry.data == {"channel": "email", "point": "opened", "is_automatic": True}
    assert ticket.number in entry.text


FALLBACKS = [
    ({"reply_channel": "sms"}, "consent"),
    ({"reply_channel": "sms", "has_consent": True}, "address"),
    ({"reply_channel": "email", "has_consent": True, "phone": PHONE}, "address"),
]


@pytest.mark.parametrize(("values", "missing"), FALLBACKS)
def test_without_consent_or_address_it_is_told_in_the_chat(make, post, values, missing):
    conversation = make.conversation("窗户漏水")
    if values["reply_channel"] == "email":
        values = {**values, "email": "x@example.com"}
    ticket = post.opened(conversation_id=conversation.id, **values)
    with post.database.transaction() as session:
        session.get_one(Ticket, ticket.id).email = None
    post.publish()
    assert ticket.number in last(make, conversation).text
    (entry,) = post.told(ticket)
    assert entry.data["channel"] == "chat"
    assert (entry.data["wanted"], entry.data["missing"]) == (values["reply_channel"], missing)
    assert post.all(OutboxMessage) == []


def test_without_a_gateway_it_is_told_in_the_chat(make, post, channels):
    channels(has_sms=False)
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id, reply_channel="sms", **CONTACT)
    post.publish()
    assert ticket.number in last(make, conversation).text
    assert post.told(ticket)[0].data["missing"] == "setup"


def merged(post, make, into, other):
    with post.database.transaction() as session:
        merge(
            session,
            make,
            session.get_one(Ticket, into.id),
            [session.get_one(Ticket, other.id)],
            now=NOW,
        )
    post.publish()


def test_customers_of_merged_tickets_go_on_hearing(make, post):
    agent, mine, theirs = make.staff(), make.conversation("漏水"), make.conversation("漏水了")
    into = post.opened(conversation_id=mine.id, actor="bot")
    other = post.opened(conversation_id=theirs.id, actor="bot")
    merged(post, agent, into, other)
    text = last(make, theirs).text
    assert other.number in text
    assert into.number in text
    post.happens(into, EntryKind.STATE_CHANGED, data=TAKEN_UP)
    post.publish()
    assert other.number in last(make, theirs).text
    assert "已有专人受理" in last(make, theirs).text
    assert into.number in last(make, mine).text


def test_of_ones_own_merged_tickets_one_hears_once(make, post):
    agent, mine = make.staff(), make.conversation("漏水")
    into, other = (post.opened(conversation_id=mine.id, actor="bot") for _ in range(2))
    merged(post, agent, into, other)
    before = len(make.messages(mine))
    post.happens(into, EntryKind.STATE_CHANGED, data=TAKEN_UP)
    post.publish()
    assert len(make.messages(mine)) == before + 1


TAKEN_UP = {"before": "open", "after": "in_progress"}


def test_by_phone_the_recipient_has_to_call(make, post):
    agent = make.staff("agent")
    ticket = post.opened(
        reply_channel="phone", channel="phone", recipient_id=agent.id, actor=agent.login, **CONTACT
    )
    post.happens(ticket, EntryKind.STATE_CHANGED, data=TAKEN_UP)
    post.publish()
    (notice,) = post.notices(agent.id)
    assert notice.key == "outbox.notice_call"
    assert notice.values == {"number": ticket.number, "matter": "已受理"}


@pytest.mark.parametrize("channel", ["phone", "visit"])
def test_who_called_or_came_knows_that_it_was_taken_down(make, post, channel):
    supervisor = make.staff("supervisor")
    ticket = post.opened(reply_channel="phone", channel=channel, **CONTACT)
    post.publish()
    assert post.notices(supervisor.id) == []
    assert post.told(ticket) == []


def test_nobody_to_reach_is_said_to_the_supervisors(make, post):
    supervisor = make.staff("supervisor")
    ticket = post.opened(channel="visit")
    post.happens(ticket, EntryKind.STATE_CHANGED, data=TAKEN_UP)
    post.publish()
    assert [one.key for one in post.notices(supervisor.id)] == ["outbox.notice_unreachable"]
    assert post.told(ticket)[0].data["channel"] == "none"


def test_a_letter_gets_a_letter(make, post):
    supervisor = make.staff("supervisor")
    ticket = post.opened(channel="letter", kind="complaint", reply_channel="phone", **CONTACT)
    post.happens(ticket, EntryKind.FEEDBACK_GIVEN, text="已更换密封条", data={"after": "resolved"})
    post.publish()
    assert "outbox.notice_letter" in [one.key for one in post.notices(supervisor.id)]


def test_the_desks_own_messages_are_no_first_response(make, post):
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id)
    post.publish()
    (fresh,) = post.all(Ticket, id=ticket.id)
    assert post.told(ticket)
    assert fresh.first_response_at is None


def test_a_transfer_names_who_answers(make, post, database):
    agent = make.staff("agent", display_name="小周")
    conversation = make.conversation("窗户漏水")
    ticket = post.opened(conversation_id=conversation.id, actor="bot")
    with database.transaction() as session:
        transfers.create(
            session,
            agent,
            session.get_one(Ticket, ticket.id),
            department="engineering",
            matter="检查密封条",
            required_by=NOW + timedelta(days=2),
            first_responsible=agent.id,
            now=NOW,
        )
    post.publish()
    text = last(make, conversation).text
    assert "小周" in text
    assert "检查密封条" not in text
