"""Pauses of a matter's time: from what happened to when it stood, in order and joined."""

from collections.abc import Iterable
from datetime import UTC, datetime

Pause = tuple[datetime, datetime | None]
"""From when to when the time stands; None while it still does."""


def pauses_from(changes: Iterable[tuple[datetime, int]]) -> tuple[Pause, ...]:
    """Return when the time stood still.

    Args:
        changes: `(instant, +1)` where a reason to pause begins, `(instant, -1)` where it ends; in
            any order. The time stands while more reasons have begun than ended.
    """
    sums: dict[datetime, int] = {}
    for at, change in changes:
        sums[at] = sums.get(at, 0) + change
    pauses: list[Pause] = []
    depth, since = 0, None
    for at in sorted(sums):
        depth += sums[at]
        if depth > 0 and since is None:
            since = at
        elif depth <= 0 and since is not None:
            pauses.append((since, at))
            since = None
    return (*pauses, (since, None)) if since is not None else tuple(pauses)


def merged_after(pauses: Iterable[Pause], start: datetime) -> list[Pause]:
    """Return the pauses after `start` in order, joined where they touch, in UTC."""
    merged: list[Pause] = []
    far = datetime.max.replace(tzinfo=UTC)
    for begin, end in sorted(pauses, key=lambda pause: (pause[0], pause[1] or far)):
        first, last = max(begin.astimezone(UTC), start), end and end.astimezone(UTC)
        if last is not None and last <= first:
            continue
        if merged and (merged[-1][1] is None or first <= merged[-1][1]):
            before, until = merged[-1]
            merged[-1] = (before, max(until, last) if until and last else None)
        else:
            merged.append((first, last))
    return merged
