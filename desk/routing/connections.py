"""Whose console pages are open in this process, for signs of life."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from desk.routing.presence import note_seen

if TYPE_CHECKING:
    from desk.app import Desk


class Connections:
    """Open pages by a key of their own."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[int, Callable[[], bool]]] = {}

    def add(self, key: str, staff_id: int, is_connected: Callable[[], bool]) -> None:
        """Count a page as somebody's sign of life while `is_connected` says so."""
        self._pages[key] = (staff_id, is_connected)

    def remove(self, key: str) -> None:
        """Forget a page."""
        self._pages.pop(key, None)

    def connected_staff(self) -> set[int]:
        """Return the ids of those who have a page open and connected."""
        return {staff_id for staff_id, is_connected in self._pages.values() if is_connected()}


connections = Connections()


async def beat(desk: "Desk") -> None:
    """Note that everybody with an open page is still there."""
    staff_ids = connections.connected_staff()
    if staff_ids:
        await desk.database.run(note_seen, staff_ids)
