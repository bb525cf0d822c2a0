"""The ladder's work in a running desk: sweep what is due, take up imported holidays."""

from typing import TYPE_CHECKING

from desk.escalation.promises import settle_due
from desk.escalation.sweeping import BATCH, sweep

if TYPE_CHECKING:
    from desk.app import Desk

PROMISES = 100


async def sweep_due(desk: "Desk") -> None:
    """Sweep until nothing is due any more, a batch and a transaction at a time."""
    for work, batch in ((sweep, BATCH), (settle_due, PROMISES)):
        while await desk.database.run(work, None, batch) == batch:
            pass
