"""Fan-out in one process and through Redis."""

import asyncio
import contextlib
import os
import uuid

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from desk.app import create_app
from desk.fanout import QUEUE_SIZE, RESYNC, LocalFanout, RedisFanout, make_fanout
from tests.desk.conftest import missing_service
from tests.desk.support import PATIENCE_S, Builder, Running, build, greeted, serving, tab

REDIS_URL = os.environ.get("KEFU_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


@pytest.fixture
async def redis_url():
    client = Redis.from_url(REDIS_URL, socket_connect_timeout=2)
    try:
        await client.ping()
    except (RedisError, OSError):
        missing_service("Redis")
    yield REDIS_URL
    await client.aclose()


@contextlib.asynccontextmanager
async def connected(url):
    fanout = RedisFanout(url)
    await fanout.start()
    await asyncio.wait_for(fanout.wait_until_listening(), PATIENCE_S)
    try:
        yield fanout
    finally:
        await fanout.stop()


async def next_of(subscription):
    """The next event that is not the resync after connecting."""
    async with asyncio.timeout(PATIENCE_S):
        while (event := await anext(subscription)) == RESYNC:
            pass
        return event


def test_settings_choose_the_kind():
    assert isinstance(make_fanout(""), LocalFanout)
    assert isinstance(make_fanout("redis://127.0.0.1:6379/0"), RedisFanout)


async def test_local_events_reach_all_listeners_of_their_channel_in_order():
    fanout = LocalFanout()
    one, two, other = (fanout.subscribe(channel) for channel in "aab")
    for number in range(3):
        await fanout.publish("a", {"type": "x", "n": number})
    await fanout.publish("b", {"type": "y"})
    for listener in (one, two):
        assert [(await next_of(listener))["n"] for _ in range(3)] == [0, 1, 2]
    assert await next_of(other) == {"type": "y"}


async def test_a_closed_subscription_leaves_nothing_behind():
    fanout = LocalFanout()
    async with fanout.subscribe("a"):
        pass
    await fanout.publish("a", {"type": "x"})
    assert fanout._listeners == {}


async def test_a_slow_listener_is_told_to_read_again():
    fanout = LocalFanout()
    async with fanout.subscribe("a") as slow:
        for number in range(QUEUE_SIZE + 1):
            await fanout.publish("a", {"type": "x", "n": number})
        assert await anext(slow) == RESYNC
        await fanout.publish("a", {"type": "x", "n": -1})
        assert (await next_of(slow))["n"] == -1


async def test_one_listener_hears_several_channels_in_their_order_and_can_leave_one():
    fanout = LocalFanout()
    async with fanout.subscribe("a", "b") as events:
        assert events.listen_to("c")
        assert not events.listen_to("c")
        for channel in "abca":
            await fanout.publish(channel, {"type": channel})
        assert [(await next_of(events))["type"] for _ in range(4)] == ["a", "b", "c", "a"]
        events.leave("b")
        await fanout.publish("b", {"type": "b"})
        await fanout.publish("c", {"type": "c"})
        assert (await next_of(events))["type"] == "c"
    assert fanout._listeners == {}


async def test_what_is_nearby_does_not_reach_other_processes(redis_url):
    channel = f"test:{uuid.uuid4().hex}"
    async with connected(redis_url) as one, connected(redis_url) as two:
        here, there = one.subscribe(channel), two.subscribe(channel)
        one.deliver_here(channel, {"type": "x", "news": object()})
        await one.publish(channel, {"type": "y"})
        assert (await next_of(here))["type"] == "x"
        assert await next_of(there) == {"type": "y"}


async def test_redis_carries_events_between_processes(redis_url):
    channel = f"test:{uuid.uuid4().hex}"
    event = {"type": "x", "text": "你好"}
    async with connected(redis_url) as one, connected(redis_url) as two:
        here, there = one.subscribe(channel), two.subscribe(channel)
        await one.publish(channel, event)
        assert await next_of(here) == await next_of(there) == event


async def test_broken_events_in_redis_do_no_harm(redis_url):
    channel = f"test:{uuid.uuid4().hex}"
    client = Redis.from_url(redis_url)
    async with connected(redis_url) as fanout, fanout.subscribe(channel) as events:
        for broken in (b"\xff", b"{", b"[]"):
            await client.publish(f"kefu:{channel}", broken)
        await fanout.publish(channel, {"type": "x"})
        assert await next_of(events) == {"type": "x"}
    await client.aclose()


async def test_without_redis_events_stay_in_the_process():
    fanout = RedisFanout("redis://127.0.0.1:9/0")
    fanout._reader = asyncio.create_task(fanout._read_forever())
    async with fanout.subscribe("a") as events:
        await fanout.publish("a", {"type": "x"})
        assert await next_of(events) == {"type": "x"}
    await fanout.stop()


async def test_a_lost_connection_comes_back_with_a_resync(redis_url):
    channel = f"test:{uuid.uuid4().hex}"
    client = Redis.from_url(redis_url)
    async with connected(redis_url) as fanout, fanout.subscribe(channel) as events:
        names = {c["id"] for c in await client.client_list() if int(c["psub"]) > 0}
        for number in names:
            await client.client_kill_filter(_id=number)
        async with asyncio.timeout(PATIENCE_S):
            assert await anext(events) == RESYNC
        await fanout.publish(channel, {"type": "x"})
        assert await next_of(events) == {"type": "x"}
    await client.aclose()


async def test_two_desk_processes_share_a_conversation(
    redis_url, sqlite_url, tmp_path, checker, rasa, password_hash
):
    """A customer on one process, an agent on the other; each sees the other at once."""
    one = build(sqlite_url, tmp_path, checker, rasa_url=rasa.url, redis_url=redis_url)
    two = build(sqlite_url, tmp_path, checker, rasa_url=rasa.url, redis_url=redis_url)
    make = Builder(one.database, password_hash)
    agent = make.staff()
    await two.start()
    await two.language.ready()
    async with (
        serving(create_app(one, has_console=False)) as url,
        tab(Running(one, url, make, rasa)) as customer,
    ):
        welcome = await greeted(customer)
        conversation_id = welcome["conversation_id"]
        await two.gateway.request_handover(conversation_id, reason="requested")
        assert (await customer.wait("mode"))["mode"] == "queued"
        await two.gateway.claim(conversation_id, agent)
        await customer.wait("mode", mode="agent")
        await two.gateway.reply(conversation_id, agent, client_id="r1", text="您好，请讲。")
        assert (await customer.wait("message", sender="agent"))["message"]["text"]
    await two.stop()
