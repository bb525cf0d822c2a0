"""The job that keeps to the retention times."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from desk.clock import utc_now
from desk.privacy import bot_memory
from desk.privacy.retention import apply_rules, read_rules

if TYPE_CHECKING:
    from desk.app import Desk

log = structlog.get_logger(__name__)


async def apply_retention(desk: "Desk") -> None:
    """Delete one batch of what is overdue; logs how much, never what."""
    run = await desk.database.run(apply_rules, read_rules(), utc_now())
    await asyncio.to_thread(bot_memory.forget, desk.settings, run.conversations)
    for one in run.deleted:
        log.info("retention.applied", what=one.name, count=one.count)
