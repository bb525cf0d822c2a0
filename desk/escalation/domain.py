"""The ladder as pure functions: what is due for a ticket at an instant, and when to look again.

A ticket goes up for a *cause*, and for each cause once:

- `urgent`: a major matter with words of danger or risk, at once to the manager on duty;
- `warning:<instant>`: most of its time is used up, to the recipient;
- `breach:<instant>`: its deadline has passed, to the supervisor;
- `silent:<cause>`: whoever was told did not acknowledge in time, one level up;
- others are given from outside (`raise_level`), e.g. `dissatisfied:1`.

The instants are those of the deadline: if that moves, a new warning and breach are possible.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

RECIPIENT, SUPERVISOR, DIRECTOR = 0, 1, 2
URGENT, WARNING, BREACH, SILENT = "urgent", "warning", "breach", "silent"

_AT_AND_LEVEL = attrgetter("at", "level")

Place = Callable[[int, bool, datetime], tuple[int, datetime | None]]
"""`(level wanted, for the manager on duty, told at) -> (level reached, acknowledge by)`: a level
at which nobody is there is passed over."""


class Raise(NamedTuple):
    """Someone is told. A tuple, because a sweep makes tens of thousands of them.

    Attributes:
        cause: why; unique within a ticket.
        level: 0 to 2, the level reached.
        is_duty: it is for the manager on duty.
        at: when it fell due.
        acknowledge_by: when the next level is told; None: never.
        is_acknowledged: somebody took it up.
        is_passed: it was due so long ago that a higher level is told at the same time; it is
            recorded, but nobody is called for it.
    """

    cause: str
    level: int
    is_duty: bool
    at: datetime
    acknowledge_by: datetime | None
    is_acknowledged: bool = False
    is_passed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ladder needs to know of an open ticket.

    Attributes:
        since: when it was received.
        warn_at, due_at: see `Deadline`.
        is_paused: its time stands; what waits for acknowledgement does not.
        is_urgent: the manager on duty must know at once.
        raised: what has happened before, in any order.
    """

    since: datetime
    warn_at: datetime | None
    due_at: datetime
    is_paused: bool
    is_urgent: bool
    raised: tuple[Raise, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, in the order in which it fell due, and when to look again (None: never)."""

    raises: tuple[Raise, ...]
    check_at: datetime | None


def plan(facts: Facts, now: datetime, place: Place) -> Plan:
    """Return all that is due at `now`.

    After a sleep through several deadlines the ticket goes up step by step to the level at which
    it should be; the steps below are marked as passed. Whoever is told now has the full time to
    acknowledge from now on.
    """
    raised, known = list(facts.raised), len(facts.raised)
    of_deadline = tuple(_of_deadline(facts))
    pending = _pending(of_deadline, raised)
    while due := _first(pending, now):
        level, acknowledge_by = place(due.level, due.is_duty, due.at)
        told = Raise(due.cause, level, due.is_duty, due.at, acknowledge_by)
        raised.append(told)
        pending = [
            one for one in pending if one.what.cause != told.cause and not _is_over(one, told)
        ]
        causes = {one.cause for one in raised}
        pending += [one for one in _of_silence([told], raised) if one.what.cause not in causes]
    if len(raised) > known:
        raised[known:] = _told_now(raised[known:], now, place)
        pending = _pending(of_deadline, raised)
    return Plan(tuple(raised[known:]), min((one.what.at for one in pending), default=None))


def cause_at(kind: str, instant: datetime) -> str:
    """Return the cause of a warning or breach of a deadline, to the second, in UTC."""
    return f"{kind}:{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}"


class _Pending(NamedTuple):
    """What is to come or due; `since` is when somebody was told whose silence it is about."""

    what: Raise
    since: datetime | None = None


def _pending(of_deadline: Sequence[Raise], raised: Sequence[Raise]) -> list[_Pending]:
    """Return what is to come or due, as far as it has not happened, at the level wanted."""
    causes = {one.cause for one in raised}
    coming = [*map(_Pending, of_deadline), *_of_silence(raised, raised)]
    return [one for one in coming if one.what.cause not in causes]


def _first(pending: Sequence[_Pending], now: datetime) -> Raise | None:
    due = [one.what for one in pending if one.what.at <= now]
    return min(due, key=_AT_AND_LEVEL) if due else None


def _is_over(one: _Pending, told: Raise) -> bool:
    """Tell whether what was pending because of somebody's silence is settled by a higher level
    that was told since."""
    return one.since is not None and told.level >= one.what.level and told.at >= one.since


def _of_deadline(facts: Facts) -> Iterator[Raise]:
    if facts.is_urgent:
        yield Raise(URGENT, SUPERVISOR, True, facts.since, None)
    if facts.is_paused:
        return
    if facts.warn_at is not None and facts.warn_at < facts.due_at:
        yield Raise(cause_at(WARNING, facts.warn_at), RECIPIENT, False, facts.warn_at, None)
    yield Raise(cause_at(BREACH, facts.due_at), SUPERVISOR, False, facts.due_at, None)


def _of_silence(told: Sequence[Raise], raised: Sequence[Raise]) -> Iterator[_Pending]:
    """Yield what comes of the silence of those told, `raised` being all that has happened."""
    for one in told:
        if one.is_acknowledged or one.acknowledge_by is None or one.level >= DIRECTOR:
            continue
        # A higher level that was told since makes it needless to tell it again.
        if not any(other.level > one.level and other.at >= one.at for other in raised):
            cause, level = f"{SILENT}:{one.cause}", one.level + 1
            yield _Pending(Raise(cause, level, False, one.acknowledge_by, None), one.at)


def _told_now(new: Sequence[Raise], now: datetime, place: Place) -> list[Raise]:
    highest = max((one.level for one in new), default=RECIPIENT)
    return [
        Raise(one.cause, one.level, one.is_duty, one.at, one.acknowledge_by, is_passed=True)
        if one.level < highest
        else one._replace(acknowledge_by=place(one.level, one.is_duty, now)[1])
        for one in new
    ]
