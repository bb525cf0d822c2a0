"""One desk on SQLite with a bot that breaks, a disk that fills, a clock that jumps."""

import asyncio
import contextlib
import json
import sqlite3
import time
import uuid

import pytest
from websockets.client import connect

from desk.conversations.models import Mode
from desk.locale import t
from tests.faults.conftest import Shop, open_shop
from tests.faults.crowd import crowd, modes, said_by_the_desk
from tests.faults.processes import DeskProcess, answers

LOCKED_S = 10
SLOW_S = 5
BOT_TIMEOUT_S = 8


@pytest.fixture(scope="module")
def shop(tmp_path_factory, bots):
    folder = tmp_path_factory.mktemp("one-desk")
    desk = DeskProcess(folder, [bot.url for bot in bots], rasa_timeout_s=str(BOT_TIMEOUT_S))
    try:
        database = open_shop(folder, [desk])
        yield Shop([desk], bots, database)
        database.dispose()
    finally:
        desk.kill()


def took_over(shop, accounts):
    """Whether every customer was told that people take over, and people do."""
    told = said_by_the_desk(shop.database, accounts)
    beginning = t("chat.handover.bot_unavailable", wait="").partition("。")[0]
    return sum(text.startswith(beginning) for text in told) == len(
        accounts
    ) and Mode.BOT not in modes(shop.database, accounts)


async def test_while_the_bot_is_dead_people_take_over_and_then_it_answers_again(shop):
    async with crowd(shop.database, shop.urls) as people:
        for bot in shop.bots:
            await asyncio.to_thread(bot.process.kill)
        await people.under_way(2)
    assert took_over(shop, people.accounts)
    for bot in shop.bots:
        await asyncio.to_thread(bot.process.start)
    async with crowd(shop.database, shop.urls, customers=2) as people:
        pass
    assert modes(shop.database, people.accounts) == {Mode.BOT}


@pytest.mark.parametrize(
    "answer",
    ["<html>502</html>", '{"messages": [{"text": 7, "buttons": 3}]}'],
)
async def test_what_the_bot_garbles_goes_to_people(shop, answer):
    async with crowd(shop.database, shop.urls, customers=3) as people:
        shop.bots_behave(answer=answer)
        await people.under_way(1)
    assert Mode.BOT not in modes(shop.database, people.accounts)


async def test_a_slow_bot_is_waited_for(shop):
    async with crowd(shop.database, shop.urls) as people:
        shop.bots_behave(delay_s=SLOW_S)
        await people.under_way(1)
        shop.bots_behave()
    assert modes(shop.database, people.accounts) == {Mode.BOT}
    assert max(people.timings.answer) >= SLOW_S


async def test_a_desk_that_is_killed_loses_nothing(shop):
    async with crowd(shop.database, shop.urls) as people:
        await asyncio.to_thread(shop.desk.kill)
        await asyncio.to_thread(shop.desk.start)
        await people.under_way(1)
    assert people.timings.reconnects >= len(people.accounts)


async def test_a_locked_database_is_waited_for(shop):
    file = shop.desk.folder / "kefu.db"
    async with crowd(shop.database, shop.urls) as people:
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(LOCKED_S)
            acknowledged = [one.seq for account in people.accounts for one in account.sent]
            assert None in acknowledged
            assert answers(f"{shop.desk.url}/health/ready")
            other.execute("ROLLBACK")
        await people.under_way(1)
    assert max(people.timings.acknowledge) > LOCKED_S / 2


async def test_on_a_full_disk_nothing_is_acknowledged_and_then_all_goes_on(shop):
    async with crowd(shop.database, shop.urls) as people:
        shop.desk.fill_disk()
        full_at = time.monotonic()
        stored = {one.client_id for account in people.accounts for one in account.sent if one.seq}
        async with asyncio.timeout(30):
            while people.timings.refused.get("store_unavailable", 0) < len(people.accounts):
                await asyncio.sleep(0.05)
        assert time.monotonic() - full_at < 20
        with sqlite3.connect(shop.desk.folder / "kefu.db") as file:
            kept = {row[0] for row in file.execute("SELECT client_id FROM message")}
        assert stored <= kept
        assert answers(f"{shop.desk.url}/health/live")
        shop.desk.free_disk()
        await people.under_way(1)


async def test_a_message_sent_again_or_out_of_order_is_stored_once(shop):
    """Cut between the message and its acknowledgement; then everything twice, the last first."""
    first, second = uuid.uuid4().hex, uuid.uuid4().hex
    async with _tab(shop.desk.url) as socket:
        welcome = await _hello(socket)
        await socket.send(_message(first, "三室多少钱"))
    async with _tab(shop.desk.url) as socket:
        await _hello(socket, welcome["token"])
        for client_id, text in (
            (second, "有车位吗"),
            (first, "三室多少钱"),
            (second, "有车位吗"),
            (first, "三室多少钱"),
        ):
            await socket.send(_message(client_id, text))
        acks = [await _next(socket, "ack") for _ in range(4)]
    assert len({ack["seq"] for ack in acks if ack["client_id"] == first}) == 1
    assert len({ack["seq"] for ack in acks if ack["client_id"] == second}) == 1
    with sqlite3.connect(shop.desk.folder / "kefu.db") as file:
        query = "SELECT client_id FROM message WHERE conversation_id = ? AND sender = 'customer'"
        stored = [row[0] for row in file.execute(query, (welcome["conversation_id"],))]
    assert sorted(stored) == sorted([first, second])


async def test_with_two_bots_nobody_notices_that_one_is_away(shop):
    """Also how a new model is brought in: one server after the other."""
    async with crowd(shop.database, shop.urls) as people:
        for bot in shop.bots:
            await asyncio.to_thread(bot.process.stop)
            await people.under_way(1)
            await asyncio.to_thread(bot.process.start)
    assert modes(shop.database, people.accounts) == {Mode.BOT}


def _tab(url):
    return connect(url.replace("http", "ws", 1) + "/ws/chat", origin=url)


async def _hello(socket, token=None):
    await socket.send(json.dumps({"type": "hello", "token": token, "last_seq": 0}))
    return await _next(socket, "welcome")


def _message(client_id, text):
    return json.dumps({"type": "message", "client_id": client_id, "text": text})


async def _next(socket, kind):
    async with asyncio.timeout(20):
        while (frame := json.loads(await socket.recv()))["type"] != kind:
            pass
        return frame
