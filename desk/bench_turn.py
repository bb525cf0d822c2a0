"""How long a bot turn takes: question over HTTP to Rasa, action, database, answer."""

import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import cycle, islice
from pathlib import Path

from desk.bot_client import BotClient
from desk.demo import load_demo
from desk.installation import open_database
from desk.processes import Supervisor, desk_service, free_port, rasa_services
from desk.settings import Settings
from scripts_library.measurement import Measurement

WARM_UP, TURNS = 20, 200
QUESTIONS = (
    "云栖雅苑三室多少钱",
    "3栋的户型有多大",
    "对口什么学校",
    "物业费一个月多少",
    "有没有车位",
    "断桥平开窗用的什么玻璃",
    "门窗保修几年",
    "客服中心几点上班",
)


async def bench_turn() -> list[Measurement]:
    """Return median and 95th percentile of a turn in milliseconds, on services of its own."""
    with own_settings() as settings:
        async with own_services(settings):
            times_ms = await _measure(settings)
    return [
        Measurement("bot turn, median", statistics.median(times_ms), "ms", 60, "lower", TURNS),
        Measurement(
            "bot turn, p95", statistics.quantiles(times_ms, n=20)[-1], "ms", None, "lower", TURNS
        ),
    ]


async def _measure(settings: Settings) -> list[float]:
    client = BotClient(
        settings.effective_rasa_urls, settings.secret_values["rasa_token"], settings.rasa_timeout_s
    )
    times_ms = []
    try:
        # A conversation of eight questions each, as customers have them.
        for number, question in enumerate(islice(cycle(QUESTIONS), WARM_UP + TURNS)):
            begin = time.perf_counter()
            await client.send(f"bench-{number // len(QUESTIONS)}", question)
            times_ms.append((time.perf_counter() - begin) * 1000)
    finally:
        await client.close()
    return times_ms[WARM_UP:]


@contextmanager
def own_settings() -> Iterator[Settings]:
    """Give settings of a set-up of its own, with demo data; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
        settings = Settings(
            data_dir=Path(folder),
            port=free_port(),
            action_port=free_port(),
            rasa_port=free_port(),
            database_url="",
        )
        with open_database(settings) as database, database.transaction() as session:
            load_demo(session)
        yield settings


@asynccontextmanager
async def own_services(settings: Settings) -> AsyncIterator[None]:
    """Run the bot and the desk of these settings."""
    supervisor = Supervisor(settings.data_dir / "log", on_restart=lambda _: None)
    services = (*rasa_services(settings), desk_service(settings))
    try:
        for service in services:
            supervisor.start(service)
        for service in services:
            await supervisor.wait_ready(service)
        yield
    finally:
        await supervisor.finish()
