"""What one customer and one address may send, counted for all processes, the wait told."""

import asyncio
import uuid

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from desk.conversations.service import messages_after
from desk.encryption import use_key
from desk.errors import TooManyRequests
from desk.flood import LIMITS, LINKS, MESSAGES, FloodGuard, Limit
from tests.desk.conftest import REDIS_URL, missing_service
from tests.desk.support import ENCRYPTION_KEY, greeted, tab

TINY = Limit("messages", 2, 1)


@pytest.fixture(autouse=True)
def key():
    use_key(ENCRYPTION_KEY)


async def refused(guard, limit, key):
    try:
        await guard.take(limit, key)
    except TooManyRequests as error:
        assert error.key == "errors.slow_down"
        return error.details["retry_after_s"]
    return None


async def test_in_one_process_each_key_has_its_own_count():
    guard = FloodGuard()
    answers = [await refused(guard, LINKS, "a") for _ in range(LINKS.count + 1)]
    assert answers[:-1] == [None] * LINKS.count
    assert 3590 <= answers[-1] <= 3600
    assert await refused(guard, LINKS, "b") is None
    assert await refused(guard, MESSAGES, "a") is None


async def test_processes_with_redis_count_together_and_the_window_ends():
    try:
        await Redis.from_url(REDIS_URL).ping()
    except RedisError:
        missing_service("Redis")
    one, two, key = FloodGuard(REDIS_URL), FloodGuard(REDIS_URL), uuid.uuid4().hex
    assert [await refused(guard, TINY, key) for guard in (one, two, one, two)] == [
        None,
        None,
        1,
        1,
    ]
    stored = await Redis.from_url(REDIS_URL).keys("kefu:flood:*")
    assert not [name for name in stored if key.encode() in name]
    await asyncio.sleep(1.1)
    assert await refused(two, TINY, key) is None
    for guard in (one, two):
        await guard.stop()


async def test_without_redis_the_limit_still_holds_in_the_process():
    guard = FloodGuard("redis://127.0.0.1:1/0")
    answers = [await refused(guard, LINKS, "a") for _ in range(LINKS.count + 1)]
    assert answers[-2] is None
    assert answers[-1] is not None
    await guard.stop()


def test_every_limit_has_a_name_of_its_own():
    assert len({one.name for one in LIMITS}) == len(LIMITS)


async def test_what_is_refused_is_neither_stored_nor_acknowledged(running):
    async with tab(running, browser="mine") as one:
        welcome = await greeted(one)
        for number in range(MESSAGES.count + 5):
            await one.say(f"第{number}句", client_id=f"c{number}")
        refusals = [await one.wait("error") for _ in range(5)]
        await one.send(type="ping")
        await one.wait("pong")
    # A second tab of the same talk has no count of its own.
    async with tab(running, browser="mine") as two:
        await two.hello(welcome["token"])
        await two.say("再来一句", client_id="other-tab")
        assert (await two.wait("error"))["client_id"] == "other-tab"
    assert {frame["code"] for frame in refusals} == {"slow_down"}
    assert all("秒后再发" in frame["text"] for frame in refusals)
    said = await running.desk.database.look(
        messages_after, welcome["conversation_id"], 0, for_staff=True
    )
    stored = {message.client_id for message in said}
    acked = {frame["client_id"] for frame in one.frames if frame["type"] == "ack"}
    refused_ids = {frame["client_id"] for frame in refusals}
    assert len(acked) == MESSAGES.count
    assert acked <= stored
    assert not refused_ids & stored
    assert "other-tab" not in stored
