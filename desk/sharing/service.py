"""Applying for, deciding on and using a share. Nobody decides on an application of one's own.

A file is made at the moment of the download, from the tickets as they are then, for the applicant
alone, and leaves the desk encrypted only. What was deleted meanwhile is not in it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from desk import age
from desk.accounts.models import Staff
from desk.accounts.permissions import Right, roles_of
from desk.accounts.service import has_role, require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.sharing.fields import FIELDS, PERSONAL, as_json, as_xlsx, row_of
from desk.sharing.models import Share, ShareState, ShareUse
from desk.tickets.numbers import parse_number
from desk.tickets.service import find_for_staff

APPLY_ROLES = roles_of(Right.SHARE)
DECIDE_ROLES = roles_of(Right.DECIDE_SHARING)
MOST_TICKETS = 200
MOST_DOWNLOADS = 5
MOST_DAYS = 30
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Application:
    """What is to be shared; see `Share`.

    Attributes:
        numbers: ticket numbers as typed.
        days: how long downloads are possible after the application, 1 to 30.
        downloads: how many, 1 to 5.
    """

    numbers: Sequence[str]
    fields: Sequence[str]
    reason: str
    recipient: str
    recipient_key: str | None = None
    format: str = "xlsx"
    days: int = 7
    downloads: int = 1


@dataclass(frozen=True, slots=True)
class File:
    """An encrypted file and its name."""

    content: bytes
    name: str


def apply(
    session: Session, staff: Staff, wanted: Application, *, now: datetime | None = None
) -> Share:
    """Store an application; it waits for a manager.

    Raises:
        Forbidden: not a role that may share.
        InvalidInput: a field is missing, unknown or too large; no public key.
        NotFound: a ticket does not exist for this person.
    """
    require(staff, *APPLY_ROLES)
    now = now or utc_now()
    key = (wanted.recipient_key or "").strip() or None
    if key:
        age.read_recipient(key)
    share = Share(
        state=ShareState.WAITING,
        applicant_id=staff.id,
        numbers=_numbers(session, staff, wanted.numbers),
        fields=_fields(wanted.fields),
        format=_one_of(wanted.format, ("xlsx", "json"), "format"),
        reason=_text(wanted.reason, "reason"),
        recipient=_text(wanted.recipient, "recipient"),
        recipient_key=key,
        requested_at=now,
        expires_at=now + timedelta(days=_number(wanted.days, MOST_DAYS, "days")),
        granted=_number(wanted.downloads, MOST_DOWNLOADS, "downloads"),
        used=0,
    )
    session.add(share)
    session.flush()
    record(
        session,
        staff.login,
        Action.SHARING_ASKED,
        f"share {share.id}",
        note=share.reason,
        at=now,
        tickets=len(share.numbers),
        is_personal=is_personal(share),
    )
    return share


def decide(
    session: Session,
    staff: Staff,
    share_id: int,
    *,
    is_approved: bool,
    note: str = "",
    now: datetime | None = None,
) -> Share:
    """Approve or refuse an application; a refusal says why.

    Raises:
        Forbidden: not a manager, or it is one's own.
        Conflict: it was decided or withdrawn, or its time is over.
        InvalidInput: a refusal without a reason.
    """
    require(staff, *DECIDE_ROLES)
    share = _locked(session, staff, share_id)
    now = now or utc_now()
    if share.applicant_id == staff.id:
        raise Forbidden("errors.share_own")
    if share.state != ShareState.WAITING or share.expires_at <= now:
        raise Conflict("errors.share_settled")
    share.state = ShareState.APPROVED if is_approved else ShareState.REFUSED
    share.decision_note = _text(note, "note") if note.strip() or not is_approved else None
    share.decided_by_id, share.decided_at = staff.id, now
    action = Action.SHARING_APPROVED if is_approved else Action.SHARING_REFUSED
    record(session, staff.login, action, f"share {share.id}", note=share.decision_note, at=now)
    session.flush()
    session.refresh(share)
    return share


def withdraw(
    session: Session, staff: Staff, share_id: int, *, now: datetime | None = None
) -> Share:
    """End an application: one's own, or as a manager one that was approved.

    Raises:
        Forbidden: neither.
        Conflict: it has ended already.
    """
    share = _locked(session, staff, share_id)
    if share.applicant_id != staff.id and not has_role(staff, *DECIDE_ROLES):
        raise Forbidden("errors.forbidden")
    if share.state not in (ShareState.WAITING, ShareState.APPROVED):
        raise Conflict("errors.share_settled")
    share.state = ShareState.WITHDRAWN
    record(session, staff.login, Action.SHARING_ENDED, f"share {share.id}", at=now or utc_now())
    return share


def download(
    session: Session,
    staff: Staff,
    share_id: int,
    *,
    passphrase: str | None = None,
    now: datetime | None = None,
) -> File:
    """Return the encrypted file, and count it; takes a second with a passphrase.

    Args:
        passphrase: where the recipient gave no public key; never stored.

    Raises:
        Forbidden: not the applicant.
        Conflict: not approved, used up, or its time is over.
        InvalidInput: no passphrase, or a short one.
        NotFound: a ticket is out of the applicant's reach by now.
    """
    share = _locked(session, staff, share_id)
    now = now or utc_now()
    if share.applicant_id != staff.id:
        raise Forbidden("errors.share_not_yours")
    require(staff, *APPLY_ROLES)
    if share.state != ShareState.APPROVED or share.expires_at <= now:
        raise Conflict("errors.share_over")
    if not share.recipient_key:
        age.check_passphrase(passphrase or "")
    rows = [row_of(find_for_staff(session, one, staff), share.fields) for one in share.numbers]
    head = {"share": share.id, "at": now.isoformat(), "fields": share.fields}
    is_table = share.format == "xlsx"
    plain = as_xlsx(rows, share.fields) if is_table else as_json(rows, head)
    recipients = [share.recipient_key] if share.recipient_key else []
    sealed = age.seal(plain, recipients=recipients, passphrase=passphrase)
    share.used += 1
    if share.used >= share.granted:
        share.state = ShareState.USED_UP
    digest = hashlib.sha256(sealed).hexdigest()
    session.add(
        ShareUse(share_id=share.id, staff_id=staff.id, at=now, tickets=len(rows), sha256=digest)
    )
    record(
        session,
        staff.login,
        Action.SHARED,
        f"share {share.id}",
        at=now,
        tickets=len(rows),
        used=share.used,
        sha256=digest,
    )
    return File(sealed, f"share-{share.id}-{share.used}.{share.format}.age")


def shares_for(session: Session, staff: Staff, *, limit: int = 100) -> list[Share]:
    """Return what this person may see, waiting ones first: one's own; managers see all."""
    query = select(Share).where(_visible_to(staff))
    order = (Share.state != ShareState.WAITING, Share.requested_at.desc(), Share.id.desc())
    return list(session.scalars(query.order_by(*order).limit(limit)))


