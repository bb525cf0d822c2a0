"""Who is told at each level: pure functions over the roster (R-B6).

The absent are replaced by their substitutes, along the chain; where nobody is there, the next
level is told, at last an administrator.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import lcm
from typing import NamedTuple

from desk.accounts.models import Role
from desk.escalation.domain import DIRECTOR, RECIPIENT, SUPERVISOR, Told

BY_TURN = (Role.MANAGER, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN)
"""Roles whose people share the tickets out among them."""


@dataclass(frozen=True, slots=True)
class Person:
    """An active staff member."""

    id: int
    role: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is there at one instant.

    Attributes:
        people: all active staff by id.
        substitutes: who stands in for each absent person; None where nobody was named.
        on_duty: managers on duty, those who began last first.
    """

    people: Mapping[int, Person]
    substitutes: Mapping[int, int | None]
    on_duty: Sequence[int] = ()
    _roles: dict[str, list[int]] = field(default_factory=dict, init=False, compare=False)

    def stand_in(self, staff_id: int) -> int | None:
        """Return who takes this person's matters: themselves, or the end of the chain of
        substitutes; None if the chain ends with nobody or turns in a circle."""
        seen: set[int] = set()
        current: int | None = staff_id
        while current is not None and current not in seen:
            if current in self.people and current not in self.substitutes:
                return current
            seen.add(current)
            current = self.substitutes.get(current)
        return None

    def with_role(self, role: Role) -> list[int]:
        """Return everybody of a role, in a fixed order."""
        if not self._roles:
            for staff_id in sorted(self.people):
                self._roles.setdefault(self.people[staff_id].role, []).append(staff_id)
        return self._roles.get(role, [])

    def turns(self) -> int:
        """Return after how many tickets the same people's turn comes again, in every role."""
        return lcm(*(len(self.with_role(role)) or 1 for role in BY_TURN))


class Matter(NamedTuple):
    """What decides who is told about a ticket. `turn` (its id) shares the tickets out evenly."""

    recipient_id: int | None
    department: str
    turn: int


def find(roster: Roster, matter: Matter, level: int, *, is_duty: bool = False) -> Told:
    """Return who is told at a level, or at the next one where somebody is there.

    The recipient of a ticket is never told at a higher level: that would be the same person.
    """
    for reached, candidates in _candidates(roster, matter, level, is_duty):
        for candidate in candidates:
            person = roster.stand_in(candidate)
            if person is None or (reached > RECIPIENT and person == matter.recipient_id):
                continue
            return Told(reached, person, candidate if person != candidate else None)
    return Told(level)


def _candidates(
    roster: Roster, matter: Matter, level: int, is_duty: bool
) -> Iterator[tuple[int, list[int]]]:
    def by_turn(role: Role) -> list[int]:
        people = roster.with_role(role)
        first = matter.turn % len(people) if people else 0
        return people[first:] + people[:first]

    if is_duty:
        yield SUPERVISOR, list(roster.on_duty)
        yield SUPERVISOR, by_turn(Role.MANAGER)
    if level == RECIPIENT:
        yield RECIPIENT, [matter.recipient_id] if matter.recipient_id is not None else []
        yield RECIPIENT, _handlers(roster, matter.department)
    if level <= SUPERVISOR:
        yield SUPERVISOR, by_turn(Role.SUPERVISOR)
        if not is_duty:
            yield SUPERVISOR, by_turn(Role.MANAGER)
    yield DIRECTOR, by_turn(Role.DIRECTOR)
    yield DIRECTOR, by_turn(Role.ADMIN)


def _handlers(roster: Roster, department: str) -> list[int]:
    return [
        staff_id
        for staff_id in roster.with_role(Role.DEPARTMENT)
        if roster.people[staff_id].department == department
    ]
