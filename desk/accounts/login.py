"""Logging in: the password, then, where there is one, the second factor."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts import second_factor, sessions, tries
from desk.accounts.models import Role, SessionStage, Staff, StaffSession
from desk.accounts.names import is_login
from desk.accounts.origin import Origin, hash_token
from desk.accounts.passwords import decoy_hash, hash_password, is_outdated, is_right
from desk.accounts.strength import MAXIMUM
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.errors import DeskError, Forbidden, NotLoggedIn


@dataclass(frozen=True, slots=True)
class LocalLogin:
    """Who may log in with a password: everybody, or (single sign-on for the rest) admins and the
    accounts of other systems, by login."""

    is_for_all: bool = True
    exempt: frozenset[str] = frozenset()

    def covers(self, staff: Staff) -> bool:
        """Tell whether this account may."""
        return self.is_for_all or staff.role == Role.ADMIN or staff.login in self.exempt


_local = LocalLogin()


def use_local_login(local: LocalLogin) -> None:
    """Set who may log in with a password; called by the composition root."""
    global _local
    _local = local


def local_login() -> LocalLogin:
    """Return who may log in with a password."""
    return _local


@dataclass(frozen=True, slots=True)
class LoginResult:
    """What became of a login: token and staff, or the error to show.

    A value and not an exception, because the failure must be counted: the transaction commits.

    Attributes:
        token: of the session that began; None if refused.
        staff: whose.
        error: why it was refused.
        stage: what the token is good for: all, or only for the code, or for enrolling.
        device: token for the device cookie, once the login is complete.
        recovery_codes: shown once, after enrolling.
    """

    token: str | None
    staff: Staff | None
    error: DeskError | None
    stage: SessionStage = SessionStage.FULL
    device: str | None = None
    recovery_codes: tuple[str, ...] = ()

    def require(self) -> tuple[str, Staff]:
        """Return token and staff of a complete login, or raise the error. Call it after the
        commit."""
        if self.error or self.token is None or self.staff is None:
            raise self.error or NotLoggedIn("errors.not_logged_in")
        if self.stage == SessionStage.CODE:
            raise NotLoggedIn("errors.code_needed")
        if self.stage == SessionStage.ENROL:
            raise Forbidden("errors.factor_needed")
        return self.token, self.staff


def log_in(
    session: Session,
    login: str,
    password: str,
    *,
    origin: Origin | None = None,
    now: datetime | None = None,
) -> LoginResult:
    """Check login and password and begin a session, or the step that comes next.

    Unknown login, wrong password, barred and disabled accounts give the same answer in about the
    same time. Commit whatever the result is.
    """
    now, origin = now or utc_now(), origin or Origin()
    staff = _locked(session, login)
    places = tries.places_of(session, staff, origin)
    password_hash = staff.password_hash if staff and staff.has_password else decoy_hash()
    fits = len(password) <= MAXIMUM and is_right(password, password_hash)
    if not is_login(login):
        return _refused()
    if tries.is_barred(session, login, places, now):
        return _failed(session, staff, origin, "barred", now)
    if staff is None or not staff.has_password or not fits:
        tries.count_failure(session, login, places, now)
        return _failed(session, staff, origin, "password", now)
    if not staff.is_active:
        return _failed(session, staff, origin, "disabled", now)
    if not _local.covers(staff):
        _failed(session, staff, origin, "not_local", now)
        return LoginResult(None, None, NotLoggedIn("errors.local_login_off"))
    if is_outdated(staff.password_hash):
        staff.password_hash = hash_password(password)
    return go_on(session, staff, origin, now)


def go_on(
    session: Session, staff: Staff, origin: Origin, now: datetime, *, has_two_factors: bool = False
) -> LoginResult:
    """Begin the session of someone whose first factor was right, or the step that comes next."""
    if not has_two_factors and staff.has_second_factor:
        token = sessions.begin(session, staff, origin, now, stage=SessionStage.CODE)
        return LoginResult(token, staff, None, SessionStage.CODE)
    if not has_two_factors and second_factor.is_required(session, staff.role):
        token = sessions.begin(session, staff, origin, now, stage=SessionStage.ENROL)
        return LoginResult(token, staff, None, SessionStage.ENROL)
    return _completed(session, staff, origin, tries.places_of(session, staff, origin), now)


def enter_code(
    session: Session,
    token: str | None,
    code: str,
    *,
    origin: Origin | None = None,
    now: datetime | None = None,
) -> LoginResult:
    """Check the second factor of a login begun by `log_in`; the token changes.

    Wrong codes count like wrong passwords. Commit whatever the result is.
    """
    now, origin = now or utc_now(), origin or Origin()
    try:
        begun = _begun(session, token, now, SessionStage.CODE)
    except NotLoggedIn as error:
        return LoginResult(None, None, error)
    staff = begun.staff
    places = tries.places_of(session, staff, origin)
    if tries.is_barred(session, staff.login, places, now):
        session.delete(begun)
        return _failed(session, staff, origin, "barred", now)
    if not second_factor.is_code_right(session, staff, code, now):
        tries.count_failure(session, staff.login, places, now)
        result = _failed(session, staff, origin, "code", now)
        return LoginResult(None, None, result.error and NotLoggedIn("errors.code_wrong"))
    session.delete(begun)
    return _completed(session, staff, origin, places, now)


def enrol_at_login(
    session: Session,
    token: str | None,
    code: str,
    *,
    origin: Origin | None = None,
    now: datetime | None = None,
) -> LoginResult:
    """Switch the second factor on that the role demands, and complete the login."""
    now, origin = now or utc_now(), origin or Origin()
    try:
        begun = _begun(session, token, now, SessionStage.ENROL)
        codes = second_factor.confirm_enrolment(session, begun.staff, code, now)
    except DeskError as error:
        return LoginResult(None, None, error)
    staff = begun.staff
    session.delete(begun)
    done = _completed(session, staff, origin, tries.places_of(session, staff, origin), now)
    return LoginResult(done.token, staff, None, device=done.device, recovery_codes=tuple(codes))


def begun_login(
    session: Session, token: str | None, stage: SessionStage, now: datetime | None = None
) -> Staff:
    """Return whose login stands at this stage; raises `NotLoggedIn`."""
    return sessions.session_for_token(session, token, now, stage=stage).staff


def locked_staff(session: Session, login: str) -> Staff | None:
    """Return the account, locked against other transactions until the commit."""
    return _locked(session, login)


def _begun(session: Session, token: str | None, now: datetime, stage: SessionStage) -> StaffSession:
    """Return the begun login with its account locked: two tries with one code wait in line."""
    found = session.get(StaffSession, hash_token(token)) if token else None
    if found is not None:
        session.refresh(found.staff, with_for_update=True)
    return sessions.session_for_token(session, token, now, stage=stage)


def _completed(
    session: Session, staff: Staff, origin: Origin, places: list[str], now: datetime
) -> LoginResult:
    tries.forget_failures(session, staff.login, places)
    is_new = tries.is_new_device(session, staff, origin)
    device = tries.remember_device(session, staff, origin, now)
    token = sessions.begin(session, staff, origin, now)
    record(
        session,
        staff.login,
        Action.LOGGED_IN,
        f"staff {staff.login}",
        note=origin.address or None,
        at=now,
        new_device=is_new,
    )
    return LoginResult(token, staff, None, device=device)


def refuse(
    session: Session, staff: Staff | None, origin: Origin, why: str, error: DeskError, now: datetime
) -> LoginResult:
    """Return a login that failed at the provider's word, noted in the audit trail."""
    _failed(session, staff, origin, why, now)
    return LoginResult(None, None, error)


def _failed(
    session: Session, staff: Staff | None, origin: Origin, why: str, now: datetime
) -> LoginResult:
    # What was typed as an unknown login may be a password: it is not kept.
    whom = f"staff {staff.login}" if staff else "staff unknown"
    note = origin.address or None
    record(session, "anonymous", Action.LOGIN_FAILED, whom, note=note, at=now, why=why)
    return _refused()


def _refused() -> LoginResult:
    minutes = int(tries.LOCK_LENGTH.total_seconds() // 60)
    error = NotLoggedIn("errors.login_failed", limit=tries.FAILURE_LIMIT, minutes=minutes)
    return LoginResult(None, None, error)


def _locked(session: Session, login: str) -> Staff | None:
    # The pattern first: a login with NUL would make PostgreSQL fail instead of finding nothing.
    if not is_login(login):
        return None
    return session.scalar(select(Staff).where(Staff.login == login).with_for_update())
