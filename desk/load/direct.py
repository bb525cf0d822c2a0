"""The same stories told to the bot without the desk in between, for comparison."""

import random

from desk.bot_client import BotClient
from desk.conversations.bot_turns import GREETING
from desk.load.processes import DESK, RASA, usage_of
from desk.load.stories import Kind, draw_story
from desk.settings import Settings

WARM_UP, TURNS = 60, 150


async def direct_cost_s(settings: Settings, seed: int) -> float:
    """Return processor seconds of all processes a turn; a greeting is a turn.

    The first `WARM_UP` turns load what every later one finds loaded; they do not count.
    """
    client = BotClient(
        settings.effective_rasa_urls, settings.secret_values["rasa_token"], settings.rasa_timeout_s
    )
    chance = random.Random(seed)
    try:
        await _turns(client, chance, "warm", WARM_UP)
        before = usage_of(DESK), usage_of(RASA)
        turns = await _turns(client, chance, "direct", TURNS)
        after = usage_of(DESK), usage_of(RASA)
    finally:
        await client.close()
    return sum(b.since(a) for a, b in zip(before, after, strict=True)) / turns


async def _turns(client: BotClient, chance: random.Random, name: str, least: int) -> int:
    """Tell stories until there were so many turns; return how many there were."""
    turns = 0
    while turns < least:
        story = draw_story(chance)
        if story.kind == Kind.PEOPLE:
            continue
        conversation_id = f"{name}-{turns}"
        await client.send(conversation_id, "", GREETING)
        for line in story.lines:
            await client.send(conversation_id, line)
        turns += 1 + len(story.lines)
    return turns
