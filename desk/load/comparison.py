"""The same stories told to the bot directly and through the desk: what the desk adds to a turn."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from desk.bot_client import BotClient
from desk.load.customer import Customer, Timings
from desk.load.processes import DESK, RASA, usage_of
from desk.load.stories import Kind, Story, draw_story
from desk.settings import Settings

WARM_UP, TURNS, PAIRS = 60, 50, 20
"""The machine's speed changes within seconds: both sides by turns, many times."""
SEATS = 6
"""So many at the same time keep both processes busy: what they do by the clock weighs little."""
FIRST_NUMBER = 2_000_000
"""These customers' addresses are nobody else's."""
PATIENCE_S = 3.0
"""The bot needs a tenth of it: whoever waits longer wrote on just when the bot handed over."""

Tell = Callable[[Story, int], Awaitable[int]]
"""Tells a story as the customer of that number; returns how many turns it took."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor seconds of all processes a turn, over Rasa's REST channel and with the desk."""

    direct_s: float
    desk_s: float
    turns: int


@dataclass(slots=True)
class _Side:
    """One way to the bot, and what it cost so far."""

    tell: Tell
    chance: random.Random
    numbers: Iterator[int] = field(default_factory=count)
    cost_s: float = 0.0
    turns: int = 0


async def compare(settings: Settings, seed: int) -> Costs:
    """Tell the same stories both ways by turns.

    The first `WARM_UP` turns of each load what every later one finds loaded; they do not count.
    """
    async with _directly(settings, seed) as directly:
        sides = [_Side(tell, random.Random(seed)) for tell in (directly, _through_desk(settings))]
        for side in sides:
            await _tell(side, WARM_UP)
        for _ in range(PAIRS):
            for side in sides:
                before = _used_s()
                side.turns += await _tell(side, TURNS)
                side.cost_s += _used_s() - before
    direct, desk = sides
    return Costs(direct.cost_s / direct.turns, desk.cost_s / desk.turns, desk.turns)


@asynccontextmanager
async def _directly(settings: Settings, seed: int) -> AsyncIterator[Tell]:
    """Give the way over Rasa's REST channel."""
    client = BotClient(
        settings.effective_rasa_urls, settings.secret_values["rasa_token"], settings.rasa_timeout_s
    )

    async def tell(story: Story, number: int) -> int:
        conversation_id = f"direct-{seed}-{number}"
        for line in story.lines:
            await client.send(conversation_id, line)
        return len(story.lines)

    try:
        yield tell
    finally:
        await client.close()


def _through_desk(settings: Settings) -> Tell:
    """Return the way of the chat page's customers: page, socket, greeting, storing, bot, answer.

    Nobody waits for people: a story ends where the bot hands over.
    """
    timings = Timings()

    async def tell(story: Story, number: int) -> int:
        customer = Customer(
            [f"http://127.0.0.1:{settings.port}"],
            timings,
            number=FIRST_NUMBER + number,
            patience_s=PATIENCE_S,
        )
        turns = 0
        async with customer.connected():
            for line in story.lines:
                if customer.is_with_bot:
                    await customer.say(line)
                    turns += 1
        return turns

    return tell


async def _tell(side: _Side, least: int) -> int:
    """Tell stories, some at the same time, until there were so many turns; return how many."""
    turns = 0

    async def seat() -> None:
        nonlocal turns
        while turns < least:
            story = draw_story(side.chance)
            if story.kind == Kind.PEOPLE:
                continue
            told = await side.tell(story, next(side.numbers))
            turns += told

    await asyncio.gather(*(seat() for _ in range(SEATS)))
    return turns


def _used_s() -> float:
    return usage_of(DESK).cpu_s + usage_of(RASA).cpu_s
