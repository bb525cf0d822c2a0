"""Keeps an open page up to date from the fan-out, and ends with the page."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import Client, background_tasks

from desk.fanout import Event, Fanout


class Refresher:
    """Runs one refresh at a time; requests that come during a run lead to exactly one more."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._is_wanted = False
        self._task: asyncio.Task[None] | None = None

    def request(self) -> None:
        """Refresh soon."""
        self._is_wanted = True
        if self._task is None or self._task.done():
            self._task = background_tasks.create(self._run())

    def stop(self) -> None:
        """Refresh no more."""
        self._is_wanted = False
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        while self._is_wanted:
            self._is_wanted = False
            await self._work()


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
