"""The ladder as pure functions: what is due for a ticket at an instant, and when to look again.

A ticket goes up for a *cause*, and for each cause once:

- `urgent`: a major matter with words of danger or risk, at once to the manager on duty;
- `warning:<instant>`: most of its time is used up, to the recipient;
- `breach:<instant>`: its deadline has passed, to the supervisor;
- `silent:<cause>`: whoever was told did not acknowledge in time, one level up;
- others are given from outside (`raise_level`), e.g. `dissatisfied:1`.

The instants are those of the deadline: if that moves, a new warning and breach are possible.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

RECIPIENT, SUPERVISOR, DIRECTOR = 0, 1, 2
URGENT, WARNING, BREACH, SILENT = "urgent", "warning", "breach", "silent"

_TO_THE_SECOND = len("2026-11-20T18:00:00")
_AT_AND_LEVEL = attrgetter("at", "level")

# What follows are tuples, because a sweep makes tens of thousands of them.


class Told(NamedTuple):
    """Who is told, at which level, and for whom they stand in. No `staff_id`: nobody is there;
    the escalation is open for every supervisor to see."""

    level: int
    staff_id: int | None = None
    substitute_for_id: int | None = None


Place = Callable[[int, bool, datetime], tuple[Told, datetime | None]]
"""`(level wanted, for the manager on duty, told at) -> (who is told, acknowledge by)`: a level
at which nobody is there is passed over."""


class Raise(NamedTuple):
    """Someone is told.

    Attributes:
        cause: why; unique within a ticket.
        level: 0 to 2, the level reached.
        is_duty: it is for the manager on duty.
        at: when it fell due.
        acknowledge_by: when the next level is told; None: never.
        staff_id, substitute_for_id: see `Told`; only known of a new one.
        is_acknowledged: somebody took it up.
        is_passed: it was due so long ago that a higher level is told at the same time; it is
            recorded, but nobody is called for it.
    """

    cause: str
    level: int
    is_duty: bool
    at: datetime
    acknowledge_by: datetime | None
    staff_id: int | None = None
    substitute_for_id: int | None = None
    is_acknowledged: bool = False
    is_passed: bool = False


class Facts(NamedTuple):
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
    raised: Sequence[Raise] = ()


class Plan(NamedTuple):
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
    pending = _pending(facts, raised)
    while pending:
        due = min(pending, key=_AT_AND_LEVEL)
        if due.at > now:
            break
        told, acknowledge_by = place(due.level, due.is_duty, due.at)
        one = Raise(due.cause, told.level, due.is_duty, due.at, acknowledge_by, *told[1:])
        raised.append(one)
        pending = [other for other in pending if other is not due and not _is_over(other, one)]
        if silence := _silence_of(one, raised):
            pending.append(silence)
    if len(raised) > known:
        raised[known:] = _told_now(raised[known:], now, place)
        # Whoever is told now has other times; where nothing is to come, nothing comes of them.
        pending = _pending(facts, raised) if pending else []
    return Plan(tuple(raised[known:]), min((one.at for one in pending), default=None))


def cause_at(kind: str, instant: datetime) -> str:
    """Return the cause of a warning or breach of a deadline, to the second, in UTC."""
    return f"{kind}:{instant.astimezone(UTC).isoformat()[:_TO_THE_SECOND]}"


class _Pending(NamedTuple):
    """What is to come or due, at the level wanted; `since` is when somebody was told whose silence
    it is about."""

    cause: str
    level: int
    is_duty: bool
    at: datetime
    since: datetime | None = None


def _pending(facts: Facts, raised: Sequence[Raise]) -> list[_Pending]:
    """Return what is to come or due, as far as it has not happened."""
    coming = _of_deadline(facts)
    if not raised:
        return coming
    coming += [silence for one in raised if (silence := _silence_of(one, raised))]
    causes = {one.cause for one in raised}
    return [one for one in coming if one.cause not in causes]


def _is_over(one: _Pending, told: Raise) -> bool:
    """Tell whether what was pending because of somebody's silence is settled by a higher level
    that was told since."""
    return one.since is not None and told.level >= one.level and told.at >= one.since


def _of_deadline(facts: Facts) -> list[_Pending]:
    coming = []
    if facts.is_urgent:
        coming.append(_Pending(URGENT, SUPERVISOR, True, facts.since))
    if facts.is_paused:
        return coming
    if facts.warn_at is not None and facts.warn_at < facts.due_at:
        warning = cause_at(WARNING, facts.warn_at)
        coming.append(_Pending(warning, RECIPIENT, False, facts.warn_at))
    breach = cause_at(BREACH, facts.due_at)
    coming.append(_Pending(breach, SUPERVISOR, False, facts.due_at))
    return coming


def _silence_of(one: Raise, raised: Sequence[Raise]) -> _Pending | None:
    """Return what comes of the silence of whoever was told, `raised` being all that has happened.

    A higher level that was told since makes it needless to tell it again.
    """
    if one.is_acknowledged or one.acknowledge_by is None or one.level >= DIRECTOR:
        return None
    for other in raised:
        if other.level > one.level and other.at >= one.at:
            return None
    return _Pending(f"{SILENT}:{one.cause}", one.level + 1, False, one.acknowledge_by, one.at)


def _told_now(new: Sequence[Raise], now: datetime, place: Place) -> list[Raise]:
    """Return the new raises as they are told at `now`: those of the highest level."""
    highest, told = max(one.level for one in new), []
    for one in new:
        is_passed = one.level < highest
        by = None if is_passed else place(one.level, one.is_duty, now)[1]
        who = (one.staff_id, one.substitute_for_id)
        told.append(Raise(one.cause, one.level, one.is_duty, one.at, by, *who, is_passed=is_passed))
    return told
