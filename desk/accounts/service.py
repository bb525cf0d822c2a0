"""Staff accounts: making and changing them, and who may do what.

Logging in is in `login`, open logins in `sessions`, the second factor in `second_factor`.
"""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts import second_factor, sessions, tries
from desk.accounts.login import LoginResult, enter_code, locked_staff, log_in
from desk.accounts.models import LEADERS, Role, Staff
from desk.accounts.names import is_login
from desk.accounts.passwords import hash_password, is_right
from desk.accounts.sessions import SESSION_LENGTH, log_out, staff_for_token
from desk.accounts.strength import check_password
from desk.accounts.tries import FAILURE_LIMIT, LOCK_LENGTH
from desk.audit.actions import Action
from desk.audit.trail import SYSTEM, record
from desk.clock import utc_now
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound

__all__ = [
    "FAILURE_LIMIT",
    "LOCK_LENGTH",
    "SESSION_LENGTH",
    "LoginResult",
    "change_own_password",
    "change_staff",
    "create_staff",
    "enter_code",
    "find_staff",
    "has_role",
    "list_staff",
    "log_in",
    "log_out",
    "require",
    "reset_second_factor",
    "set_password",
    "staff_for_token",
]

_EMAIL = re.compile(r"(?=.{3,254}$)[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")


def create_staff(
    session: Session,
    *,
    login: str,
    display_name: str,
    role: str,
    password: str,
    department: str | None = None,
    email: str | None = None,
    now: datetime | None = None,
    actor: str = SYSTEM,
) -> Staff:
    """Store a new account.

    Raises:
        InvalidInput: malformed login, name, role, department, e-mail or password.
        Conflict: the login is taken.
    """
    _validate(login, display_name, role, department)
    if email is not None and not _EMAIL.fullmatch(email):
        raise InvalidInput("errors.email_invalid", field="email")
    check_password(password, (login, display_name))
    if session.scalar(select(Staff.id).where(Staff.login == login)):
        raise Conflict("errors.login_taken", login=login)
    staff = Staff(
        login=login,
        display_name=display_name.strip(),
        role=role,
        department=department,
        email=email,
        password_hash=hash_password(password),
        created_at=now or utc_now(),
    )
    session.add(staff)
    session.flush()
    record(session, actor, Action.ACCOUNT_CREATED, f"staff {login}", role=role)
    return staff


def change_staff(
    session: Session,
    login: str,
    *,
    role: str | None = None,
    department: str | None = None,
    is_active: bool | None = None,
    actor: str = SYSTEM,
) -> Staff:
    """Change someone's rights: what is given. Their sessions end, so that none keeps the old ones.

    Raises:
        NotFound: no such account.
        InvalidInput: unknown role, or a department account without department.
    """
    staff = find_staff(session, login)
    role = role or staff.role
    department = department if department is not None else staff.department
    _validate(staff.login, staff.display_name, role, department)
    before = (staff.role, staff.department, staff.is_active)
    staff.role, staff.department = role, department
    if is_active is not None:
        staff.is_active = is_active
    if before != (staff.role, staff.department, staff.is_active):
        sessions.end_all(session, staff, actor=actor)
        record(
            session,
            actor,
            Action.ACCOUNT_CHANGED,
            f"staff {login}",
            role=role,
            department=department,
            is_active=staff.is_active,
        )
    return staff


def set_password(session: Session, login: str, password: str, *, actor: str = SYSTEM) -> None:
    """Set someone's password, let them try again, and end all their sessions."""
    staff = find_staff(session, login)
    check_password(password, (staff.login, staff.display_name))
    staff.password_hash = hash_password(password)
    tries.forget_failures(session, login)
    tries.forget_devices(session, staff)
    sessions.end_all(session, staff, actor=actor)
    record(session, actor, Action.PASSWORD_CHANGED, f"staff {login}")


def change_own_password(
    session: Session, token: str | None, present: str, fresh: str, *, now: datetime | None = None
) -> str:
    """Change one's own password; return the session's new token. Other sessions end.

    Raises:
        NotLoggedIn: the session has ended.
        InvalidInput: the present password is wrong, or the new one breaks a rule.
    """
    now = now or utc_now()
    staff = staff_for_token(session, token, now)
    if not is_right(present, staff.password_hash):
        raise InvalidInput("errors.password_wrong", field="present")
    check_password(fresh, (staff.login, staff.display_name))
    staff.password_hash = hash_password(fresh)
    sessions.end_all(session, staff, actor=staff.login, but_token=token)
    record(session, staff.login, Action.PASSWORD_CHANGED, f"staff {staff.login}")
    return sessions.renew(session, str(token), now)


def reset_second_factor(session: Session, login: str, *, actor: str = SYSTEM) -> None:
    """Remove the second factor of someone who lost it, and end their sessions."""
    staff = find_staff(session, login)
    second_factor.switch_off(session, staff, actor=actor)
    sessions.end_all(session, staff, actor=actor)


def find_staff(session: Session, login: str) -> Staff:
    """Return the account, locked until the commit; raises `NotFound`."""
    staff = locked_staff(session, login)
    if staff is None:
        raise NotFound("errors.not_found", field="login")
    return staff


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


def _validate(login: str, display_name: str, role: str, department: str | None) -> None:
    if not is_login(login):
        raise InvalidInput("errors.login_invalid", field="login")
    if not 0 < len(display_name.strip()) <= 64:
        raise InvalidInput("errors.display_name_invalid", field="display_name")
    if role not in set(Role):
        roles = "、".join(Role)
        raise InvalidInput("errors.role_unknown", field="role", role=role[:32], roles=roles)
    if role == Role.DEPARTMENT and not department:
        raise InvalidInput("errors.department_missing", field="department")
