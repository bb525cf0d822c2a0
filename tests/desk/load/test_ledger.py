"""The ledger finds what is lost, doubled or out of order; a true account has no fault."""

import asyncio
import random

import pytest
from sqlalchemy import text

from desk.load.agents import Agent
from desk.load.customer import Customer, Timings
from desk.load.ledger import Account, Sent, check_ledger
from desk.load.stories import SHARES, Kind, Story, draw_story
from tests.desk.support import PASSWORD, said

PATIENCE_S = 60


def problems_of(database, *accounts):
    with database.reading() as session:
        return check_ledger(session, accounts)


@pytest.fixture
def lived(make, database):
    """A conversation of two answered messages and the account of it."""
    conversation = make.conversation()
    first, second = (make.says(conversation, line, client_id=line) for line in ("m1", "m2"))
    with database.transaction() as session:
        session.execute(text("UPDATE message SET handled_at = created_at"))
    return Account(
        conversation.id,
        sent=[Sent("m1", "在吗", first.seq, True), Sent("m2", "多少钱", second.seq, True)],
        seen=[1, 2],
        is_finished=True,
    )


def test_a_true_account_has_no_problem(database, lived):
    assert problems_of(database, lived) == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM message WHERE client_id = 'm2'", "is stored at []"),
        ("UPDATE message SET client_id = 'x' WHERE client_id = 'm1'", "never sent"),
        ("UPDATE message SET seq = 9 WHERE client_id = 'm2'", "gaps"),
        ("UPDATE message SET handled_at = NULL WHERE client_id = 'm1'", "never answered"),
        ("UPDATE message SET sender = 'bot', text = 'y', client_id = NULL", "said the same twice"),
    ],
)
def test_what_the_store_lost_or_doubled_is_found(database, lived, statement, problem):
    with database.transaction() as session:
        session.execute(text(statement))
    assert any(problem in one for one in problems_of(database, lived))


@pytest.mark.parametrize(
    ("seen", "problem"),
    [([1, 2, 2], "twice"), ([2, 1], "out of order"), ([2], "missing in the browser")],
)
def test_what_the_browser_got_wrong_is_found(database, lived, seen, problem):
    lived.seen = seen
    assert any(problem in one for one in problems_of(database, lived))


async def test_customers_are_answered_by_the_bot_and_by_people(running):
    running.rasa.answer = _answer
    agent = running.make.staff()
    helper = asyncio.create_task(Agent(running.url, agent.login, PASSWORD).run())
    timings = Timings()
    stories = [
        Story(Kind.INQUIRY, ("三房多少钱", "有车位吗")),
        Story(Kind.PEOPLE, ("转人工", "在吗")),
    ]
    customers = [
        Customer([running.url], timings, number=number, patience_s=PATIENCE_S)
        for number in range(2)
    ]
    accounts = await asyncio.gather(
        *(
            customer.run(story, think_s=0, chance=random.Random(1))
            for customer, story in zip(customers, stories, strict=True)
        )
    )
    helper.cancel()
    assert problems_of(running.desk.database, *accounts) == []
    assert all(account.is_finished for account in accounts)
    assert (len(timings.answer), timings.unanswered, timings.reconnects) == (4, 0, 0)


async def test_a_cut_line_loses_and_doubles_nothing(running):
    timings = Timings()
    customer = Customer([running.url], timings, number=1, patience_s=PATIENCE_S)
    running.rasa.gate.clear()
    playing = asyncio.create_task(
        customer.run(
            Story(Kind.INQUIRY, ("三房多少钱", "有车位吗")), think_s=0, chance=random.Random(1)
        )
    )
    await running.rasa.arrived.get()
    await customer._socket.close()
    running.rasa.gate.set()
    account = await playing
    assert timings.reconnects >= 1
    assert account.is_finished
    assert problems_of(running.desk.database, account) == []


def test_the_stories_keep_their_shares():
    chance = random.Random(1)
    drawn = [draw_story(chance).kind for _ in range(4000)]
    for kind, share in SHARES.items():
        assert abs(drawn.count(kind) / 40 - share) < 3


def _answer(body):
    if body["text"] != "转人工":
        return said("答:" + body["text"])
    command = {"command": "handover", "reason": "requested"}
    return said(messages=[{"text": None, "buttons": [], "custom": command}])
