"""Offers waiting conversations to people, one at a time, until somebody takes each.

Any number of processes may do rounds at once: a round claims the waiting conversations by their
rows' locks, and the database keeps a conversation, and a person, from having two open offers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.clock import utc_now
from desk.conversations.models import Conversation, Mode, QueueWait
from desk.conversations.speakers import claim
from desk.errors import Conflict, NotFound
from desk.routing.domain import TRADITIONAL, URGENT, Agent, Team, Waiting, assign, not_again
from desk.routing.groups import Colleague, Group, colleagues, groups
from desk.routing.models import AgentState, Offer, Outcome
from desk.routing.presence import Presence
from desk.routing.settings import current_settings
from desk.tickets.models import Ticket

MOST_WAITING = 500
"""Conversations looked at in one round, the most pressing first."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Everybody who may be asked, and the groups, as they stand now.

    Attributes:
        there: ids of those who are available.
        able: ids of those who are available and have room.
    """

    people: tuple[Colleague, ...]
    teams: tuple[Team, ...]
    agents: tuple[Agent, ...]
    there: frozenset[int]
    able: frozenset[int]


@dataclass(frozen=True, slots=True)
class Matter:
    """A waiting conversation with what was asked about it so far."""

    waiting: Waiting
    wait_id: int
    declined: frozenset[int]
    open_offer: Offer | None


def has_work(session: Session, now: datetime | None = None) -> bool:
    """Tell whether a round could change anything; reads only."""
    now = now or utc_now()
    is_open = select(Offer.id).where(
        Offer.conversation_id == Conversation.id, Offer.outcome.is_(None), Offer.expires_at > now
    )
    query = select(Conversation.id).where(Conversation.mode == Mode.QUEUED, ~is_open.exists())
    if session.scalar(query.limit(1)):
        return True
    left = select(Offer.staff_id).where(Offer.outcome.is_(None))
    asked = set(session.scalars(left))
    return bool(asked - read_floor(session, now=now).there) if asked else False


def read_floor(session: Session, *, now: datetime) -> Floor:
    """Return who may be asked: the members of the groups, or all agents where there are none."""
    all_groups = groups(session)
    in_groups = {member for group in all_groups for member in group.members}
    people = tuple(
        one
        for one in colleagues(session, now=now)
        if (one.id in in_groups if all_groups else one.role == Role.AGENT)
    )
    took_at = _took_at(session)
    asked = set(session.scalars(select(Offer.staff_id).where(Offer.outcome.is_(None))))
    agents = tuple(
        Agent(
            id=one.id,
            load=one.load,
            capacity=one.capacity,
            took_at=took_at.get(one.id),
            groups=frozenset(one.groups),
            is_free=_is_available(one) and one.id not in asked,
        )
        for one in people
    )
    return Floor(
        people,
        _teams(all_groups),
        agents,
        there=frozenset(one.id for one in people if _is_available(one)),
        able=frozenset(one.id for one in people if one.has_room),
    )


def claim_waiting(
    session: Session, floor: Floor, now: datetime, limit: int = MOST_WAITING
) -> list[Matter]:
    """Lock the waiting conversations that no other process holds, and return how they stand."""
    query = (
        select(Conversation.id)
        .where(Conversation.mode == Mode.QUEUED)
        .order_by(Conversation.is_urgent.desc(), Conversation.queued_at, Conversation.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(query))
    if not ids:
        return []
    rows = session.execute(
        select(
            Conversation.id,
            Conversation.queued_at,
            Conversation.is_urgent,
            Conversation.last_intent,
            Conversation.is_traditional,
            Conversation.group_id,
            Conversation.last_agent_id,
        ).where(Conversation.id.in_(ids), Conversation.mode == Mode.QUEUED)
    ).all()
    waits, categories = _open_waits(session, ids), _categories(session, ids)
    offers = _offers(session, list(waits.values()))
    found = []
    for row in rows:
        if row.id not in waits:
            continue
        made = offers.get(waits[row.id], [])
        declined = frozenset(one.staff_id for one in made if one.outcome == Outcome.DECLINED)
        passed = Counter(one.staff_id for one in made if one.outcome == Outcome.EXPIRED)
        topics = {row.last_intent} if row.last_intent else set()
        topics |= categories.get(row.id, set())
        topics |= {TRADITIONAL} if row.is_traditional else set()
        topics |= {URGENT} if row.is_urgent else set()
        waiting = Waiting(
            id=row.id,
            queued_at=row.queued_at or now,
            is_urgent=row.is_urgent,
            topics=frozenset(topics),
            wanted_group=row.group_id,
            last_agent=row.last_agent_id,
            asked=not_again(declined, passed, floor.able),
        )
        still_open = next((one for one in made if one.outcome is None), None)
        found.append(Matter(waiting, waits[row.id], declined, still_open))
    return found


def expire(session: Session, matters: Iterable[Matter], floor: Floor, now: datetime) -> set[int]:
    """Close offers whose time is over or whose person has left; return whose they were."""
    over: dict[str, list[Offer]] = {Outcome.EXPIRED: [], Outcome.WITHDRAWN: []}
    for matter in matters:
        offer = matter.open_offer
        if offer and offer.expires_at <= now:
            over[Outcome.EXPIRED].append(offer)
        elif offer and offer.staff_id not in floor.there:
            over[Outcome.WITHDRAWN].append(offer)
    for outcome, offers in over.items():
        if offers:
            ids = [one.id for one in offers]
            statement = update(Offer).where(Offer.id.in_(ids), Offer.outcome.is_(None))
            session.execute(statement.values(outcome=outcome, settled_at=now))
    return {one.staff_id for offers in over.values() for one in offers}


def offer_out(
    session: Session, matters: Sequence[Matter], floor: Floor, now: datetime
) -> dict[str, int]:
    """Offer what nobody is thinking about; return who was asked, by conversation."""
    by_id = {one.waiting.id: one for one in matters}
    found = assign([one.waiting for one in matters], floor.agents, floor.teams)
    rows = [
        {
            "conversation_id": one.conversation_id,
            "wait_id": by_id[one.conversation_id].wait_id,
            "staff_id": one.agent_id,
            "group_id": one.group_id,
            "offered_at": now,
            "expires_at": now + current_settings().offer_length,
        }
        for one in found
    ]
    if not rows:
        return {}
    is_sqlite = session.connection().dialect.name == "sqlite"
    insert = sqlite.insert(Offer) if is_sqlite else postgresql.insert(Offer)
    statement = insert.values(rows).on_conflict_do_nothing()
    made = session.execute(statement.returning(Offer.conversation_id, Offer.staff_id))
    return {row.conversation_id: row.staff_id for row in made}


def offers_to(session: Session, staff: Staff, *, now: datetime | None = None) -> list[Offer]:
    """Return what somebody is asked at the moment."""
    query = select(Offer).where(
        Offer.staff_id == staff.id, Offer.outcome.is_(None), Offer.expires_at > (now or utc_now())
    )
    return list(session.scalars(query.order_by(Offer.id)))


def accept(
    session: Session, staff: Staff, offer_id: int, *, now: datetime | None = None
) -> Conversation:
    """Take the conversation that was offered; a second call finds it taken already.

    Raises:
        NotFound: it is somebody else's offer.
        Conflict: the time is over, or somebody else took the conversation.
    """
    now = now or utc_now()
    offer = _own(session, staff, offer_id)
    if offer.outcome not in (None, Outcome.ACCEPTED) or (
        offer.outcome is None and offer.expires_at <= now
    ):
        raise Conflict("errors.offer_over")
    return claim(session, offer.conversation_id, staff, now=now)


def decline(session: Session, staff: Staff, offer_id: int, *, now: datetime | None = None) -> None:
    """Leave what was offered to others; an offer that is over stays as it is.

    Raises:
        NotFound: it is somebody else's offer.
    """
    offer = _own(session, staff, offer_id)
    session.execute(
        update(Offer)
        .where(Offer.id == offer.id, Offer.outcome.is_(None))
        .values(outcome=Outcome.DECLINED, settled_at=now or utc_now())
    )


def _own(session: Session, staff: Staff, offer_id: int) -> Offer:
    offer = session.get(Offer, offer_id)
    if offer is None or offer.staff_id != staff.id:
        raise NotFound("errors.offer_over")
    return offer


def _is_available(one: Colleague) -> bool:
    return one.standing.presence == Presence.AVAILABLE


def _teams(all_groups: Iterable[Group]) -> tuple[Team, ...]:
    return tuple(Team(group.id, frozenset(group.topics)) for group in all_groups)


def _took_at(session: Session) -> Mapping[int, datetime]:
    query = select(AgentState.staff_id, AgentState.took_at).where(AgentState.took_at.is_not(None))
    return {staff_id: at for staff_id, at in session.execute(query) if at}


def _open_waits(session: Session, ids: Sequence[str]) -> Mapping[str, int]:
    query = (
        select(QueueWait.conversation_id, func.max(QueueWait.id).label("wait_id"))
        .where(QueueWait.conversation_id.in_(ids), QueueWait.outcome.is_(None))
        .group_by(QueueWait.conversation_id)
    )
    return {row.conversation_id: row.wait_id for row in session.execute(query)}


def _categories(session: Session, ids: Sequence[str]) -> Mapping[str, set[str]]:
    query = select(Ticket.conversation_id, Ticket.category).where(
        Ticket.conversation_id.in_(ids), Ticket.category.is_not(None)
    )
    found: dict[str, set[str]] = {}
    for conversation_id, category in session.execute(query):
        found.setdefault(str(conversation_id), set()).add(str(category))
    return found


def _offers(session: Session, wait_ids: Sequence[int]) -> Mapping[int, list[Offer]]:
    query = select(Offer).where(
        Offer.wait_id.in_(wait_ids), or_(Offer.outcome.is_(None), Offer.outcome != "accepted")
    )
    found: dict[int, list[Offer]] = {}
    for offer in session.scalars(query):
        found.setdefault(offer.wait_id, []).append(offer)
    return found
