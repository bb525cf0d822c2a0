"""The list at the left of QA's pages: its rows, the one being looked at, the way along them."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Generic, TypeVar

from desk.console.choosing import as_choice
from desk.console.elements import box
from desk.console.qa_shell import Handler
from desk.locale import t

Row = TypeVar("Row")


class Chooser(Generic[Row]):
    """Keeps which row is chosen through every new reading of the rows.

    Args:
        name: what names a row from one reading to the next.
        on_change: draws the page again.
    """

    def __init__(
        self, name: Callable[[Row], str], on_change: Callable[[], Awaitable[None]]
    ) -> None:
        self._name = name
        self._on_change = on_change
        self._chosen: str | None = None
        self.rows: Sequence[Row] = ()

    @property
    def chosen(self) -> Row | None:
        """The row being looked at."""
        return next((row for row in self.rows if self.is_chosen(row)), None)

    def is_chosen(self, row: Row) -> bool:
        """Tell whether it is this row that is looked at: ask again after waiting for anything, or
        what belongs to one row is shown, and judged, as another's."""
        return self._name(row) == self._chosen

    def take(self, rows: Sequence[Row]) -> None:
        """Take what was read; if the chosen row has gone, the first one takes its place."""
        self.rows = rows
        if self.chosen is None:
            self._chosen = self._name(rows[0]) if rows else None

    def forget(self) -> None:
        """Begin at the first row again: another list is about to be read."""
        self._chosen = None

    def keys(self) -> dict[str, tuple[str, Handler]]:
        """Return the keys that go along the list."""
        return {
            "j": (t("quality.key_next"), partial(self._step, 1)),
            "k": (t("quality.key_previous"), partial(self._step, -1)),
        }

    @contextmanager
    def entry(self, row: Row) -> Iterator[None]:
        """Add a row's button, a `row` to be heard by the list; what it shows goes inside."""
        entry = box("k-entry", tag="button").props("type=button")
        entry.props["aria-current"] = "true" if self.is_chosen(row) else "false"
        with as_choice(entry, "row", self._name(row)):
            yield

    async def choose(self, name: str) -> None:
        """Look at the row of this name, or at the first one if it has gone meanwhile."""
        self._chosen = name
        await self._on_change()

    async def _step(self, by: int) -> None:
        row = self.chosen
        place = self.rows.index(row) + by if row is not None else 0
        if 0 <= place < len(self.rows):
            await self.choose(self._name(self.rows[place]))
