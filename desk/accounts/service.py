"""Staff accounts: making them, logging in and out, and who may do what."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk.accounts.models import LEADERS, Role, Staff, StaffSession
from desk.accounts.passwords import decoy_hash, hash_password, is_outdated, is_right
from desk.clock import utc_now
from desk.errors import Conflict, DeskError, Forbidden, InvalidInput, NotFound, NotLoggedIn

SESSION_LENGTH = timedelta(hours=12)
FAILURE_LIMIT = 5
LOCK_LENGTH = timedelta(minutes=5)
PASSWORD_MINIMUM, PASSWORD_MAXIMUM = 10, 256
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,63}")


@dataclass(frozen=True, slots=True)
class LoginResult:
    """What became of a login: token and staff, or the error to show.

    A value and not an exception, because the failure must be counted: the transaction commits.
    """

    token: str | None
    staff: Staff | None
    error: DeskError | None

    def require(self) -> tuple[str, Staff]:
        """Return token and staff, or raise the error. Call it after the commit."""
        if self.error or self.token is None or self.staff is None:
            raise self.error or NotLoggedIn("errors.not_logged_in")
        return self.token, self.staff


def create_staff(
    session: Session,
    *,
    login: str,
    display_name: str,
    role: str,
    password: str,
    department: str | None = None,
    now: datetime | None = None,
) -> Staff:
    """Store a new account.

    Raises:
        InvalidInput: malformed login, name, role, department or password.
        Conflict: the login is taken.
    """
    _validate(login, display_name, role, department)
    _validate_password(password)
    if session.scalar(select(Staff.id).where(Staff.login == login)):
        raise Conflict("errors.login_taken", login=login)
    staff = Staff(
        login=login,
        display_name=display_name.strip(),
        role=role,
        department=department,
        password_hash=hash_password(password),
        created_at=now or utc_now(),
    )
    session.add(staff)
    session.flush()
    return staff


def set_password(session: Session, login: str, password: str) -> None:
    """Set a new password, unlock the account and end all its sessions."""
    _validate_password(password)
    staff = _locked(session, login)
    if staff is None:
        raise NotFound("errors.not_found", field="login")
    staff.password_hash = hash_password(password)
    staff.failed_logins, staff.locked_until = 0, None
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))


def log_in(
    session: Session, login: str, password: str, *, now: datetime | None = None
) -> LoginResult:
    """Check a login and begin a session of 12 hours.

    Unknown login, wrong password, locked and disabled accounts give the same answer in about the
    same time. Five failures lock the account for five minutes. Commit whatever the result is.
    """
    now = now or utc_now()
    staff = _locked(session, login)
    password_hash = staff.password_hash if staff else decoy_hash()
    fits = len(password) <= PASSWORD_MAXIMUM and is_right(password, password_hash)
    if staff is None or not _is_open(staff, now):
        return _refused()
    if not fits:
        _count_failure(staff, now)
        return _refused()
    staff.failed_logins, staff.locked_until = 0, None
    if is_outdated(staff.password_hash):
        staff.password_hash = hash_password(password)
    return LoginResult(_begin_session(session, staff, now), staff, None)


def staff_for_token(session: Session, token: str | None, now: datetime | None = None) -> Staff:
    """Return who is logged in with this token.

    Raises:
        NotLoggedIn: no, unknown or expired token, or the account was disabled.
    """
    found = session.get(StaffSession, _hash_token(token)) if token else None
    if found is None or found.expires_at <= (now or utc_now()) or not found.staff.is_active:
        raise NotLoggedIn("errors.not_logged_in")
    return found.staff


def log_out(session: Session, token: str | None) -> None:
    """End the session of this token; an unknown token is no error."""
    if token:
        session.execute(delete(StaffSession).where(StaffSession.token_hash == _hash_token(token)))


def require(staff: Staff, *roles: Role) -> None:
    """Pass if the staff member has one of the roles, as `has_role` says.

    Raises:
        Forbidden: none of them.
    """
    if not has_role(staff, *roles):
        raise Forbidden("errors.forbidden")


def has_role(staff: Staff, *roles: Role) -> bool:
    """Tell whether someone has one of the roles: admins have all, managers and directors that of
    a supervisor too."""
    if staff.role == Role.ADMIN or staff.role in roles:
        return True
    return Role.SUPERVISOR in roles and staff.role in LEADERS


def list_staff(session: Session, *roles: Role) -> list[Staff]:
    """Return active accounts, those of the given roles or all, by login."""
    query = select(Staff).where(Staff.is_active).order_by(Staff.login)
    return list(session.scalars(query.where(Staff.role.in_(roles)) if roles else query))


def _locked(session: Session, login: str) -> Staff | None:
    # The pattern first: a login with NUL would make PostgreSQL fail instead of finding nothing.
    if not _LOGIN.fullmatch(login):
        return None
    return session.scalar(select(Staff).where(Staff.login == login).with_for_update())


def _begin_session(session: Session, staff: Staff, now: datetime) -> str:
    expired = StaffSession.expires_at <= now
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id, expired))
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            token_hash=_hash_token(token),
            staff_id=staff.id,
            created_at=now,
            expires_at=now + SESSION_LENGTH,
        )
    )
    return token


def _hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _is_open(staff: Staff, now: datetime) -> bool:
    return staff.is_active and (staff.locked_until is None or staff.locked_until <= now)


def _count_failure(staff: Staff, now: datetime) -> None:
    staff.failed_logins += 1
    if staff.failed_logins >= FAILURE_LIMIT:
        staff.failed_logins, staff.locked_until = 0, now + LOCK_LENGTH


def _refused() -> LoginResult:
    minutes = int(LOCK_LENGTH.total_seconds() // 60)
    return LoginResult(
        None, None, NotLoggedIn("errors.login_failed", limit=FAILURE_LIMIT, minutes=minutes)
    )


def _validate(login: str, display_name: str, role: str, department: str | None) -> None:
    if not _LOGIN.fullmatch(login):
        raise InvalidInput("errors.login_invalid", field="login")
    if not 0 < len(display_name.strip()) <= 64:
        raise InvalidInput("errors.display_name_invalid", field="display_name")
    if role not in set(Role):
        roles = "、".join(Role)
        raise InvalidInput("errors.role_unknown", field="role", role=role[:32], roles=roles)
    if role == Role.DEPARTMENT and not department:
        raise InvalidInput("errors.department_missing", field="department")


def _validate_password(password: str) -> None:
    if len(password) < PASSWORD_MINIMUM:
        raise InvalidInput("errors.password_too_short", field="password", minimum=PASSWORD_MINIMUM)
    if len(password) > PASSWORD_MAXIMUM:
        raise InvalidInput("errors.password_too_long", field="password", maximum=PASSWORD_MAXIMUM)
