"""How scripts are used: shown, used, edited, rejected, and how far replies are from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.reviews.models import SuggestionUse


@dataclass(frozen=True, slots=True)
class Usage:
    """One script's counts; `distance` is the mean edit distance of the replies that began with it,
    0 (word for word) to 1, None if none was measured."""

    shown: int = 0
    used: int = 0
    edited: int = 0
    rejected: int = 0
    distance: float | None = None

    @property
    def is_unused(self) -> bool:
        """Whether nobody ever took it."""
        return not self.used and not self.edited


def usage(session: Session, *, since: datetime | None = None) -> Mapping[str, Usage]:
    """Return script id -> usage, of scripts that were shown or used at all."""
    query = select(
        SuggestionUse.script_id,
        SuggestionUse.outcome,
        func.count(),
        func.sum(SuggestionUse.edit_distance),
        func.count(SuggestionUse.edit_distance),
    ).group_by(SuggestionUse.script_id, SuggestionUse.outcome)
    if since:
        query = query.where(SuggestionUse.created_at >= since)
    counts: dict[str, dict[str, int]] = {}
    distances: dict[str, list[float]] = {}
    for script_id, outcome, count, total, measured in session.execute(query):
        counts.setdefault(script_id, {})[outcome] = count
        if measured:
            place = distances.setdefault(script_id, [0.0, 0.0])
            place[0] += total or 0.0
            place[1] += measured
    return {
        script_id: Usage(**by_outcome, distance=_mean(distances.get(script_id)))
        for script_id, by_outcome in counts.items()
    }


def _mean(total_and_number: list[float] | None) -> float | None:
    return total_and_number[0] / total_and_number[1] if total_and_number else None
