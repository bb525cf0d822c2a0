"""Takes up imported holidays in a running desk, and says in the log when some are missing."""

from typing import TYPE_CHECKING

import structlog

from desk.deadlines.imported import read_days
from desk.deadlines.service import calendar_warning, use_days

if TYPE_CHECKING:
    from desk.app import Desk

log = structlog.get_logger(__name__)


class CalendarWatch:
    """Reads the imported days again at each run; warns once for each state of affairs."""

    def __init__(self) -> None:
        self._told: str | None = None

    async def __call__(self, desk: "Desk") -> None:
        """Do one run."""
        use_days(await desk.database.look(read_days))
        warning = calendar_warning()
        if warning and warning != self._told:
            log.warning("calendar.incomplete", text=warning)
        self._told = warning
