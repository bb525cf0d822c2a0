"""The second factor: six digits from an authenticator (TOTP, RFC 6238), or a recovery code."""

import hmac
import re
import secrets
from datetime import datetime

import pyotp
import segno
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from desk.accounts.models import RecoveryCode, Role, RoleRule, Staff
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.encryption import personal_data
from desk.errors import Conflict, InvalidInput

STEP_S = 30
DRIFT_STEPS = 1
"""Codes of the step before and after are taken too: clocks differ."""
RECOVERY_CODES = 10
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_HALF = 6
_is_demanded_of_admins = False


def begin_enrolment(staff: Staff) -> str:
    """Return the secret to scan; made once, asked for until it is confirmed.

    Raises:
        Conflict: the account has a second factor already.
    """
    if staff.has_second_factor:
        raise Conflict("errors.factor_on")
    if not staff.totp_secret:
        staff.totp_secret = pyotp.random_base32()
    return staff.totp_secret


def confirm_enrolment(session: Session, staff: Staff, code: str, now: datetime) -> list[str]:
    """Switch the second factor on and return recovery codes, which are shown once.

    Raises:
        Conflict: it is on already, or enrolment was not begun.
        InvalidInput: the code is not the authenticator's.
    """
    if staff.has_second_factor or not staff.totp_secret:
        raise Conflict("errors.factor_on" if staff.has_second_factor else "errors.factor_not_begun")
    step = _matching_step(staff, code, now)
    if step is None:
        raise InvalidInput("errors.code_wrong", field="code")
    staff.totp_since, staff.totp_last_step = now, step
    record(session, staff.login, Action.SECOND_FACTOR_ON, f"staff {staff.login}")
    return new_recovery_codes(session, staff)


def new_recovery_codes(session: Session, staff: Staff) -> list[str]:
    """Replace all recovery codes by ten new ones, written `ABCDEF-GHJKMN`."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(staff_id=staff.id, code_hash=_hash(code)) for code in codes)
    return codes


def is_code_right(session: Session, staff: Staff, code: str, now: datetime) -> bool:
    """Check a code of the authenticator or a recovery code, and use it up: none works twice."""
    step = _matching_step(staff, code, now)
    if step is not None:
        staff.totp_last_step = step
        return True
    wanted = RecoveryCode.code_hash == _hash(code)
    query = select(RecoveryCode).where(RecoveryCode.staff_id == staff.id, wanted)
    found = session.scalar(query.where(RecoveryCode.used_at.is_(None)).with_for_update())
    if found is None:
        return False
    found.used_at = now
    record(session, staff.login, Action.RECOVERY_CODE_USED, f"staff {staff.login}")
    return True


def switch_off(session: Session, staff: Staff, *, actor: str) -> None:
    """Remove the second factor and the recovery codes."""
    staff.totp_secret = staff.totp_since = staff.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    record(session, actor, Action.SECOND_FACTOR_OFF, f"staff {staff.login}")


def unused_recovery_codes(session: Session, staff: Staff) -> int:
    """Return how many recovery codes are left."""
    query = select(func.count(RecoveryCode.id)).where(RecoveryCode.staff_id == staff.id)
    return session.scalar(query.where(RecoveryCode.used_at.is_(None))) or 0


def use_demand_of_admins(is_needed: bool) -> None:
    """Set whether admins need a second factor whatever the rules say; called by the composition
    root."""
    global _is_demanded_of_admins
    _is_demanded_of_admins = is_needed


def is_required(session: Session, role: str) -> bool:
    """Tell whether everyone with this role must have a second factor."""
    if role == Role.ADMIN and _is_demanded_of_admins:
        return True
    rule = session.get(RoleRule, role)
    return rule is not None and rule.needs_second_factor


def require_for(session: Session, role: Role, *, is_needed: bool, actor: str) -> None:
    """Demand a second factor of a role, or demand it no more; takes effect at the next login."""
    session.merge(RoleRule(role=role, needs_second_factor=is_needed))
    record(session, actor, Action.RULE_CHANGED, f"role {role}", needs_second_factor=is_needed)


def enrolment_picture(secret: str, *, login: str, issuer: str) -> str:
    """Return the QR code of a secret as an SVG element without styles, 220 pixels wide."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
    code = segno.make(uri, error="m", micro=False)
    scale = 220 / code.symbol_size(border=2)[0]
    return str(code.svg_inline(scale=round(scale, 2), border=2, omitsize=False, dark="#1c2733"))


def _matching_step(staff: Staff, code: str, now: datetime) -> int | None:
    digits = re.sub(r"\s", "", code)
    if not staff.totp_secret or not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp = pyotp.TOTP(staff.totp_secret)
    present = int(now.timestamp()) // STEP_S
    used = staff.totp_last_step if staff.totp_last_step is not None else -1
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if step > used and hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def _hash(code: str) -> str:
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())[: 2 * _HALF]
    return personal_data().index(f"recovery {plain}")
