"""What a turn costs late in a long conversation: the bot's memory must not make it dearer."""

import statistics
import time
from itertools import cycle

from desk.bench_turn import QUESTIONS, own_services, own_settings
from desk.bot_client import BotClient
from desk.load.processes import DESK, RASA, usage_of
from desk.settings import Settings
from scripts_library.measurement import Measurement

MARKS = (10, 100, 1000)
"""After so many turns."""
SPAN = 10
"""Turns before each mark that are measured."""
CONVERSATION = "bench-long"


async def bench_tracker() -> list[Measurement]:
    """Return a turn's milliseconds, and the processor's, at each mark of one conversation; on
    services of its own."""
    with own_settings() as settings:
        async with own_services(settings):
            return await _measure(settings)


async def _measure(settings: Settings) -> list[Measurement]:
    client = BotClient(
        settings.effective_rasa_urls, settings.secret_values["rasa_token"], settings.rasa_timeout_s
    )
    figures: list[Measurement] = []
    questions = cycle(QUESTIONS)
    times_ms: list[float] = []
    before = _cpu_s()
    try:
        await client.send("bench-warm-up", next(questions))
        for number in range(1, MARKS[-1] + 1):
            if number + SPAN - 1 in MARKS:
                times_ms, before = [], _cpu_s()
            begin = time.perf_counter()
            await client.send(CONVERSATION, next(questions))
            times_ms.append((time.perf_counter() - begin) * 1000)
            if number in MARKS:
                figures += _figures(number, times_ms, _cpu_s() - before)
    finally:
        await client.close()
    return figures


def _cpu_s() -> float:
    """All of it: Rasa, and the desk that runs the actions."""
    return usage_of(DESK).cpu_s + usage_of(RASA).cpu_s


def _figures(number: int, times_ms: list[float], cpu_s: float) -> list[Measurement]:
    cpu_ms = cpu_s * 1000 / len(times_ms)
    return [
        Measurement(
            f"turn {number}, median", statistics.median(times_ms), "ms", None, "lower", SPAN
        ),
        Measurement(f"turn {number}, processor", cpu_ms, "ms", None, "lower", SPAN),
    ]
