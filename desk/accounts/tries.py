"""Counts failed logins, and bars the places they come from.

A place is a browser that has logged in to the account before (by its device cookie), otherwise a
network address. Five failures in a row bar that place from that account for five minutes, so
nobody can lock out somebody else by typing wrong passwords. Against guessing from many addresses,
all unknown places together have fifty failures an hour; after that only known devices get in
for fifteen minutes.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.accounts.models import KnownDevice, LoginTry, Staff
from desk.accounts.origin import Origin, hash_token
from desk.encryption import personal_data

FAILURE_LIMIT = 5
LOCK_LENGTH = timedelta(minutes=5)
STRANGERS_LIMIT = 50
STRANGERS_LOCK = timedelta(minutes=15)
MEMORY = timedelta(hours=1)
"""Failures further apart than this don't count together."""
DEVICE_LIMIT = 10


def is_barred(session: Session, login: str, places: list[str], now: datetime) -> bool:
    """Tell whether one of the places may not try this account now."""
    keys = [_key(login, place) for place in places]
    query = select(LoginTry.key).where(LoginTry.key.in_(keys), LoginTry.locked_until > now)
    return session.scalar(query.limit(1)) is not None


def places_of(session: Session, staff: Staff | None, origin: Origin) -> list[str]:
    """Return the places a try counts for: the known device alone, or the network and all strangers
    together."""
    if staff is not None and _device(session, staff, origin.device):
        return [f"device {origin.device}"]
    return [f"network {origin.network}", "strangers"]


def count_failure(session: Session, login: str, places: list[str], now: datetime) -> None:
    """Count one failure at each of the places; bar those that reached their limit."""
    for place in places:
        is_all = place == "strangers"
        limit = STRANGERS_LIMIT if is_all else FAILURE_LIMIT
        lock = STRANGERS_LOCK if is_all else LOCK_LENGTH
        row = _counted(session, _key(login, place), now)
        if row.failures >= limit:
            row.failures, row.locked_until = 0, now + lock


def forget_failures(session: Session, login: str, places: list[str] | None = None) -> None:
    """Begin to count anew: at the given places, or (None) at all of the account."""
    if places is None:
        chosen = LoginTry.key.startswith(_account(login) + ":")
    else:
        chosen = LoginTry.key.in_([_key(login, place) for place in places if place != "strangers"])
    session.execute(delete(LoginTry).where(chosen))


def remember_device(session: Session, staff: Staff, origin: Origin, now: datetime) -> str:
    """Return the token of the device cookie: the one it has, or a new one."""
    known = _device(session, staff, origin.device)
    if known and origin.device:
        known.last_used_at = now
        return origin.device
    query = select(KnownDevice).where(KnownDevice.staff_id == staff.id)
    newest_first = session.scalars(query.order_by(KnownDevice.last_used_at.desc())).all()
    for row in newest_first[DEVICE_LIMIT - 1 :]:
        session.delete(row)
    token = secrets.token_urlsafe(24)
    session.add(KnownDevice(token_hash=hash_token(token), staff_id=staff.id, last_used_at=now))
    return token


def is_new_device(session: Session, staff: Staff, origin: Origin) -> bool:
    """Tell whether the browser is not one of those the account was used from; at an account's
    very first login nothing is new."""
    if _device(session, staff, origin.device):
        return False
    query = select(KnownDevice.token_hash).where(KnownDevice.staff_id == staff.id)
    return session.scalar(query.limit(1)) is not None


def forget_devices(session: Session, staff: Staff) -> None:
    """Take all browsers for strangers again."""
    session.execute(delete(KnownDevice).where(KnownDevice.staff_id == staff.id))


def purge(session: Session, before: datetime) -> int:
    """Remove counts of failures older than an instant; return how many."""
    is_over = or_(LoginTry.locked_until.is_(None), LoginTry.locked_until < before)
    old = delete(LoginTry).where(LoginTry.last_failed_at < before, is_over)
    return session.execute(old.returning(LoginTry.key)).all().__len__()


def _device(session: Session, staff: Staff, token: str | None) -> KnownDevice | None:
    known = session.get(KnownDevice, hash_token(token)) if token else None
    return known if known and known.staff_id == staff.id else None


def _counted(session: Session, key: str, now: datetime) -> LoginTry:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # One statement, since an unknown account has no row to lock.
    statement = insert(LoginTry).values(key=key, failures=1, last_failed_at=now)
    is_old = LoginTry.last_failed_at < now - MEMORY
    statement = statement.on_conflict_do_update(
        index_elements=[LoginTry.key],
        set_={"failures": case((is_old, 1), else_=LoginTry.failures + 1), "last_failed_at": now},
    )
    session.execute(statement)
    return session.get_one(LoginTry, key, populate_existing=True)


def _account(login: str) -> str:
    return personal_data().index(f"account {login}")[:31]


def _key(login: str, place: str) -> str:
    return f"{_account(login)}:{personal_data().index(place)[:32]}"
