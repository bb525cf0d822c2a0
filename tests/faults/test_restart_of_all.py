"""The whole machine goes down in the middle of complaints, and comes back: they go on."""

import asyncio

import pytest
from sqlalchemy import select

from desk.bench_turn import QUESTIONS
from desk.conversations.models import Message, Mode, Sender
from desk.load.customer import Customer
from desk.tickets.models import Ticket
from tests.faults.conftest import open_shop
from tests.faults.crowd import PATIENCE_S, crowd, modes, settled_ledger
from tests.faults.processes import DeskProcess, RealBot

START_S = 120
"""What the desk grants the bot here: the machine may be busy with other tests."""
BEFORE = ("我要投诉，楼上半夜装修吵得睡不着", "同意", "3栋1单元1201", "昨晚十一点")
AFTER = ("希望尽快处理", "王丽 13800138000", "确认")

pytestmark = [pytest.mark.model, pytest.mark.timeout(400)]


@pytest.fixture
def desk(tmp_path):
    made = DeskProcess(tmp_path, [], rasa_start_s=str(START_S), rasa_timeout_s="30")
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
def bot(desk):
    made = RealBot(desk)
    try:
        yield made
    finally:
        made.kill()


async def test_a_complaint_goes_on_where_it_was_after_everything_was_killed(tmp_path, desk, bot):
    """One customer has an answer to everything, another one's line is under way when all dies."""
    bot.launch()
    database = open_shop(tmp_path, [desk])
    bot.wait_ready()
    async with crowd(database, [desk.url], customers=3, questions=QUESTIONS) as people:
        calm, hasty = (
            Customer([desk.url], people.timings, number=100 + number, patience_s=2 * START_S)
            for number in range(2)
        )
        async with calm.connected(), hasty.connected():
            await asyncio.gather(*(_say(one, BEFORE) for one in (calm, hasty)))
            bot.stand_still()
            waiting = asyncio.create_task(hasty.say(AFTER[0]))
            async with asyncio.timeout(PATIENCE_S):
                while len(hasty.account.sent) == len(BEFORE) or hasty.account.sent[-1].seq is None:
                    await asyncio.sleep(0.02)
            desk.kill()
            bot.kill()
            desk.launch()
            bot.launch()
            await asyncio.gather(waiting, _say(calm, AFTER))
            await _say(hasty, AFTER[1:])
    accounts = [calm.account, hasty.account]
    for account in accounts:
        account.is_finished = all(sent.answered for sent in account.sent)
        assert _ticket(database, account) == (
            "complaint",
            "3",
            "1201",
            "王丽",
            "13800138000",
            "尽快处理",
        ), _transcript(database, account)
    assert people.timings.reconnects >= len(people.accounts) + len(accounts)
    assert await settled_ledger(database, accounts) == []
    assert modes(database, [*people.accounts, *accounts]) == {Mode.BOT}
    database.dispose()


async def _say(customer, lines):
    for line in lines:
        await customer.say(line)


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
