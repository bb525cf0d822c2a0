"""The queue is read once for all pages, and again when something changed."""

import asyncio

from desk.conversations.board import QueueBoard
from desk.fanout import DESK_CHANNEL, LocalFanout


class Counting:
    """Stands in for the database: counts readings."""

    def __init__(self):
        self.readings = 0
        self.fails = False

    async def look(self, _work):
        self.readings += 1
        await asyncio.sleep(0)
        if self.fails:
            raise OSError
        return [self.readings]


async def test_pages_share_a_reading_until_something_changes():
    database, fanout = Counting(), LocalFanout()
    board = QueueBoard(database, fanout)
    try:
        found = await asyncio.gather(*(board.entries() for _ in range(50)))
        assert found == [[1]] * 50
        await asyncio.sleep(0)
        await fanout.publish(DESK_CHANNEL, {"type": "changed"})
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert await board.entries() == [2]
        assert await board.entries() == [2]
    finally:
        board.stop()


async def test_a_failed_reading_is_not_handed_out_again():
    database, fanout = Counting(), LocalFanout()
    board = QueueBoard(database, fanout)
    try:
        database.fails = True
        assert isinstance(
            (await asyncio.gather(board.entries(), return_exceptions=True))[0], OSError
        )
        database.fails = False
        assert await board.entries() == [2]
    finally:
        board.stop()
