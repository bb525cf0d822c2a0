"""Keeps an open page up to date from the fan-out, and ends with the page."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import Client, background_tasks

from desk.fanout import Event, Fanout

PAUSE_S = 0.3


class Refresher:
    """Runs one refresh at a time; requests that come during a run lead to exactly one more.

    A page whose browser is away (closed, or without a network) is left alone until it is back.
    `pause_s` passes between two runs: many events in a row cost no more than one.
    """

    def __init__(
        self, client: Client, work: Callable[[], Awaitable[None]], *, pause_s: float = PAUSE_S
    ) -> None:
        self._client = client
        self._work = work
        self._pause_s = pause_s
        self._is_wanted = False
        self._task: asyncio.Task[None] | None = None
        client.on_connect(self._resume)
        client.on_delete(self.stop)

    def request(self) -> None:
        """Refresh soon."""
        self._is_wanted = True
        self._resume()

    def stop(self) -> None:
        """Refresh no more."""
        self._is_wanted = False
        if self._task:
            self._task.cancel()

    def _resume(self) -> None:
        if self._is_wanted and (self._task is None or self._task.done()):
            self._task = background_tasks.create(self._run())

    async def _run(self) -> None:
        while self._is_wanted and self._client.has_socket_connection:
            self._is_wanted = False
            await self._work()
            await asyncio.sleep(self._pause_s)


class Listener:
    """Passes a channel's events on to a function, until stopped or pointed elsewhere."""

    def __init__(self, fanout: Fanout, client: Client, hear: Callable[[Event], None]) -> None:
        self._fanout = fanout
        self._hear = hear
        self._task: asyncio.Task[None] | None = None
        client.on_delete(self.stop)

    def listen_to(self, channel: str) -> None:
        """Hear this channel from now on, and no other."""
        self.stop()
        subscription = self._fanout.subscribe(channel)

        async def listen() -> None:
            async with subscription:
                async for event in subscription:
                    self._hear(event)

        self._task = background_tasks.create(listen())
        # A task cancelled before its first step never enters `async with`.
        self._task.add_done_callback(lambda _: subscription.close())

    def stop(self) -> None:
        """Hear nothing more."""
        if self._task:
            self._task.cancel()
            self._task = None
