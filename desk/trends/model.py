"""What trends consist of: a line over the parts of a period, with the period before beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from desk.reports.model import Rows
from desk.reports.periods import Period


class Measure(StrEnum):
    """How a trend's values are meant."""

    COUNT = "count"
    MINUTES = "minutes"
    HOURS = "hours"
    SCORE = "score"
    PER_HUNDRED = "per_hundred"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Point:
    """One part of the period. `value` is None where there is nothing to take it over; `before` is
    the same part of the period before; `rows` are what it was taken over."""

    label: str
    value: float | None
    before: float | None
    rows: Rows | None


@dataclass(frozen=True, slots=True)
class Trend:
    """A named line; `total` is over the whole period, `total_before` over the one before."""

    key: str
    measure: Measure
    points: tuple[Point, ...]
    total: float | None
    total_before: float | None

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not any(point.value for point in self.points)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What QA said of a rule's flags: `right` (confirmed or coached) of all that were judged."""

    rule_id: str
    right: int
    wrong: int

    @property
    def precision(self) -> float:
        """The share of the judged flags that were right, 0 to 1."""
        return self.right / (self.right + self.wrong)


@dataclass(frozen=True, slots=True)
class Trends:
    """All trends of a period, and the rules' precision by QA's decisions, the worst first."""

    period: Period
    trends: Mapping[str, Trend]
    rules: tuple[RuleLine, ...]
    made_at: datetime

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing happened in the period."""
        return not self.rules and all(one.is_empty for one in self.trends.values())
