"""How far each side has read; return links at the socket."""

from datetime import timedelta

import pytest

from desk.clock import utc_now
from desk.conversations import returning, service
from desk.conversations.access_models import ReturnLink
from desk.conversations.read_marks import mark_read
from desk.errors import Conflict, InvalidInput
from desk.outbox.channels import Channels, use_channels
from desk.outbox.models import OutboxMessage
from tests.desk.support import greeted, tab

PAGE = "https://desk.example/"


def test_a_mark_only_goes_on_and_never_beyond_the_end(database, make):
    conversation = make.conversation("一", "二", "三")
    with database.transaction() as session:
        marks = [mark_read(session, conversation.id, "staff", seq) for seq in (2, 1, 2, 4, 3)]
    assert marks == [True, False, False, False, True]
    fresh = make.fresh(conversation)
    assert (fresh.staff_read_seq, fresh.customer_read_seq) == (3, 0)


async def test_each_side_hears_of_the_other(running):
    async with tab(running) as one:
        welcome = await greeted(one)
        await one.say("三室多少钱")
        ack = await one.wait("ack")
        conversation_id = welcome["conversation_id"]
        await running.desk.gateway.staff_read(conversation_id, ack["seq"])
        read = await one.wait("read")
        await one.wait_text("答:三室多少钱")
        await one.send(type="read", seq=3)
        await one.send(type="ping")
        await one.wait("pong")
    assert (welcome["staff_read_seq"], read["by"], read["seq"]) == (0, "staff", ack["seq"])
    async with tab(running) as again:
        back = await again.hello(welcome["token"])
    assert back["staff_read_seq"] == ack["seq"]
    stored = await running.desk.database.look(service.find, conversation_id)
    assert stored.customer_read_seq == 3


async def test_a_link_brings_another_browser_back_once(running):
    async with tab(running, browser="mine") as one:
        welcome = await greeted(one)
        await one.send(type="link", to=None)
        link = await one.wait("link")
    page, _, secret = link["url"].partition("#back=")
    assert page == running.url + "/"
    async with tab(running, browser="other") as other:
        await other.send(type="hello", link=secret, source="web")
        back = await other.wait("welcome")
    assert back["conversation_id"] == welcome["conversation_id"]
    assert back["token"] != welcome["token"]
    async with tab(running, browser="third") as third:
        await third.send(type="hello", link=secret, source="web")
        assert (await third.wait("error"))["code"] == "return_link_over"


async def test_links_can_not_be_had_without_end(running):
    async with tab(running) as one:
        await greeted(one)
        for _ in range(7):
            await one.send(type="link", to=None)
        assert (await one.wait("error"))["code"] == "link_too_often"


@pytest.fixture
def channels():
    use_channels(Channels("云栖", "400", has_email=True, has_sms=True))
    yield
    use_channels(None)


@pytest.mark.parametrize(
    ("typed", "channel", "shown"),
    [
        (" Wang@Example.com ", "email", "w***@example.com"),
        ("138 0013 8000", "sms", "138****8000"),
    ],
)
def test_the_link_is_sent_to_the_address(database, make, channels, typed, channel, shown):
    conversation = make.conversation("在吗")
    with database.transaction() as session:
        given = returning.give_link(
            session, conversation.id, page_url=PAGE, to=typed, now=utc_now()
        )
    assert (given.url, given.sent_to, given.hours) == (None, shown, 72)
    with database.reading() as session:
        message = session.query(OutboxMessage).one()
        assert message.channel == channel
        assert f"{PAGE}#back=" in message.body and "72小时" in message.body
        link = session.query(ReturnLink).one()
        assert link.expires_at - link.created_at == timedelta(hours=72)


@pytest.mark.parametrize("typed", ["abc", "a@b.com 13800138000", "138001"])
def test_what_is_no_address_is_refused(database, make, channels, typed):
    conversation = make.conversation("在吗")
    with database.transaction() as session, pytest.raises(InvalidInput):
        returning.give_link(session, conversation.id, page_url=PAGE, to=typed, now=utc_now())


def test_a_channel_that_is_not_there_is_said(database, make):
    use_channels(Channels("云栖", "400"))
    conversation = make.conversation("在吗")
    for typed in ("a@b.com", "13800138000"):
        with database.transaction() as session, pytest.raises(Conflict):
            returning.give_link(session, conversation.id, page_url=PAGE, to=typed, now=utc_now())
    use_channels(None)
