"""What admins do for a customer who asks: show, withdraw, delete."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.errors import InvalidInput
from desk.privacy import erasure
from desk.privacy.models import Erasure
from desk.privacy.own_data import own_data
from desk.privacy.subject import Subject, find_subject
from desk.privacy.withdrawal import take_back

REASON_LIMIT = 200


def export_own(
    session: Session,
    staff: Staff,
    *,
    phone: str | None = None,
    conversation_id: str | None = None,
    reason: str,
) -> dict[str, Any]:
    """Return everything about a person; the audit trail tells of it.

    Raises:
        Forbidden: not an admin.
        InvalidInput: no reason, no phone.
        NotFound: nothing is known.
    """
    subject = _asked(session, staff, phone, conversation_id, reason)
    record(
        session,
        staff.login,
        Action.EXPORTED,
        "own data",
        note=reason,
        tickets=len(subject.tickets),
        conversations=len(subject.conversations),
    )
    return own_data(session, subject)


def withdraw_consent(
    session: Session,
    staff: Staff,
    *,
    phone: str | None = None,
    conversation_id: str | None = None,
    reason: str,
    now: datetime | None = None,
) -> int:
    """Note that a person takes the consent back, with what follows from it
    (`desk.privacy.withdrawal`); return how many consents ended."""
    subject = _asked(session, staff, phone, conversation_id, reason)
    done = take_back(session, subject, now=now or utc_now())
    count = done.consents
    record(session, staff.login, Action.CONSENT_WITHDRAWN, "consent", note=reason, count=count)
    return count


def erase_person(
    session: Session,
    staff: Staff,
    *,
    phone: str | None = None,
    conversation_id: str | None = None,
    reason: str,
    now: datetime | None = None,
) -> tuple[Erasure, erasure.Outcome]:
    """Delete a person's data as far as no open ticket needs it; see `erasure`."""
    subject = _asked(session, staff, phone, conversation_id, reason)
    return erasure.request_erasure(session, subject, actor=staff.login, reason=reason, now=now)


def _asked(
    session: Session, staff: Staff, phone: str | None, conversation_id: str | None, reason: str
) -> Subject:
    require(staff, Role.ADMIN)
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise InvalidInput("errors.privacy_reason", field="reason", limit=REASON_LIMIT)
    return find_subject(session, phone=phone, conversation_id=conversation_id)
