"""Leaders keep the groups: who is in them, what they are for, and how much each person takes."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.conversations.models import Conversation
from desk.errors import Conflict, InvalidInput
from desk.routing.groups import SPEAKERS, find_group
from desk.routing.models import GroupMember, StaffGroup
from desk.routing.presence import state_of
from desk.routing.topics import known_topics

NAME_LIMIT = 32
MOST_CAPACITY = 50


def save_group(
    session: Session,
    leader: Staff,
    group_id: int | None = None,
    *,
    name: str,
    topics: Sequence[str] = (),
    members: Collection[int] = (),
    position: int | None = None,
    now: datetime | None = None,
) -> StaffGroup:
    """Store a new group (`group_id` None) or change one as a whole.

    Raises:
        Forbidden: not a leader.
        NotFound: no such group.
        InvalidInput: the name, a topic or a member won't do.
        Conflict: another group has this name.
    """
    require(leader, Role.SUPERVISOR)
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LIMIT:
        raise InvalidInput("errors.group_name_invalid", field="name", limit=NAME_LIMIT)
    for topic in topics:
        if topic not in known_topics():
            raise InvalidInput("errors.group_topic_unknown", field="topics", topic=topic[:32])
    _check_members(session, members)
    taken = select(StaffGroup.id).where(StaffGroup.name == name, StaffGroup.id != (group_id or 0))
    if session.scalar(taken) is not None:
        raise Conflict("errors.group_name_taken", field="name", name=name)
    if group_id is None:
        last = session.scalar(select(func.max(StaffGroup.position)))
        group = StaffGroup(position=(last or 0) + 1, created_at=now or utc_now())
        session.add(group)
    else:
        group = find_group(session, group_id)
    group.name, group.topics = name, list(dict.fromkeys(topics))
    if position is not None:
        group.position = position
    session.flush()
    session.execute(delete(GroupMember).where(GroupMember.group_id == group.id))
    session.add_all(GroupMember(group_id=group.id, staff_id=one) for one in sorted(set(members)))
    session.flush()
    _note(session, leader, f"group {group.id}", members=len(set(members)))
    return group


def remove_group(session: Session, leader: Staff, group_id: int) -> None:
    """Delete a group. Conversations that wait for it wait for anybody."""
    require(leader, Role.SUPERVISOR)
    group = find_group(session, group_id)
    session.execute(
        update(Conversation).where(Conversation.group_id == group.id).values(group_id=None)
    )
    session.execute(delete(GroupMember).where(GroupMember.group_id == group.id))
    session.delete(group)
    session.flush()
    _note(session, leader, f"group {group_id}", members=0)


def set_capacity(
    session: Session,
    leader: Staff,
    staff_id: int,
    capacity: int | None,
    *,
    now: datetime | None = None,
) -> None:
    """Set how many conversations somebody may hold at once; None: as many as usual.

    Raises:
        Forbidden: not a leader.
        InvalidInput: out of bounds, or that person can't hold conversations.
    """
    require(leader, Role.SUPERVISOR)
    if capacity is not None and not 0 <= capacity <= MOST_CAPACITY:
        raise InvalidInput("errors.capacity_invalid", field="capacity", most=MOST_CAPACITY)
    _check_members(session, [staff_id])
    state_of(session, staff_id, now or utc_now()).capacity = capacity
    session.flush()
    _note(session, leader, f"staff {staff_id}", capacity=capacity)


def _check_members(session: Session, members: Collection[int]) -> None:
    wanted = set(members)
    query = select(func.count()).where(
        Staff.id.in_(wanted), Staff.is_active, Staff.role.in_(SPEAKERS)
    )
    if wanted and session.scalar(query) != len(wanted):
        raise InvalidInput("errors.group_member_invalid", field="members")


def _note(
    session: Session,
    leader: Staff,
    subject: str,
    *,
    members: int | None = None,
    capacity: int | None = None,
) -> None:
    record(
        session,
        leader.login,
        Action.GROUPS_CHANGED,
        subject,
        members=members,
        capacity=capacity,
    )
