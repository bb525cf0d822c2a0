"""Logins that are open: they begin, are renewed, and end.

A session ends 12 hours after the login, or when its owner has done nothing for `idle_length`,
whichever comes first. Only a hash of its token is stored.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk.accounts.models import SessionStage, Staff, StaffSession
from desk.accounts.origin import Origin, hash_token
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.errors import NotFound, NotLoggedIn

SESSION_LENGTH = timedelta(hours=12)
STEP_LENGTH = timedelta(minutes=10)
"""How long a login may stand between the password and the code."""

TOUCH_EVERY = timedelta(minutes=1)


@dataclass
class _Limits:
    idle: timedelta = timedelta(minutes=30)


_limits = _Limits()


def use_idle_length(idle: timedelta) -> None:
    """Set after how long without activity a session ends; called by the composition root."""
    _limits.idle = idle


def idle_length() -> timedelta:
    """Return after how long without activity a session ends."""
    return _limits.idle


def begin(
    session: Session,
    staff: Staff,
    origin: Origin,
    now: datetime,
    *,
    stage: SessionStage = SessionStage.FULL,
) -> str:
    """Store a session and return its token. Sessions that have run out are removed."""
    run_out = (StaffSession.expires_at <= now) | (StaffSession.last_seen_at <= now - _limits.idle)
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id, run_out))
    length = SESSION_LENGTH if stage == SessionStage.FULL else STEP_LENGTH
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=hash_token(token),
            staff=staff,
            created_at=now,
            expires_at=now + length,
            last_seen_at=now,
            stage=stage,
            address=origin.address or None,
            browser=origin.browser,
            confirmed_at=now,
        )
    )
    return token


def staff_for_token(session: Session, token: str | None, now: datetime | None = None) -> Staff:
    """Return who is logged in with this token.

    Raises:
        NotLoggedIn: no, unknown, unfinished or ended session, or the account was disabled.
    """
    return session_for_token(session, token, now).staff


def session_for_token(
    session: Session,
    token: str | None,
    now: datetime | None = None,
    *,
    stage: SessionStage = SessionStage.FULL,
) -> StaffSession:
    """Return the open session of this token and stage; raises `NotLoggedIn`."""
    now = now or utc_now()
    found = session.get(StaffSession, hash_token(token)) if token else None
    if found is None or found.stage != stage or not is_open(found, now):
        raise NotLoggedIn("errors.not_logged_in")
    return found


def is_open(found: StaffSession, now: datetime) -> bool:
    """Tell whether a session has neither run out nor lain idle, and its account is active."""
    is_awake = now - found.last_seen_at < _limits.idle
    return found.expires_at > now and is_awake and found.staff.is_active


def touch(session: Session, token: str | None, now: datetime | None = None) -> None:
    """Note that the owner did something; an ended session stays ended."""
    now = now or utc_now()
    found = session.get(StaffSession, hash_token(token)) if token else None
    if found and is_open(found, now) and now - found.last_seen_at >= TOUCH_EVERY:
        found.last_seen_at = now


def renew(session: Session, token: str, now: datetime | None = None) -> str:
    """Give a session another token, after a change of rights; its end stays where it was."""
    now = now or utc_now()
    old = session_for_token(session, token, now)
    fresh = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=hash_token(fresh),
            staff=old.staff,
            created_at=old.created_at,
            expires_at=old.expires_at,
            last_seen_at=now,
            stage=old.stage,
            address=old.address,
            browser=old.browser,
            confirmed_at=old.confirmed_at,
        )
    )
    session.delete(old)
    return fresh


def log_out(session: Session, token: str | None) -> None:
    """End the session of this token; an unknown token is no error."""
    found = session.get(StaffSession, hash_token(token)) if token else None
    if found:
        record(session, found.staff.login, Action.LOGGED_OUT, f"staff {found.staff.login}")
        session.delete(found)


def open_sessions(
    session: Session, staff: Staff, now: datetime | None = None
) -> list[StaffSession]:
    """Return someone's own open sessions, the latest activity first."""
    query = select(StaffSession).where(
        StaffSession.staff_id == staff.id, StaffSession.stage == SessionStage.FULL
    )
    rows = session.scalars(query.order_by(StaffSession.last_seen_at.desc()).limit(100))
    return [row for row in rows if is_open(row, now or utc_now())]


def end_own(session: Session, staff: Staff, public_id: str) -> None:
    """End one of someone's own sessions.

    Raises:
        NotFound: it is not theirs, or has ended.
    """
    mine = [row for row in open_sessions(session, staff) if row.public_id == public_id]
    if not mine:
        raise NotFound("errors.session_not_found")
    for row in mine:
        session.delete(row)
    record(session, staff.login, Action.SESSION_ENDED, f"staff {staff.login}", count=len(mine))


def end_all(session: Session, staff: Staff, *, actor: str, but_token: str | None = None) -> int:
    """End all of someone's sessions, but the one of a token; return how many."""
    spared = hash_token(but_token) if but_token else ""
    rows = session.scalars(
        select(StaffSession).where(
            StaffSession.staff_id == staff.id, StaffSession.token_hash != spared
        )
    ).all()
    for row in rows:
        session.delete(row)
    if rows:
        record(session, actor, Action.SESSION_ENDED, f"staff {staff.login}", count=len(rows))
    return len(rows)
