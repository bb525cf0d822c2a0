"""The ladder's work in a running desk: sweep what is due, settle promises."""

from typing import TYPE_CHECKING

from desk.escalation.promises import has_due_promise, settle_due
from desk.escalation.sweeping import BATCH, has_due, sweep
from desk.fanout import NOTICE_CHANNEL

if TYPE_CHECKING:
    from desk.app import Desk

PROMISES = 100


async def sweep_due(desk: "Desk") -> None:
    """Sweep until nothing is due any more, a batch and a transaction at a time; then tell the
    open pages. Nothing is locked while nothing is due."""
    is_changed = False
    for is_due, work, batch in ((has_due, sweep, BATCH), (has_due_promise, settle_due, PROMISES)):
        while await desk.database.look(is_due):
            is_changed = True
            if await desk.database.run(work, None, batch) < batch:
                break
    if is_changed:
        await desk.fanout.publish(NOTICE_CHANNEL, {"type": "escalations"})
