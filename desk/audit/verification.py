"""Checks the audit trail: is every row there, and as it was written?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.audit.models import AuditEntry, AuditHead
from desk.audit.trail import FIRST_SEAL, sealed
from desk.encryption import UnreadableValue

BATCH = 1000
Fault = Literal["missing", "altered", "head"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Attributes:
        rows: how many rows are in order, from the first one on.
        fault: None if all are; `missing` or `altered` for a row, `head` if only the note of the
            newest row is not in order.
        number: of the first row at fault.
    """

    rows: int
    fault: Fault | None = None
    number: int | None = None


def verify(session: Session) -> Verdict:
    """Check the whole chain; stops at the first row at fault. Reads 1,000 rows at a time."""
    try:
        return _walk(session, BATCH)
    except UnreadableValue:
        # Row by row, to learn which one it is.
        return _walk(session, 1)


def _walk(session: Session, batch: int) -> Verdict:
    seal, expected = FIRST_SEAL, 1
    try:
        for entry in entries(session, batch):
            if entry.number != expected:
                return Verdict(expected - 1, "missing", expected)
            if entry.seal != sealed(entry, seal):
                return Verdict(expected - 1, "altered", expected)
            seal, expected = entry.seal, expected + 1
    except UnreadableValue:
        if batch > 1:
            raise
        return Verdict(expected - 1, "altered", expected)
    head = session.get(AuditHead, 1)
    number, newest = (head.number, head.seal) if head else (0, FIRST_SEAL)
    if number >= expected:
        return Verdict(expected - 1, "missing", expected)
    if number != expected - 1 or newest != seal:
        return Verdict(expected - 1, "head", number)
    return Verdict(expected - 1)


def entries(session: Session, batch: int = BATCH) -> Iterator[AuditEntry]:
    """Yield all rows by number; reads batch by batch and lets go of what was yielded."""
    last: int | None = None
    while True:
        query = select(AuditEntry).order_by(AuditEntry.number).limit(batch)
        if last is not None:
            query = query.where(AuditEntry.number > last)
        found = session.scalars(query).all()
        if not found:
            return
        for entry in found:
            last = entry.number
            yield entry
            session.expunge(entry)


def as_json(entry: AuditEntry) -> dict[str, Any]:
    """Return a row for an export; the note in plain, since reasons are what reviewers read."""
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "details": entry.details,
        "note": entry.note,
        "seal": entry.seal,
    }
