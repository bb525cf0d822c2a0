"""The queue as all open pages show it: read once for all of them, not once for each."""

import asyncio
from collections.abc import Sequence

from desk.conversations.reading import QueueEntry, queue
from desk.database import Database
from desk.fanout import DESK_CHANNEL, Fanout

FRESH_S = 20.0
"""After this time it is read again even if nothing was heard."""


class QueueBoard:
    """Hands out the queue; reads it again when a conversation has changed."""

    def __init__(self, database: Database, fanout: Fanout) -> None:
        self._database = database
        self._fanout = fanout
        self._listening: asyncio.Task[None] | None = None
        self._changes = 0
        self._read: tuple[int, float, asyncio.Task[Sequence[QueueEntry]]] | None = None

    async def entries(self) -> Sequence[QueueEntry]:
        """Return the waiting conversations, as they are after the last change heard of."""
        self._listen()
        now = asyncio.get_running_loop().time()
        read = self._read
        if read is None or read[0] != self._changes or now - read[1] > FRESH_S or _failed(read[2]):
            task = asyncio.create_task(self._database.look(queue))
            read = self._read = (self._changes, now, task)
        return await asyncio.shield(read[2])

    def stop(self) -> None:
        """Listen no more."""
        if self._listening:
            self._listening.cancel()
            self._listening = None

    def _listen(self) -> None:
        if self._listening is None or self._listening.done():
            subscription = self._fanout.subscribe(DESK_CHANNEL)

            async def listen() -> None:
                async with subscription:
                    async for _event in subscription:
                        self._changes += 1

            self._listening = asyncio.create_task(listen(), name="queue board")


def _failed(task: "asyncio.Task[Sequence[QueueEntry]]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
