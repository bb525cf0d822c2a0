"""The job that keeps to the retention times."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from desk.clock import utc_now
from desk.privacy import bot_memory
from desk.privacy.retention import BOT_MEMORY, apply_rules, read_rules

if TYPE_CHECKING:
    from desk.app import Desk

log = structlog.get_logger(__name__)


async def apply_retention(desk: "Desk") -> None:
    """Delete one batch of what is overdue; logs how much, never what."""
    rules, now = read_rules(), utc_now()
    run = await desk.database.run(apply_rules, rules, now)
    await asyncio.to_thread(bot_memory.forget, desk.settings, run.conversations)
    before = now - timedelta(days=rules[BOT_MEMORY])
    if talks := await asyncio.to_thread(bot_memory.forget_idle, desk.settings, before):
        log.info("retention.applied", what=BOT_MEMORY, count=talks)
    for one in run.deleted:
        log.info("retention.applied", what=one.name, count=one.count)
