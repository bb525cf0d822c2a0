"""Customers who go on asking while something breaks, two agents, and the ledger at the end."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import select

from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.database import Database
from desk.demo import DEMO_PASSWORD
from desk.load.agents import Agent
from desk.load.customer import Customer, Timings
from desk.load.ledger import Account, check_ledger
from desk.load.stories import Kind, Story

CUSTOMERS = 6
THINK_S = 0.3
PATIENCE_S = 60.0
QUESTIONS = tuple(f"第{number}个问题" for number in range(1, 1000))
AFTERWARDS = 2
"""Questions that each customer still asks after the fault."""
AGENTS = ("xiaoli", "xiaowang")


class _UntilOver:
    """Lines of a customer who asks until the fault is over, and then a little more."""

    def __init__(self, over: asyncio.Event, questions: Sequence[str]) -> None:
        self._over = over
        self._questions = questions

    def __iter__(self) -> Iterator[str]:
        left = 0
        for number in count():
            left += self._over.is_set()
            yield self._questions[number % len(self._questions)]
            if left == AFTERWARDS:
                return


@dataclass
class Crowd:
    """Customers at work. `sent` counts their questions so far."""

    timings: Timings
    customers: list[Customer]
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def accounts(self) -> list[Account]:
        return [customer.account for customer in self.customers]

    async def under_way(self, questions: int = 1) -> None:
        """Return once every customer has so many answers more than now."""
        goals = [len(_answered(one)) + questions for one in self.accounts]
        async with asyncio.timeout(PATIENCE_S):
            while any(
                len(_answered(one)) < goal for one, goal in zip(self.accounts, goals, strict=True)
            ):
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def crowd(
    database: Database,
    urls: Sequence[str],
    *,
    customers: int = CUSTOMERS,
    questions: Sequence[str] = QUESTIONS,
) -> AsyncIterator[Crowd]:
    """Let customers ask while the block runs. Afterwards each has every answer, and nothing is
    lost, doubled or out of order."""
    _free_the_agents(database)
    timings = Timings()
    made = Crowd(
        timings,
        [
            # Half of them begin at the next desk.
            Customer(_from(urls, number), timings, number=number, patience_s=PATIENCE_S)
            for number in range(customers)
        ],
    )
    agents = [
        asyncio.create_task(Agent(url, login, DEMO_PASSWORD).run())
        for url, login in zip([*urls] * len(AGENTS), AGENTS, strict=False)
    ]
    lines = _UntilOver(made.over, questions)
    story = Story(Kind.INQUIRY, lines)  # type: ignore[arg-type]
    asking = [
        asyncio.create_task(customer.run(story, think_s=THINK_S, chance=random.Random(number)))
        for number, customer in enumerate(made.customers)
    ]
    try:
        await made.under_way()
        yield made
        made.over.set()
        await asyncio.gather(*asking)
    finally:
        for task in (*agents, *asking):
            task.cancel()
        await asyncio.gather(*agents, *asking, return_exceptions=True)
    assert await settled_ledger(database, made.accounts) == []
    assert all(account.is_finished for account in made.accounts)
    assert made.timings.unanswered == 0


async def settled_ledger(database: Database, accounts: Sequence[Account]) -> list[str]:
    """Return what the ledger finds once the desk has settled: a customer has the answer a moment
    before it is noted that there is one."""
    for _ in range(100):
        with database.reading() as session:
            problems = check_ledger(session, accounts)
        if not problems:
            break
        await asyncio.sleep(0.1)
    return problems


def said_by_the_desk(database: Database, accounts: Sequence[Account]) -> list[str]:
    """Return what customers read from the desk itself: that people take over, and so on."""
    ids = [account.conversation_id for account in accounts]
    query = select(Message.text).where(
        Message.conversation_id.in_(ids), Message.sender == Sender.SYSTEM
    )
    with database.reading() as session:
        return list(session.scalars(query))


def modes(database: Database, accounts: Sequence[Account]) -> set[Mode]:
    """Return who speaks in these conversations."""
    ids = [account.conversation_id for account in accounts]
    with database.reading() as session:
        query = select(Conversation.mode).where(Conversation.id.in_(ids))
        return {Mode(mode) for mode in session.scalars(query)}


def _answered(account: Account) -> list[str]:
    return [sent.client_id for sent in account.sent if sent.answered]


def _from(urls: Sequence[str], number: int) -> list[str]:
    first = number % len(urls)
    return [*urls[first:], *urls[:first]]


def _free_the_agents(database: Database) -> None:
    """End what earlier tests left with the agents: each holds five conversations at most."""
    with database.transaction() as session:
        is_open = Conversation.mode.in_((Mode.AGENT, Mode.QUEUED))
        for left in session.scalars(select(Conversation).where(is_open)):
            left.mode, left.assigned_to = Mode.CLOSED, None
