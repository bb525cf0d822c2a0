"""The whole machine goes down in the middle of complaints, and comes back: they go on."""

import asyncio
import contextlib
import sqlite3

import pytest
from sqlalchemy import select

from desk.bench_turn import QUESTIONS
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.repository import is_unhandled
from desk.load.customer import Customer, Timings
from desk.tickets.models import Ticket
from tests.faults.conftest import open_shop
from tests.faults.crowd import PATIENCE_S, crowd, modes, settled_ledger
from tests.faults.processes import DeskProcess, RealBot

START_S = 120
"""What the desk grants the bot here: the machine may be busy with other tests."""
BEFORE = ("我要投诉，楼上半夜装修吵得睡不着", "同意", "3栋1单元1201", "昨晚十一点")
AFTER = ("希望尽快处理", "王丽 13800138000", "确认")

pytestmark = [pytest.mark.model, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restart")
    made = DeskProcess(folder, [], rasa_start_s=str(START_S), rasa_timeout_s="30")
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def bot(desk):
    made = RealBot(desk)
    try:
        made.launch()
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def database(desk, bot):
    made = open_shop(desk.folder, [desk])
    bot.wait_ready()
    yield made
    made.dispose()


async def test_a_complaint_goes_on_where_it_was_after_everything_was_killed(desk, bot, database):
    """One customer has an answer to everything, another one's line is under way when all dies."""
    async with crowd(database, [desk.url], customers=3, questions=QUESTIONS) as people:
        calm, hasty = (
            Customer([desk.url], people.timings, number=100 + number, patience_s=2 * START_S)
            for number in range(2)
        )
        async with calm.connected(), hasty.connected():
            await asyncio.gather(*(_say(database, one, BEFORE) for one in (calm, hasty)))
            bot.stand_still()
            waiting = await _under_way(hasty, AFTER[0])
            desk.kill()
            bot.kill()
            desk.launch()
            bot.launch()
            await asyncio.gather(waiting, _say(database, calm, AFTER))
            await _quiet(database, hasty.account)
            await _say(database, hasty, AFTER[1:])
    assert people.timings.reconnects >= len(people.accounts) + 2
    assert modes(database, people.accounts) == {Mode.BOT}
    for one in (calm, hasty):
        await _check(database, one.account)


async def test_what_the_bot_has_handled_already_is_not_handled_twice(desk, bot, database):
    """The desk dies with the bot's answer in its hands."""
    customer = Customer([desk.url], Timings(), number=200, patience_s=2 * START_S)
    async with customer.connected():
        await _say(database, customer, BEFORE)
        handled = _handled(desk, customer.account)
        bot.stand_still()
        waiting = await _under_way(customer, AFTER[0])
        with contextlib.closing(sqlite3.connect(desk.folder / "kefu.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            bot.go_on()
            async with asyncio.timeout(PATIENCE_S):
                while _handled(desk, customer.account) == handled:
                    await asyncio.sleep(0.05)
            desk.kill()
        desk.launch()
        await waiting
        await _quiet(database, customer.account)
        assert _handled(desk, customer.account) == handled + 1
        await _say(database, customer, AFTER[1:])
    await _check(database, customer.account)


async def _say(database, customer, lines):
    """Say one line after the other, each when the bot has said all it has to say."""
    for line in lines:
        await customer.say(line)
        await _quiet(database, customer.account)


async def _quiet(database, account):
    """Return once every message is answered and has reached the page."""
    query = select(Conversation.last_seq).where(Conversation.id == account.conversation_id)
    owed = select(Message.id).where(
        Message.conversation_id == account.conversation_id, is_unhandled()
    )
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with database.reading() as session:
                if not session.scalars(owed).all() and account.seen[-1] == session.scalar(query):
                    return
            await asyncio.sleep(0.05)


async def _under_way(customer, line):
    """Send a line to a bot that does not answer; return once it is acknowledged."""
    before = len(customer.account.sent)
    saying = asyncio.create_task(customer.say(line))
    async with asyncio.timeout(PATIENCE_S):
        while len(customer.account.sent) == before or customer.account.sent[-1].seq is None:
            await asyncio.sleep(0.02)
    return saying


def _handled(desk, account):
    """How many messages of the conversation the bot's own record has."""
    with contextlib.closing(sqlite3.connect(desk.folder / "tracker.db")) as record:
        query = "SELECT count(*) FROM events WHERE sender_id = ? AND type_name = 'user'"
        return record.execute(query, (account.conversation_id,)).fetchone()[0]


async def _check(database, account):
    """Everything was answered once, by the bot, and the ticket has all that was said."""
    account.is_finished = all(sent.answered for sent in account.sent)
    expected = ("complaint", "3", "1201", "王丽", "13800138000", "尽快处理")
    assert _ticket(database, account) == expected, _transcript(database, account)
    assert account.is_finished
    assert await settled_ledger(database, [account]) == []
    assert modes(database, [account]) == {Mode.BOT}


def _ticket(database, account):
    """What became of the conversation's only ticket."""
    query = select(Ticket).where(Ticket.conversation_id == account.conversation_id)
    with database.reading() as session:
        (ticket,) = session.scalars(query)
        wish = (ticket.wish or "").removeprefix("希望")
        name, phone = ticket.customer_name, ticket.phone
        return ticket.kind, ticket.building, ticket.room, name, phone, wish


def _transcript(database, account):
    query = select(Message).where(Message.conversation_id == account.conversation_id)
    with database.reading() as session:
        return "\n".join(
            f"{one.sender}: {one.text}"
            for one in session.scalars(query.order_by(Message.seq))
            if one.sender != Sender.NOTE
        )
