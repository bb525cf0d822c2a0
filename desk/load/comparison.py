"""The same stories told to the bot directly and through the desk: what the desk adds to a turn."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from itertools import count

from desk.bot_client import BotClient
from desk.load.customer import Customer, Timings
from desk.load.processes import DESK, RASA, usage_of
from desk.load.stories import Kind, Story, draw_story
from desk.settings import Settings

WARM_UP, TURNS = 60, 400
SEATS = 6
"""So many at the same time keep both processes busy: what they do by the clock weighs little."""
FIRST_NUMBER = 2_000_000
"""These customers' addresses are nobody else's."""
PATIENCE_S = 3.0
"""The bot needs a tenth of it: whoever waits longer wrote on just when the bot handed over."""


async def direct_cost_s(settings: Settings, seed: int) -> float:
    """Return processor seconds of all processes a turn, over Rasa's REST channel.

    The first `WARM_UP` turns load what every later one finds loaded; they do not count.
    """
    client = BotClient(
        settings.effective_rasa_urls, settings.secret_values["rasa_token"], settings.rasa_timeout_s
    )

    async def tell(story: Story, number: int) -> int:
        conversation_id = f"direct-{seed}-{number}"
        for line in story.lines:
            await client.send(conversation_id, line)
        return len(story.lines)

    try:
        return await _cost_s(tell, seed)
    finally:
        await client.close()


async def desk_cost_s(settings: Settings, seed: int) -> float:
    """Return the same for customers of the chat page: page, socket, greeting, storing, bot, answer.

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

    return await _cost_s(tell, seed)


async def _cost_s(tell: Callable[[Story, int], Awaitable[int]], seed: int) -> float:
    chance, numbers = random.Random(seed), count()
    await _tell(tell, chance, numbers, WARM_UP)
    before = _used_s()
    turns = await _tell(tell, chance, numbers, TURNS)
    return (_used_s() - before) / turns


async def _tell(
    tell: Callable[[Story, int], Awaitable[int]],
    chance: random.Random,
    numbers: Iterator[int],
    least: int,
) -> int:
    """Tell stories, some at the same time, until there were so many turns; return how many."""
    turns = 0

    async def seat() -> None:
        nonlocal turns
        while turns < least:
            story = draw_story(chance)
            if story.kind == Kind.PEOPLE:
                continue
            told = await tell(story, next(numbers))
            turns += told

    await asyncio.gather(*(seat() for _ in range(SEATS)))
    return turns


def _used_s() -> float:
    return usage_of(DESK).cpu_s + usage_of(RASA).cpu_s
