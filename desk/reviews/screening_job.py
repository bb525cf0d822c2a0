"""The job that looks for complaints nobody took down."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from desk.clock import utc_now
from desk.reviews import suspects

if TYPE_CHECKING:
    from desk.app import Desk

ROUNDS = 20
"""Batches of one run, so that a long backlog does not keep the process busy."""
log = structlog.get_logger(__name__)


async def screen(desk: "Desk") -> None:
    """Judge the conversations that went quiet, a batch at a time."""
    for _ in range(ROUNDS):
        found = await desk.database.look(suspects.unscreened, now=utc_now())
        if not found:
            return
        judged = await asyncio.to_thread(suspects.judge, found)
        listed = await desk.database.run(suspects.store, judged, now=utc_now())
        log.info("suspects.screened", conversations=len(found), listed=listed)
