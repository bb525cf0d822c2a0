"""Writes the audit trail, in the transaction of what it tells of.

`record` only notes the event; the row is made when the transaction commits, as the very last thing
before it. That way the head row, which serialises all writers, is held for an instant, and no two
transactions can wait for each other over it. A transaction that is rolled back leaves no row.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.audit.actions import Action
from desk.audit.models import AuditEntry, AuditHead
from desk.clock import utc_now
from desk.encryption import personal_data

SYSTEM = "system"
FIRST_SEAL = "0" * 64
NOTE_LIMIT = 500
_PENDING = "kefu.audit"
_PLAIN = re.compile(r"[A-Za-z0-9_.:,+/ =\-]{0,120}")
_PHONE_LIKE = re.compile(r"1\d{10}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
"""A hash, whose digits may look like a phone's: every thirtieth does."""

Detail = str | int | bool | None


@dataclass(frozen=True, slots=True)
class _Noted:
    actor: str
    action: Action
    object: str
    at: datetime
    note: str | None
    details: dict[str, Detail] = field(default_factory=dict)


def record(
    session: Session,
    /,
    actor: str,
    action: Action,
    object: str = "",
    *,
    note: str | None = None,
    at: datetime | None = None,
    **details: Detail,
) -> None:
    """Tell the audit trail of an event of this transaction.

    Args:
        session: of a transaction that writes; the row comes with its commit.
        actor: login, or `system`.
        action: what was done.
        object: to what, e.g. `ticket T261122-0001-0` or `staff xiaoli`.
        note: what a person gave as the reason; stored encrypted, cut to 500 characters.
        at: when; by default now.
        details: counts, ids and names of states. Never personal data.

    Raises:
        ValueError: actor, object or a detail has characters or digits that could be personal data.
        RuntimeError: the session only reads, so the event would be lost.
    """
    for text in (actor, object, *details.values()):
        if isinstance(text, str) and not _is_plain(text):
            raise ValueError("the audit trail takes ids and codes only, not what people wrote")
    if session.get_bind().get_execution_options().get("kefu_read_only"):
        raise RuntimeError("audited work needs a writing transaction")
    cut = note[:NOTE_LIMIT] if note else None
    noted = _Noted(actor[:64], action, object[:80], at or utc_now(), cut, dict(details))
    session.info.setdefault(_PENDING, []).append(noted)


def sealed(entry: AuditEntry, previous: str) -> str:
    """Return the seal that this row must have after a row with the seal `previous`."""
    content = [
        previous,
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.object,
        entry.details,
        entry.note,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return personal_data().seal(text.encode())


def _is_plain(text: str) -> bool:
    if _DIGEST.fullmatch(text):
        return True
    return bool(_PLAIN.fullmatch(text)) and not _PHONE_LIKE.search(text)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    noted: list[_Noted] = session.info.get(_PENDING, [])
    if not noted or session.in_nested_transaction():
        return
    session.info[_PENDING] = []
    # What the transaction changes comes first: the head row is the last lock it takes.
    session.flush()
    head = _locked_head(session)
    for one in noted:
        head.seal = _append(session, head, one)
    session.flush()


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_PENDING, None)


def _append(session: Session, head: AuditHead, noted: _Noted) -> str:
    head.number += 1
    values: dict[str, Any] = {
        "number": head.number,
        "at": noted.at,
        "actor": noted.actor,
        "action": str(noted.action),
        "object": noted.object,
        "details": noted.details,
        "note": noted.note,
    }
    entry = AuditEntry(**values)
    entry.seal = sealed(entry, head.seal)
    session.add(entry)
    return entry.seal


def _locked_head(session: Session) -> AuditHead:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert(AuditHead).values(id=1, number=0, seal=FIRST_SEAL)
    session.execute(first.on_conflict_do_nothing())
    query = select(AuditHead).where(AuditHead.id == 1).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()
