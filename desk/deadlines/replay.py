"""Follows a stored calculation to the same instants, by nothing but its steps (R-G6)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from desk.deadlines.calendars import Span
from desk.deadlines.domain import BUDGETS, reach, share, us


def recompute(steps: Sequence[Mapping[str, str | int]]) -> tuple[datetime, datetime]:
    """Follow stored steps (`Step.as_json`) and return `(due_at, warn_at)`, in UTC.

    Only the arithmetic on the steps themselves is done: the counted spans must follow one another,
    keep clear of the pauses and add up to the allowance.

    Raises:
        ValueError: the steps contradict one another.
    """
    by_name = {str(step["step"]): step for step in steps}
    budget = int(next(by_name[name] for name in BUDGETS if name in by_name)["amount"])
    pauses = [_span_of(step) for step in steps if step["step"] == "pause"]
    used, end, spans = 0, _instant_of(by_name["received"]["at"]), []
    for first, last in (_span_of(step) for step in steps if step["step"] == "counted"):
        if first < end or any(a < last and first < b for a, b in pauses):
            raise ValueError("the counted spans do not follow one another")
        used, end = used + us(last - first), last
        spans.append((first, last))
    if used != budget:
        raise ValueError("the counted spans do not add up")
    percent = int(by_name["warn"]["percent"])
    return end, reach(spans, share(timedelta(microseconds=budget), percent))


def _instant_of(text: str | int) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def _span_of(step: Mapping[str, str | int]) -> Span:
    return _instant_of(step["begin"]), _instant_of(step["end"])
