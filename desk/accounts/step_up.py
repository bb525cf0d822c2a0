"""Showing once more who one is, before something that can't be taken back or leaves the house.

A session counts as confirmed for ten minutes: after the login, and after each password, code or
visit to the provider given for this purpose.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from desk.accounts import second_factor, sessions, tries
from desk.accounts.login import locked_staff
from desk.accounts.models import Staff, StaffSession
from desk.accounts.origin import Origin
from desk.accounts.passwords import is_right
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.errors import DeskError, Forbidden, InvalidInput, TooManyRequests

CONFIRMED_FOR = timedelta(minutes=10)


def is_recent(found: StaffSession, now: datetime) -> bool:
    """Tell whether a session's owner has shown who they are a short time ago."""
    return found.confirmed_at is not None and now - found.confirmed_at < CONFIRMED_FOR


def require_recent(session: Session, token: str | None, now: datetime | None = None) -> Staff:
    """Return whose session it is, if it is confirmed.

    Raises:
        NotLoggedIn: no open session.
        Forbidden: it must be confirmed first.
    """
    now = now or utc_now()
    found = sessions.session_for_token(session, token, now)
    if not is_recent(found, now):
        raise Forbidden("errors.confirm_needed")
    return found.staff


def confirm(
    session: Session,
    token: str | None,
    secret: str,
    *,
    origin: Origin | None = None,
    now: datetime | None = None,
) -> DeskError | None:
    """Confirm a session by the password, or by the second factor's code.

    Failures count like those of a login, and bar the place in the same way.

    Returns:
        None, or the error to show: a value, since the failure must be counted. Commit in any case.

    Raises:
        NotLoggedIn: no open session.
    """
    now, origin = now or utc_now(), origin or Origin()
    found = sessions.session_for_token(session, token, now)
    staff = locked_staff(session, found.staff.login)
    if staff is None:
        return Forbidden("errors.forbidden")
    places = tries.places_of(session, staff, origin)
    if tries.is_barred(session, staff.login, places, now):
        seconds = int(tries.LOCK_LENGTH.total_seconds())
        return TooManyRequests("errors.too_many_requests", retry_after_s=seconds)
    if not _fits(session, staff, secret, now):
        tries.count_failure(session, staff.login, places, now)
        whom = f"staff {staff.login}"
        record(session, staff.login, Action.LOGIN_FAILED, whom, at=now, why="confirmation")
        return InvalidInput("errors.confirm_wrong", field="secret")
    mark(session, found, now)
    return None


def mark(session: Session, found: StaffSession, now: datetime) -> None:
    """Note that a session's owner has shown who they are."""
    found.confirmed_at = now
    login = found.staff.login
    record(session, login, Action.CONFIRMED, f"staff {login}", at=now)


def _fits(session: Session, staff: Staff, secret: str, now: datetime) -> bool:
    if staff.has_second_factor and second_factor.is_code_right(session, staff, secret, now):
        return True
    return staff.has_password and is_right(secret, staff.password_hash)
