"""Whether somebody is there for customers: what they chose, and whether their console is open.

A person without an open console page, or logged out, is offline whatever they chose; for
`GRACE` after the last sign of life they count as there, so that a reload changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from desk.accounts.models import SessionStage, Staff, StaffSession
from desk.clock import utc_now
from desk.errors import InvalidInput
from desk.routing.models import AgentState
from desk.routing.settings import REASON_LIMIT

GRACE = timedelta(seconds=90)
BEAT_S = 30.0
"""Seconds between two signs of life; `GRACE` outlasts two that are lost."""
SHIFT_BREAK = timedelta(hours=4)
"""Whoever comes back after this long begins a new shift, available."""


class Presence(StrEnum):
    """Whether somebody takes conversations."""

    AVAILABLE = "available"
    AWAY = "away"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands now. `since` is None for who was never there; `reason` is why away."""

    presence: Presence
    reason: str | None = None
    since: datetime | None = None


OFFLINE = Standing(Presence.OFFLINE)


def set_presence(
    session: Session,
    staff: Staff,
    presence: Presence,
    *,
    reason: str | None = None,
    now: datetime | None = None,
) -> Standing:
    """Note what somebody chose; the same once more keeps the time since when.

    Raises:
        InvalidInput: a reason that is too long.
    """
    now = now or utc_now()
    why = (reason or "").strip() or None if presence == Presence.AWAY else None
    if why and len(why) > REASON_LIMIT:
        raise InvalidInput("errors.away_reason_too_long", field="reason", limit=REASON_LIMIT)
    state = state_of(session, staff.id, now)
    if (state.presence, state.reason) != (presence, why):
        state.presence, state.reason, state.since = presence, why, now
        session.flush()
    return presence_of(session, staff, now=now)


def presence_of(session: Session, staff: Staff, *, now: datetime | None = None) -> Standing:
    """Return how somebody stands now."""
    return standings(session, [staff.id], now=now)[staff.id]


def standings(
    session: Session, staff_ids: Iterable[int], *, now: datetime | None = None
) -> Mapping[int, Standing]:
    """Return how each of these people stands now, in two queries."""
    now, wanted = now or utc_now(), set(staff_ids)
    states = session.scalars(select(AgentState).where(AgentState.staff_id.in_(wanted)))
    by_staff = {state.staff_id: state for state in states}
    logged_in = select(StaffSession.staff_id).where(
        StaffSession.staff_id.in_(wanted),
        StaffSession.stage == SessionStage.FULL,
        StaffSession.expires_at > now,
    )
    present = set(session.scalars(logged_in))
    return {
        one: _standing(by_staff.get(one), is_logged_in=one in present, now=now) for one in wanted
    }


def arrive(session: Session, staff: Staff, *, now: datetime | None = None) -> Standing:
    """Note that a console page of somebody's is open; after a long time away they are available."""
    now = now or utc_now()
    state = state_of(session, staff.id, now)
    is_new_shift = state.seen_at is None or now - state.seen_at > SHIFT_BREAK
    if is_new_shift and state.presence != Presence.AVAILABLE:
        state.presence, state.reason, state.since = Presence.AVAILABLE, None, now
    state.seen_at = now
    session.flush()
    return presence_of(session, staff, now=now)


def note_seen(session: Session, staff_ids: Iterable[int], *, now: datetime | None = None) -> None:
    """Note a sign of life of these people, in one statement."""
    wanted = set(staff_ids)
    if wanted:
        statement = update(AgentState).where(AgentState.staff_id.in_(wanted))
        session.execute(statement.values(seen_at=now or utc_now()))


def state_of(session: Session, staff_id: int, now: datetime) -> AgentState:
    """Return somebody's row, locked until the commit; a new one is available."""
    query = select(AgentState).where(AgentState.staff_id == staff_id).with_for_update()
    found = session.scalar(query)
    if found is None:
        found = AgentState(staff_id=staff_id, presence=Presence.AVAILABLE, since=now)
        session.add(found)
        session.flush()
    return found


def _standing(state: AgentState | None, *, is_logged_in: bool, now: datetime) -> Standing:
    if state is None:
        return OFFLINE
    is_there = is_logged_in and state.seen_at is not None and now - state.seen_at <= GRACE
    if state.presence == Presence.OFFLINE or not is_there:
        return Standing(Presence.OFFLINE, since=state.seen_at)
    return Standing(Presence(state.presence), state.reason, state.since)
