"""Two desks on a PostgreSQL and a Redis of their own, one after the other taken away."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.clock import utc_now
from desk.conversations.models import Mode
from desk.deadlines.service import PROFILES_FILE, read_profile, use_profile
from desk.escalation.models import Escalation
from desk.settings import PROJECT_DIR
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.service import open_ticket
from tests.faults.conftest import Shop, open_shop
from tests.faults.crowd import crowd, modes
from tests.faults.processes import DeskProcess, Postgres, RedisServer, answers

SWEEPER = PROJECT_DIR / "tests" / "desk" / "escalation" / "sweeper_process.py"
BOT_TIMEOUT_S = 3
SWEPT_WITHIN_S = 30
OVERDUE = NewTicket(
    kind="complaint",
    description="走廊灯不亮",
    category="public_facility",
    department="engineering",
    severity="general",
)


@pytest.fixture(scope="module")
def postgres():
    made = Postgres()
    try:
        made.process.start()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    made = RedisServer(tmp_path_factory.mktemp("redis"))
    try:
        made.process.start()
        yield made
    finally:
        made.process.kill()


@pytest.fixture(scope="module")
def shop(tmp_path_factory, bots, postgres, redis):
    folder = tmp_path_factory.mktemp("desks")
    desks = [
        DeskProcess(
            folder,
            [bots[0].url],
            database_url=postgres.url,
            redis_url=redis.url,
            rasa_timeout_s=str(BOT_TIMEOUT_S),
        )
        for _ in range(2)
    ]
    try:
        database = open_shop(folder, desks, postgres.url)
        yield Shop(desks, bots, database)
        database.dispose()
    finally:
        for desk in desks:
            desk.kill()


async def test_when_one_of_two_desks_is_killed_its_customers_go_to_the_other(shop):
    """A turn that died with its desk is asked again by the other one."""
    async with crowd(shop.database, shop.urls) as people:
        shop.bots_behave(delay_s=1)
        await asyncio.to_thread(shop.desks[1].kill)
        shop.bots_behave()
        await people.under_way(1)
        await asyncio.to_thread(shop.desks[1].start)
    assert people.timings.reconnects >= len(people.accounts) / 2


async def test_desks_that_are_restarted_one_after_the_other_lose_nothing(shop):
    async with crowd(shop.database, shop.urls) as people:
        for desk in shop.desks:
            await asyncio.to_thread(desk.stop)
            await asyncio.to_thread(desk.start)
            await people.under_way(1)
    assert people.timings.reconnects >= len(people.accounts)


async def test_a_restart_of_postgresql_loses_nothing(shop, postgres):
    async with crowd(shop.database, shop.urls) as people:
        await asyncio.to_thread(postgres.process.kill, signal.SIGQUIT)
        async with asyncio.timeout(30):
            while not people.timings.refused.get("store_unavailable"):
                await asyncio.sleep(0.05)
        assert not await asyncio.to_thread(answers, f"{shop.desk.url}/health/ready")
        await asyncio.to_thread(postgres.process.start)
        await people.under_way(1)


async def test_without_redis_customers_are_answered_and_desks_find_each_other_again(shop, redis):
    async with crowd(shop.database, shop.urls) as people:
        await asyncio.to_thread(redis.process.kill)
        await people.under_way(1)
        await asyncio.to_thread(redis.process.start)
        await people.under_way(1)
    assert modes(shop.database, people.accounts) == {Mode.BOT}


async def test_the_desks_do_what_a_killed_sweeper_had_begun(shop):
    """A third process looks at an overdue ticket before the desks do, and dies half-way."""
    now = utc_now()
    use_profile(read_profile(PROJECT_DIR / "data" / "company.yml", PROFILES_FILE))
    with shop.database.transaction() as session:
        ticket = open_ticket(session, OVERDUE, now=now - timedelta(days=40))
        ticket.next_check_at = now + timedelta(minutes=30)
    use_profile(None)
    url = shop.database.engine.url.render_as_string(hide_password=False)
    sweeper = subprocess.Popen(
        [sys.executable, str(SWEEPER), url, (now + timedelta(hours=1)).isoformat()],
        env={**os.environ, "PYTHONPATH": str(PROJECT_DIR)},
        stdout=subprocess.PIPE,
    )
    try:
        async with crowd(shop.database, shop.urls, customers=2):
            assert await asyncio.to_thread(sweeper.stdout.readline) == b"1\n"
            sweeper.kill()
            assert _escalations(shop, ticket) == []
            with shop.database.transaction() as session:
                session.get_one(Ticket, ticket.id).next_check_at = now
            async with asyncio.timeout(SWEPT_WITHIN_S):
                while not _escalations(shop, ticket):
                    await asyncio.sleep(0.1)
    finally:
        sweeper.kill()
        sweeper.wait(20)
        sweeper.stdout.close()
    with shop.database.reading() as session:
        (entry,) = session.scalars(
            select(TicketEntry).where(
                TicketEntry.ticket_id == ticket.id, TicketEntry.kind == "escalated"
            )
        )
        steps = [*entry.data.get("passed_over", ()), entry.data]
        assert [step["cause"] for step in steps] == _escalations(shop, ticket)


def _escalations(shop, ticket):
    with shop.database.reading() as session:
        query = select(Escalation.cause).where(Escalation.ticket_id == ticket.id)
        query = query.order_by(Escalation.id)
        return list(session.scalars(query))
