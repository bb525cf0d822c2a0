"""What becomes of a visit to the provider: a login, a link, or a confirmation.

Somebody is found by the link of an earlier visit. Without one, by verified e-mail (or by login, if
the settings say that the provider's names are ours), but never an admin: admins link their account
themselves, from a session of their own. Who is in a group that the settings name gets an account.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from desk.accounts import sessions, step_up
from desk.accounts.login import LoginResult, go_on, locked_staff, refuse
from desk.accounts.models import NO_PASSWORD, Role, Staff
from desk.accounts.names import is_login
from desk.accounts.origin import Origin, hash_token
from desk.accounts.single_sign_on.models import Purpose, SignOnTry, StaffIdentity
from desk.accounts.single_sign_on.policy import Person, Place, Policy, check_domain, place_of
from desk.accounts.single_sign_on.provider import FRESH_S
from desk.audit.actions import Action
from desk.audit.trail import SYSTEM, record
from desk.clock import utc_now
from desk.errors import Conflict, DeskError, Forbidden, NotFound, NotLoggedIn

VISIT_LENGTH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to the provider that begins: what goes along in the URL, and into the cookie."""

    state: str
    nonce: str
    verifier: str


def begin(
    session: Session,
    purpose: Purpose,
    *,
    return_url: str,
    target: str,
    staff: Staff | None = None,
    now: datetime | None = None,
) -> Visit:
    """Store a visit and return its secrets; visits that ran out are removed."""
    now = now or utc_now()
    session.execute(delete(SignOnTry).where(SignOnTry.expires_at <= now))
    visit = Visit(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    session.add(
        SignOnTry(
            state_hash=hash_token(visit.state),
            purpose=purpose,
            staff_id=staff.id if staff else None,
            nonce=visit.nonce,
            verifier=visit.verifier,
            return_url=return_url,
            target=target[:500],
            expires_at=now + VISIT_LENGTH,
        )
    )
    return visit


def take(session: Session, state: str, now: datetime | None = None) -> SignOnTry:
    """Return the visit of this state and remove it: commit before anything else is done with it.

    Raises:
        NotLoggedIn: unknown, used before, or too late.
    """
    found = session.scalar(
        select(SignOnTry).where(SignOnTry.state_hash == hash_token(state)).with_for_update()
    )
    if found is None or found.expires_at <= (now or utc_now()):
        raise NotLoggedIn("errors.sso_over")
    session.delete(found)
    session.flush()
    session.expunge(found)
    return found


def log_in(
    session: Session,
    policy: Policy,
    issuer: str,
    person: Person,
    *,
    origin: Origin,
    now: datetime | None = None,
) -> LoginResult:
    """Begin the session of whom the provider named, or the step that comes next. Commit whatever
    the result is."""
    now = now or utc_now()
    found: Staff | None = None
    try:
        check_domain(person, policy)
        identity = _identity(session, issuer, person.subject)
        if identity is None:
            identity = _first_visit(session, policy, issuer, person, now)
        found = locked_staff(session, identity.staff.login)
        if found is None or not found.is_active:
            raise NotLoggedIn("errors.sso_unknown")
        if identity.is_provisioned:
            _follow_groups(session, found, place_of(person, policy))
    except DeskError as problem:
        return refuse(session, found, origin, problem.key.removeprefix("errors."), problem, now)
    identity.last_used_at, identity.name = now, _label(person)
    return go_on(session, found, origin, now, has_two_factors=person.has_two_factors)


def link(
    session: Session,
    staff: Staff,
    policy: Policy,
    issuer: str,
    person: Person,
    now: datetime | None = None,
) -> StaffIdentity:
    """Let the person at the provider open this account.

    Raises:
        NotLoggedIn: the domain is not let in.
        Conflict: that person opens another account, or another person opens this one.
    """
    check_domain(person, policy)
    if identity_of(session, staff, issuer) or _identity(session, issuer, person.subject):
        raise Conflict("errors.sso_linked")
    return _linked(session, staff, issuer, person, now or utc_now(), actor=staff.login)


def unlink(session: Session, staff: Staff, issuer: str) -> None:
    """Take the link away.

    Raises:
        NotFound: there is none.
        Conflict: without it nothing would open the account.
    """
    identity = identity_of(session, staff, issuer)
    if identity is None:
        raise NotFound("errors.sso_not_linked")
    if not staff.has_password:
        raise Conflict("errors.sso_only_way")
    session.delete(identity)
    record(session, staff.login, Action.IDENTITY_UNLINKED, f"staff {staff.login}")


def confirm(
    session: Session,
    token: str | None,
    issuer: str,
    person: Person,
    now: datetime | None = None,
) -> None:
    """Confirm a session by a login at the provider that has just been made.

    Raises:
        NotLoggedIn: the session ended meanwhile.
        Forbidden: somebody else logged in there, or it was long ago.
    """
    now = now or utc_now()
    found = sessions.session_for_token(session, token, now)
    identity = identity_of(session, found.staff, issuer)
    at = person.logged_in_at
    is_fresh = at is not None and abs(now.timestamp() - at) <= FRESH_S
    if identity is None or identity.subject != person.subject or not is_fresh:
        raise Forbidden("errors.sso_not_confirmed")
    step_up.mark(session, found, now)


def identity_of(session: Session, staff: Staff, issuer: str) -> StaffIdentity | None:
    """Return an account's link to this provider."""
    query = select(StaffIdentity).where(StaffIdentity.staff_id == staff.id)
    return session.scalar(query.where(StaffIdentity.issuer == issuer))


def _identity(session: Session, issuer: str, subject: str) -> StaffIdentity | None:
    query = select(StaffIdentity).where(StaffIdentity.issuer == issuer)
    return session.scalar(query.where(StaffIdentity.subject == subject))


def _first_visit(
    session: Session, policy: Policy, issuer: str, person: Person, now: datetime
) -> StaffIdentity:
    staff = _match(session, policy, person)
    if staff is not None:
        # An admin's account is worth more than a directory's word; one account, one person there.
        if staff.role == Role.ADMIN or identity_of(session, staff, issuer):
            raise NotLoggedIn("errors.sso_link_first")
        return _linked(session, staff, issuer, person, now, actor=staff.login)
    place = place_of(person, policy)
    if place is None:
        raise NotLoggedIn("errors.sso_unknown")
    return _provision(session, place, issuer, person, now)


def _match(session: Session, policy: Policy, person: Person) -> Staff | None:
    if policy.match == "login" and is_login(person.login):
        return session.scalar(select(Staff).where(Staff.login == person.login, Staff.is_active))
    if policy.match == "email" and person.email:
        query = select(Staff).where(func.lower(Staff.email) == person.email, Staff.is_active)
        found = session.scalars(query.limit(2)).all()
        # Two with one address (a shared mailbox): nobody can tell which of them it is.
        return found[0] if len(found) == 1 else None
    return None


def _provision(
    session: Session, place: Place, issuer: str, person: Person, now: datetime
) -> StaffIdentity:
    is_taken = session.scalar(select(Staff.id).where(Staff.login == person.login))
    if not is_login(person.login) or is_taken:
        raise NotLoggedIn("errors.sso_login_taken")
    staff = Staff(
        login=person.login,
        display_name=(person.name or person.login)[:64],
        role=place.role,
        department=place.department,
        email=person.email,
        password_hash=NO_PASSWORD,
        created_at=now,
    )
    session.add(staff)
    session.flush()
    record(session, SYSTEM, Action.ACCOUNT_CREATED, f"staff {staff.login}", role=place.role)
    return _linked(session, staff, issuer, person, now, actor=SYSTEM, is_provisioned=True)


def _follow_groups(session: Session, staff: Staff, place: Place | None) -> None:
    """Give an account that the provider made the rights that its groups give now."""
    if place is None:
        sessions.end_all(session, staff, actor=SYSTEM)
        raise NotLoggedIn("errors.sso_unknown")
    if (staff.role, staff.department) == (place.role, place.department):
        return
    staff.role, staff.department = place.role, place.department
    sessions.end_all(session, staff, actor=SYSTEM)
    record(
        session, SYSTEM, Action.ACCOUNT_CHANGED, f"staff {staff.login}",
        role=place.role, department=place.department, is_active=staff.is_active,
    )  # fmt: skip


def _linked(
    session: Session,
    staff: Staff,
    issuer: str,
    person: Person,
    now: datetime,
    *,
    actor: str,
    is_provisioned: bool = False,
) -> StaffIdentity:
    identity = StaffIdentity(
        staff=staff,
        staff_id=staff.id,
        issuer=issuer,
        subject=person.subject,
        name=_label(person),
        is_provisioned=is_provisioned,
        linked_at=now,
    )
    session.add(identity)
    session.flush()
    record(session, actor, Action.IDENTITY_LINKED, f"staff {staff.login}", at=now)
    return identity


def _label(person: Person) -> str:
    return person.email or person.login or person.name or person.subject