def find(session: Session, staff: Staff, share_id: int) -> Share:
    """Return one application that this person may see; raises `NotFound`."""
    query = select(Share).where(Share.id == share_id, _visible_to(staff))
    if (found := session.scalar(query)) is None:
        raise NotFound("errors.share_unknown")
    return found


def uses_of(session: Session, share: Share) -> list[ShareUse]:
    """Return the downloads of an application, oldest first."""
    query = select(ShareUse).where(ShareUse.share_id == share.id).order_by(ShareUse.id)
    return list(session.scalars(query))


def is_personal(share: Share) -> bool:
    """Tell whether the fields say who the customer is."""
    return bool(set(share.fields) & set(PERSONAL))


def is_open(share: Share, now: datetime) -> bool:
    """Tell whether it can be downloaded."""
    return share.state == ShareState.APPROVED and share.expires_at > now


def _visible_to(staff: Staff) -> ColumnElement[bool]:
    if has_role(staff, *DECIDE_ROLES):
        return Share.id.is_not(None)
    return Share.applicant_id == staff.id


def _locked(session: Session, staff: Staff, share_id: int) -> Share:
    """Return the application, locked: two downloads never count as one."""
    session.execute(select(Share.id).where(Share.id == share_id).with_for_update())
    found = find(session, staff, share_id)
    session.refresh(found)
    return found


def _numbers(session: Session, staff: Staff, typed: Sequence[str]) -> list[str]:
    numbers = list(dict.fromkeys(parse_number(one) or one.strip() for one in typed if one.strip()))
    if not 0 < len(numbers) <= MOST_TICKETS:
        raise InvalidInput("errors.share_tickets", field="numbers", limit=MOST_TICKETS)
    return [find_for_staff(session, one, staff).number for one in numbers]


def _fields(names: Sequence[str]) -> list[str]:
    if not names or not set(names) <= set(FIELDS):
        raise InvalidInput("errors.share_fields", field="fields")
    return [name for name in FIELDS if name in names]


def _text(text: str, field: str) -> str:
    kept = text.strip()
    if not 0 < len(kept) <= TEXT_LIMIT:
        raise InvalidInput(f"errors.share_{field}", field=field, limit=TEXT_LIMIT)
    return kept


def _number(number: int, most: int, field: str) -> int:
    if not 1 <= number <= most:
        raise InvalidInput(f"errors.share_{field}", field=field, limit=most)
    return number


def _one_of(value: str, allowed: Sequence[str], field: str) -> str:
    if value not in allowed:
        raise InvalidInput(f"errors.share_{field}", field=field)
    return value
