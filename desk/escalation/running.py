"""The ladder's work in a running desk: sweep what is due, take up imported holidays."""

from typing import TYPE_CHECKING

from desk.escalation.sweeping import BATCH, sweep

if TYPE_CHECKING:
    from desk.app import Desk


async def sweep_due(desk: "Desk") -> None:
    """Sweep until nothing is due any more, a batch and a transaction at a time."""
    while await desk.database.run(sweep, None, BATCH) == BATCH:
        pass
