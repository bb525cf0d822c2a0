"""Groups of staff and the people in them, as they stand now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.accounts.models import LEADERS, Role, Staff
from desk.conversations.models import Conversation, Mode
from desk.errors import NotFound
from desk.routing.models import AgentState, GroupMember, StaffGroup
from desk.routing.presence import Presence, Standing, standings
from desk.routing.settings import current_settings

SPEAKERS = (Role.AGENT, *sorted(LEADERS), Role.ADMIN)
"""Roles that may hold conversations."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group as others see it. `members` are ids of active staff; `topics` what it is for."""

    id: int
    name: str
    topics: tuple[str, ...]
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may hold conversations, and how they stand.

    Attributes:
        standing: available, away or offline.
        load: conversations they hold now.
        capacity: how many they may hold.
        groups: ids of their groups.
    """

    id: int
    display_name: str
    role: str
    standing: Standing
    load: int
    capacity: int
    groups: tuple[int, ...]

    @property
    def has_room(self) -> bool:
        """Tell whether they are available and could take one more."""
        return self.standing.presence == Presence.AVAILABLE and self.load < self.capacity


def groups(session: Session) -> list[Group]:
    """Return all groups in their order."""
    rows = session.scalars(select(StaffGroup).order_by(StaffGroup.position, StaffGroup.id)).all()
    members = memberships(session)
    by_group: dict[int, list[int]] = {row.id: [] for row in rows}
    for staff_id, group_ids in members.items():
        for group_id in group_ids:
            by_group[group_id].append(staff_id)
    return [Group(row.id, row.name, tuple(row.topics), tuple(by_group[row.id])) for row in rows]


def find_group(session: Session, group_id: int) -> StaffGroup:
    """Return a group; raises `NotFound`."""
    found = session.get(StaffGroup, group_id)
    if found is None:
        raise NotFound("errors.staff_group_not_found", field="group_id")
    return found


def memberships(session: Session) -> Mapping[int, tuple[int, ...]]:
    """Return the ids of each active person's groups, by person in the order of their ids."""
    query = (
        select(GroupMember.staff_id, GroupMember.group_id)
        .join(Staff, Staff.id == GroupMember.staff_id)
        .where(Staff.is_active)
        .order_by(GroupMember.staff_id, GroupMember.group_id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for staff_id, group_id in session.execute(query):
        found[staff_id] = (*found.get(staff_id, ()), group_id)
    return found


def colleagues(
    session: Session, staff: Staff | None = None, *, now: datetime | None = None
) -> list[Colleague]:
    """Return everybody who may hold conversations, but `staff`: the available with most room
    first, then the away, then the offline."""
    query = select(Staff.id, Staff.display_name, Staff.role).where(
        Staff.is_active, Staff.role.in_(SPEAKERS)
    )
    if staff is not None:
        query = query.where(Staff.id != staff.id)
    rows = session.execute(query).all()
    ids = [row.id for row in rows]
    standing, load = standings(session, ids, now=now), loads(session)
    capacity, groups_of = capacities(session, ids), memberships(session)
    found = [
        Colleague(
            id=row.id,
            display_name=row.display_name,
            role=row.role,
            standing=standing[row.id],
            load=load.get(row.id, 0),
            capacity=capacity[row.id],
            groups=groups_of.get(row.id, ()),
        )
        for row in rows
    ]
    return sorted(found, key=_nearest)


def loads(session: Session) -> Mapping[int, int]:
    """Return how many conversations each person holds now; who holds none is missing."""
    query = (
        select(Conversation.assigned_to_id, func.count())
        .where(Conversation.mode == Mode.AGENT)
        .group_by(Conversation.assigned_to_id)
    )
    return {staff_id: count for staff_id, count in session.execute(query) if staff_id}


def capacities(session: Session, staff_ids: Iterable[int]) -> Mapping[int, int]:
    """Return how many conversations each of these people may hold."""
    wanted: Sequence[int] = list(staff_ids)
    query = select(AgentState.staff_id, AgentState.capacity).where(
        AgentState.staff_id.in_(wanted), AgentState.capacity.is_not(None)
    )
    usual = current_settings().capacity
    own = {row.staff_id: row.capacity for row in session.execute(query)}
    return {one: own.get(one, usual) for one in wanted}


def _nearest(one: Colleague) -> tuple[int, int, str, int]:
    order = list(Presence).index(one.standing.presence)
    return order, one.load - one.capacity, one.display_name, one.id
