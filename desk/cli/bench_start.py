"""How long a cold start takes until the bot answers, and what everything needs while nobody asks.

`python -m desk.cli.bench_start` is `kefu up` without what changes the checkout: no words are
written for the bot's training, and no model is trained.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from sqlalchemy import func, select

from desk.bench_turn import own_settings
from desk.cli.run import launch
from desk.conversations.models import Message, Sender
from desk.database import Database
from desk.errors import DeskError, NotFound
from desk.load.customer import Customer, Timings
from desk.load.processes import MIB
from desk.migrate import upgrade
from desk.settings import PROJECT_DIR, Settings
from desk.training import MODELS, RASA_MODEL, is_current
from scripts_library.measurement import Measurement

QUESTION = "物业费是多少钱一平"
PATIENCE_S = 180.0
IDLE_S = 15.0
"""After the first answer, before memory is read: what warms up in the background is done."""
STOP_S = 30.0


class StartFailed(DeskError):
    """The bot did not answer within `PATIENCE_S`."""


def bench_start() -> list[Measurement]:
    """Return seconds from the command to the bot's first answer in a customer's page, and the
    memory of all processes idling; on services of their own.

    Raises:
        NotFound: there is no trained model.
        StartFailed: the bot did not answer.
    """
    if not (Settings().models_dir / RASA_MODEL).exists():
        raise NotFound("errors.no_model")
    with own_settings() as settings:
        begin = time.perf_counter()
        with _running(settings) as root:
            asyncio.run(_first_answer(settings))
            seconds = time.perf_counter() - begin
            time.sleep(IDLE_S)
            memory = _memory_of(root)
    names = {"supervisor": "kefu up", "desk": "desk", "rasa": "rasa"}
    return [
        Measurement("start to first answer", seconds, "s", 30, "lower", 1),
        Measurement("idle memory, all processes", sum(memory.values()), "MiB", 1600, "lower", 1),
        *(
            Measurement(f"idle memory, {names[part]}", mib, "MiB", None, "lower", 1)
            for part, mib in memory.items()
        ),
    ]


@contextmanager
def _running(settings: Settings) -> Iterator[psutil.Process]:
    """Run everything of these settings, as `kefu up` does; give the process that watches."""
    child = subprocess.Popen(
        [sys.executable, "-m", "desk.cli.bench_start"],
        cwd=PROJECT_DIR,
        env={**os.environ, **settings.environment()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(STOP_S)


async def _first_answer(settings: Settings) -> None:
    timings = Timings()
    page = Customer([f"http://127.0.0.1:{settings.port}"], timings, number=1, patience_s=PATIENCE_S)
    async with page.connected():
        await page.say(QUESTION)
    database = Database(settings.effective_database_url)
    try:
        with database.reading() as session:
            said = select(func.count()).where(
                Message.conversation_id == page.account.conversation_id,
                Message.sender == Sender.BOT,
            )
            # A greeting and an answer; the desk's own word would be another sender's.
            if timings.unanswered or (session.scalar(said) or 0) < 2:
                raise StartFailed("errors.bench_failed", what="kefu up")
    finally:
        database.dispose()


def _memory_of(root: psutil.Process) -> dict[str, float]:
    """Return MiB by part; a page that several processes share counts once, in equal parts."""
    memory = {"supervisor": root.memory_full_info().pss / MIB, "desk": 0.0, "rasa": 0.0}
    for child in root.children(recursive=True):
        part = "desk" if "desk.serve" in child.cmdline() else "rasa"
        memory[part] += child.memory_full_info().pss / MIB
    return memory


def _up() -> None:
    settings = Settings()
    upgrade(settings.effective_database_url)
    for model in MODELS:
        is_current(model, settings)
    launch(settings)


if __name__ == "__main__":
    _up()
