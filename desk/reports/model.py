"""What a report consists of: numbers, each with the rows behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from desk.reports.periods import Period


class Unit(StrEnum):
    """How a number is meant: pieces, a share from 0 to 1, hours by the clock, a score 1 to 5."""

    COUNT = "count"
    SHARE = "share"
    HOURS = "hours"
    SCORE = "score"


class RowList(StrEnum):
    """Lists in which the rows behind a number can be seen."""

    TICKETS = "tickets"
    ENTRIES = "entries"
    ESCALATIONS = "escalations"
    ANSWERS = "answers"
    CONVERSATIONS = "conversations"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows a number counts: a list and its filter.

    For `tickets` the filter is a `TicketFilter.to_dict`, for the others a `RowFilter.to_dict`.
    """

    list: RowList
    filter: Mapping[str, Any]

    @property
    def url(self) -> str:
        """The console page that shows these rows."""
        if self.list == RowList.TICKETS:
            return "/desk/tickets?" + urlencode(_flat(self.filter))
        return "/desk/reports/rows?" + urlencode({"list": self.list, **_flat(self.filter)})


@dataclass(frozen=True, slots=True)
class Number:
    """A value with the rows behind it.

    A count is the number of its `rows`; a share is `rows` divided by `base`; a time or score is
    taken over `rows`. `value` is None where there is nothing to divide by or to take it over.
    """

    value: float | None
    unit: Unit = Unit.COUNT
    rows: Rows | None = None
    base: Rows | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure, with what it was in the period before and in the same one a year before.

    `before` and `year_before` are None where there was no data, or where a comparison has no
    meaning.
    """

    key: str
    number: Number
    before: float | None = None
    year_before: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table. `key` is the code behind `label`."""

    key: str
    label: str
    cells: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: `key` and `columns` name its texts in `report.grid` and `report.column`."""

    key: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    def column(self, name: str) -> list[Number]:
        """Return the numbers of one column, top to bottom."""
        index = self.columns.index(name)
        return [line.cells[index] for line in self.lines]


@dataclass(frozen=True, slots=True)
class Report:
    """All numbers of one period for one person.

    Attributes:
        made_at: the instant that "now" means in it.
        department: set where the person sees only this department's tickets.
        is_empty: nothing happened in the period.
    """

    period: Period
    made_at: datetime
    department: str | None
    figures: Mapping[str, Figure]
    grids: Mapping[str, Grid] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether the period still went on when the figures were taken."""
        return self.made_at < self.period.ends_at

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all happened in the period."""
        return not any(
            figure.number.value
            for key, figure in self.figures.items()
            if key not in {"overdue_now", "open_at_end"}
        )


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: ",".join(map(str, value))
        if isinstance(value, Sequence) and not isinstance(value, str)
        else (str(value).lower() if isinstance(value, bool) else value)
        for name, value in values.items()
    }
