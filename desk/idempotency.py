"""Calls of other systems that may be repeated: the first answer is kept and given again.

A `POST` with the header `Idempotency-Key` is carried out once. While it runs, and after a process
died over it, its row has the status `RUNNING`; nobody carries it out a second time.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.clock import utc_now
from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText
from desk.errors import Conflict, InvalidInput

RUNNING = 0
KEPT_FOR = timedelta(hours=24)
KEY_LIMIT = 80
ANSWER_LIMIT = 512 * 1024
"""Bytes of an answer that is kept; of a longer one only its status is."""


class IdempotentCall(Base):
    """A call made with an `Idempotency-Key`; `fingerprint` is a hash of method, path and body."""

    __tablename__ = "idempotent_call"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(EncryptedText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came in: who, under which key, and what."""

    staff_id: int
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A kept answer: HTTP status and JSON body."""

    status: int
    body: str


def check_key(key: str) -> str:
    """Return the key; raises `InvalidInput` unless it is 1 to 80 visible ASCII characters."""
    if not (0 < len(key) <= KEY_LIMIT and key.isascii() and key.isprintable() and " " not in key):
        raise InvalidInput("errors.idempotency_key", field="Idempotency-Key", limit=KEY_LIMIT)
    return key


def fingerprint(method: str, path: str, query: bytes, body: bytes) -> str:
    """Return a hash that is equal for equal calls."""
    parts = (method.encode(), path.encode(), query, body)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def begin(session: Session, call: Call, now: datetime | None = None) -> bool:
    """Reserve the key for this call; False if it was used before. Commit before carrying out."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "staff_id": call.staff_id,
        "key": call.key,
        "fingerprint": call.fingerprint,
        "status": RUNNING,
        "body": "",
        "created_at": now or utc_now(),
    }
    statement = insert(IdempotentCall).values(row).on_conflict_do_nothing()
    return session.scalar(statement.returning(IdempotentCall.key)) is not None


def find(session: Session, call: Call) -> Answer | None:
    """Return what the first call under this key got, its status `RUNNING` while it has not ended;
    None if there was none.

    Raises:
        InvalidInput: the key was used for another call.
    """
    found = session.get(IdempotentCall, (call.staff_id, call.key))
    if found is not None and found.fingerprint != call.fingerprint:
        raise InvalidInput("errors.idempotency_reused", field="Idempotency-Key")
    return Answer(found.status, found.body) if found is not None else None


def still_running() -> Conflict:
    """Return the error for a repetition of a call that has not ended."""
    return Conflict("errors.idempotency_running", retry_after_s=5)


def keep(session: Session, call: Call, answer: Answer) -> None:
    """Keep the answer for repetitions."""
    session.execute(
        update(IdempotentCall)
        .where(IdempotentCall.staff_id == call.staff_id, IdempotentCall.key == call.key)
        .values(status=answer.status, body=answer.body)
    )


def forget(session: Session, call: Call) -> None:
    """Free the key: the call failed and changed nothing, so it may be tried again."""
    session.execute(
        delete(IdempotentCall).where(
            IdempotentCall.staff_id == call.staff_id,
            IdempotentCall.key == call.key,
            IdempotentCall.status == RUNNING,
        )
    )


def expire_calls(session: Session, now: datetime | None = None, limit: int = 1000) -> int:
    """Forget calls older than `KEPT_FOR`; return how many."""
    before = (now or utc_now()) - KEPT_FOR
    old = (
        select(IdempotentCall.staff_id, IdempotentCall.key)
        .where(IdempotentCall.created_at < before)
        .limit(limit)
    )
    rows = session.execute(old).all()
    for staff_id, key in rows:
        session.execute(
            delete(IdempotentCall).where(
                IdempotentCall.staff_id == staff_id, IdempotentCall.key == key
            )
        )
    return len(rows)
