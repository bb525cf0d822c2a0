"""Tells other parts of the desk, and other desk processes, that something changed.

Events carry no texts: whoever listens reads from the database. So a lost or doubled event does no
harm, and no customer's words pass through Redis.

Channels and their events (all JSON objects):

- `conversation:<id>`: `{"type": "changed", "conversation_id", "last_seq", "mode", "agent_id"}`
  after new messages or another mode;
  `{"type": "typing", "sender": "customer"|"bot"|"agent", "is_typing"}`;
  `{"type": "read", "by": "customer"|"staff", "seq"}` when one side has seen more;
  `{"type": "colleague", "what": "here"|"gone", "page", "staff_id", "name"}` of staff who look at
  it, with `is_typing` or `wants_answer`.
- `desk`: the same `changed` event of every conversation, for the staff's pages.
- `queue`: `{"type": "queue"}` when the queue changed.
- `notices`: `{"type": "notices"}` when staff have new notices.
- `presence`: `{"type": "presence", "staff_id"}` when somebody comes, goes, or is away.
- `offers`: `{"type": "offers", "staff_ids"}` when offers to these people were made or ended.
- `rulebook`: `{"type": "published"}` when rules or scripts were published.
- `nearby:<id>`: `{"type": "stored", "news"}` of one conversation, inside this process only: what
  a transaction stored, for who would read just that.
- All: `{"type": "resync"}` when events may have been lost: read everything again.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

Event = dict[str, Any]

DESK_CHANNEL = "desk"
QUEUE_CHANNEL = "queue"
NOTICE_CHANNEL = "notices"
PRESENCE_CHANNEL = "presence"
OFFER_CHANNEL = "offers"
QUEUE_SIZE = 256
PREFIX = "kefu:"
RECONNECT_PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0)
RESYNC: Event = {"type": "resync"}

log = structlog.get_logger(__name__)


def conversation_channel(conversation_id: str) -> str:
    """Return the channel of one conversation."""
    return f"conversation:{conversation_id}"


def nearby_channel(conversation_id: str) -> str:
    """Return the channel of one conversation that ends at this process."""
    return f"nearby:{conversation_id}"


class Subscription:
    """Receives the events of its channels from the moment it is made, one after the other:
    `async for event in subscription`.

    Close it with `async with` or `close()`. A listener too slow for its queue gets one `resync`
    in place of what it missed.
    """

    def __init__(self, owner: "LocalFanout", channels: Iterable[str]) -> None:
        self._owner = owner
        self._channels: set[str] = set()
        self._events: asyncio.Queue[Event] = asyncio.Queue(QUEUE_SIZE)
        for channel in channels:
            self.listen_to(channel)

    def listen_to(self, channel: str) -> bool:
        """Receive this channel's events too; tells whether that is new."""
        if channel in self._channels:
            return False
        self._channels.add(channel)
        self._owner.add(channel, self)
        return True

    def leave(self, channel: str) -> None:
        """Receive this channel's events no more."""
        if channel in self._channels:
            self._channels.remove(channel)
            self._owner.remove(channel, self)

    def put(self, event: Event) -> None:
        """Add an event; never waits."""
        if self._events.full():
            while not self._events.empty():
                self._events.get_nowait()
            event = RESYNC
        self._events.put_nowait(event)

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._events.get()

    async def __aenter__(self) -> "Subscription":
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop receiving."""
        for channel in tuple(self._channels):
            self.leave(channel)


class Fanout(Protocol):
    """Publishes events to all listeners of a channel."""

    is_shared: bool
    """Whether other processes hear it too."""

    async def start(self) -> None:
        """Connect; call once before the first event."""

    async def stop(self) -> None:
        """Disconnect."""

    async def publish(self, channel: str, event: Event) -> None:
        """Send an event; never raises."""

    def deliver_here(self, channel: str, event: Event) -> None:
        """Send an event inside this process only: it may hold objects."""

    def subscribe(self, *channels: str) -> Subscription:
        """Begin to listen, at once."""


class LocalFanout:
    """Fan-out inside one process."""

    is_shared = False

    def __init__(self) -> None:
        self._listeners: dict[str, set[Subscription]] = {}

    async def start(self) -> None:
        """Nothing to connect."""

    async def stop(self) -> None:
        """Nothing to disconnect."""

    async def publish(self, channel: str, event: Event) -> None:
        self.deliver_here(channel, event)

    def subscribe(self, *channels: str) -> Subscription:
        return Subscription(self, channels)

    def deliver_here(self, channel: str, event: Event) -> None:
        for subscription in tuple(self._listeners.get(channel, ())):
            subscription.put(event)

    def deliver_everywhere(self, event: Event) -> None:
        """Put an event into the queues of all listeners of all channels."""
        for channel in tuple(self._listeners):
            self.deliver_here(channel, event)

    def add(self, channel: str, subscription: Subscription) -> None:
        """Deliver a channel's events to a listener."""
        self._listeners.setdefault(channel, set()).add(subscription)

    def remove(self, channel: str, subscription: Subscription) -> None:
        """Stop delivering a channel's events to a listener."""
        listeners = self._listeners.get(channel, set())
        listeners.discard(subscription)
        if not listeners:
            self._listeners.pop(channel, None)


class RedisFanout:
    """Fan-out between desk processes through Redis.

    Each process hears every event and passes on what its listeners want. While Redis is away,
    events stay in their process; after it is back all listeners are told to read again.
    """

    is_shared = True

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=5, health_check_interval=15)
        self._local = LocalFanout()
        self._reader: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        self._reader = asyncio.create_task(self._read_forever(), name="fanout reader")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), timeout=5)

    async def stop(self) -> None:
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self._redis.aclose()

    async def publish(self, channel: str, event: Event) -> None:
        try:
            receivers = await self._redis.publish(PREFIX + channel, json.dumps(event))
        except (RedisError, OSError) as error:
            log.warning("fanout.publish_failed", error=type(error).__name__)
            receivers = 0
        if not receivers or not self._listening.is_set():
            self._local.deliver_here(channel, event)

    def deliver_here(self, channel: str, event: Event) -> None:
        self._local.deliver_here(channel, event)

    def subscribe(self, *channels: str) -> Subscription:
        return self._local.subscribe(*channels)

    async def wait_until_listening(self) -> None:
        """Return once Redis confirmed the subscription."""
        await self._listening.wait()

    async def _read_forever(self) -> None:
        failures = 0
        while True:
            try:
                await self._read()
            except (RedisError, OSError) as error:
                was_listening = self._listening.is_set()
                self._listening.clear()
                failures = 0 if was_listening else failures + 1
                pause = RECONNECT_PAUSES_S[min(failures, len(RECONNECT_PAUSES_S) - 1)]
                log.warning("fanout.disconnected", error=type(error).__name__, retry_in_s=pause)
                await asyncio.sleep(pause)

    async def _read(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.psubscribe(PREFIX + "*")
            async for message in pubsub.listen():
                if message["type"] == "psubscribe":
                    self._listening.set()
                    self._local.deliver_everywhere(RESYNC)
                elif message["type"] == "pmessage":
                    self._pass_on(message)

    def _pass_on(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode().removeprefix(PREFIX)
        try:
            event = json.loads(message["data"])
        except ValueError:
            log.warning("fanout.broken_event")
            return
        if isinstance(event, dict):
            self._local.deliver_here(channel, event)


def make_fanout(redis_url: str) -> Fanout:
    """Return a Redis fan-out if there is a URL, otherwise the local one."""
    return RedisFanout(redis_url) if redis_url else LocalFanout()
