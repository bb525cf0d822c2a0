"""`kefu bench load`: many customers at once against services of its own, with the ledger check."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import structlog
from sqlalchemy import select

from desk.accounts.models import Staff
from desk.bench_turn import own_services, own_settings
from desk.database import Database
from desk.demo import DEMO_PASSWORD
from desk.load.agents import Agent
from desk.load.comparison import Costs, compare
from desk.load.customer import Customer, Timings
from desk.load.idle import memory_with_idle
from desk.load.ledger import Account, check_ledger
from desk.load.processes import DESK, RASA, Usage, usage_of
from desk.load.stories import draw_story
from desk.routing.managing import MOST_CAPACITY, set_capacity
from desk.settings import Settings
from scripts_library.measurement import Measurement

SEED = 20261122
AGENTS, LEADER = ("xiaoli", "xiaowang"), "zhuguan"
PATIENCE_S = 30.0
CALM_S = 3.0
CALM_SHARE, CALM_WAIT_S = 0.05, 40.0
"""A desk loads its language when the first of its staff comes; that is no turn's cost."""
MOST_CUSTOMERS = 2000
SHOWN = 10
"""Problems that are named one by one."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Load:
    """How much: `rate` is messages of customers a second over all of them; `idle` more are only
    connected, before."""

    customers: int = 300
    rate: float = 30.0
    seconds: float = 60.0
    idle: int = 0


@dataclass(slots=True)
class _Run:
    """What a run left behind."""

    accounts: list[Account]
    timings: Timings
    seconds: float
    desk: tuple[Usage, Usage]
    rasa: tuple[Usage, Usage]


async def bench_load(load: Load, settings: Settings | None = None) -> list[Measurement]:
    """Run the load and return the figures; what the ledger finds is printed too."""
    with own_settings() as own:
        chosen = settings or own
        async with own_services(chosen):
            await _wait_until_calm()
            await asyncio.to_thread(_give_agents_room, chosen)
            idle = await _idle(chosen, load.idle) if load.idle else []
            await _let_staff_in(chosen)
            costs = await compare(chosen, SEED)
            run = await _play(chosen, load)
            await asyncio.sleep(CALM_S)
            problems = await asyncio.to_thread(_examine, chosen, run.accounts)
    return [*_figures(run, problems), *_compared(costs), *idle]


async def _wait_until_calm() -> None:
    """Return when the desk has loaded what it loads."""
    ends_at = time.monotonic() + CALM_WAIT_S
    while time.monotonic() < ends_at:
        before = usage_of(DESK)
        await asyncio.sleep(CALM_S)
        if usage_of(DESK).since(before) < CALM_SHARE * CALM_S:
            return


async def _let_staff_in(settings: Settings) -> None:
    """Open the login page as the first agent does, and wait for what the desk loads then."""
    async with httpx.AsyncClient(trust_env=False) as client:
        (await client.get(f"http://127.0.0.1:{settings.port}/desk/login")).raise_for_status()
    await _wait_until_calm()


def _give_agents_room(settings: Settings) -> None:
    """Let the two agents hold as many talks as a whole shift would."""
    database = Database(settings.effective_database_url)
    try:
        with database.transaction() as session:
            staff = {one.login: one for one in session.scalars(select(Staff))}
            for login in AGENTS:
                set_capacity(session, staff[LEADER], staff[login].id, MOST_CAPACITY)
    finally:
        database.dispose()


async def _idle(settings: Settings, count: int) -> list[Measurement]:
    before, during = await memory_with_idle(
        f"http://127.0.0.1:{settings.port}", count, patience_s=PATIENCE_S
    )
    return [
        Measurement("desk, memory alone", before.memory_mib, "MiB", None, "lower", 1),
        Measurement("desk, memory with idle", during.memory_mib, "MiB", 300, "lower", count),
    ]


async def _play(settings: Settings, load: Load) -> _Run:
    base_url = f"http://127.0.0.1:{settings.port}"
    accounts: list[Account] = []
    timings = Timings()
    end = time.monotonic() + load.seconds
    think_s = load.customers / load.rate
    before = usage_of(DESK), usage_of(RASA)
    began = time.monotonic()
    async with _agents(base_url):
        await asyncio.gather(
            *(
                _visitor(base_url, number, end, think_s, accounts, timings)
                for number in range(min(load.customers, MOST_CUSTOMERS))
            )
        )
    after = usage_of(DESK), usage_of(RASA)
    return _Run(
        accounts,
        timings,
        time.monotonic() - began,
        desk=(before[0], after[0]),
        rasa=(before[1], after[1]),
    )


async def _visitor(
    base_url: str,
    number: int,
    end: float,
    think_s: float,
    accounts: list[Account],
    timings: Timings,
) -> None:
    """One seat among the customers: when one leaves, the next one comes."""
    chance = random.Random(SEED + number)
    await asyncio.sleep(chance.uniform(0, think_s))
    while time.monotonic() < end:
        customer = Customer([base_url], timings, number=len(accounts), patience_s=PATIENCE_S)
        accounts.append(customer.account)
        story = draw_story(chance)
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + _left(end)):
                await customer.run(story, think_s=think_s, chance=chance)
        except TimeoutError:
            return


def _left(end: float) -> float:
    """Return the seconds until the end and a little more: what is under way may finish."""
    return max(0.0, end - time.monotonic()) + CALM_S


@asynccontextmanager
async def _agents(base_url: str) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(Agent(base_url, one, DEMO_PASSWORD).run()) for one in AGENTS]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _examine(settings: Settings, accounts: list[Account]) -> list[str]:
    database = Database(settings.effective_database_url)
    try:
        with database.reading() as session:
            return check_ledger(session, [one for one in accounts if one.conversation_id])
    finally:
        database.dispose()


def _figures(run: _Run, problems: list[str]) -> list[Measurement]:
    timings = run.timings
    answers = len(timings.answer)
    sent = sum(len(account.sent) for account in run.accounts)
    for problem in problems[:SHOWN]:
        log.error("load.ledger", problem=problem)
    return [
        Measurement("conversations", len(run.accounts), "", None, "higher", 1),
        Measurement("turns a second", answers / run.seconds, "1/s", 30, "higher", answers),
        *_steps("open", timings.open, None),
        *_steps("acknowledge", timings.acknowledge, None),
        *_steps("answer", timings.answer, 800),
        Measurement("unanswered", timings.unanswered, "", 0, "lower", sent),
        Measurement("refused", sum(timings.refused.values()), "", 0, "lower", sent),
        Measurement("reconnects", timings.reconnects, "", 0, "lower", len(run.accounts)),
        Measurement("ledger problems", len(problems), "", 0, "lower", sent),
        Measurement("desk, processor a turn", _ms(run.desk, answers), "ms", None, "lower", answers),
        Measurement("rasa, processor a turn", _ms(run.rasa, answers), "ms", None, "lower", answers),
        Measurement("desk, memory", run.desk[1].memory_mib, "MiB", None, "lower", 1),
        Measurement("rasa, memory", run.rasa[1].memory_mib, "MiB", None, "lower", 1),
    ]


def _compared(costs: Costs) -> list[Measurement]:
    direct_ms, desk_ms = costs.direct_s * 1000, costs.desk_s * 1000
    over = (costs.desk_s / costs.direct_s - 1) * 100
    return [
        Measurement("same stories, rasa alone", direct_ms, "ms", None, "lower", costs.turns),
        Measurement("same stories, with the desk", desk_ms, "ms", None, "lower", costs.turns),
        Measurement("cost over rasa alone", over, "%", 35, "lower", costs.turns),
    ]


def _ms(usage: tuple[Usage, Usage], turns: int) -> float:
    return usage[1].since(usage[0]) / max(turns, 1) * 1000


def _steps(name: str, seconds: list[float], target_ms: float | None) -> list[Measurement]:
    if len(seconds) < 2:
        return []
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return [
        Measurement(
            f"{name}, p{percent}",
            cuts[percent - 1] * 1000,
            "ms",
            target_ms if percent == 95 else None,
            "lower",
            len(seconds),
        )
        for percent in (50, 95, 99)
    ]
