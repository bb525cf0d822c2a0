"""Calls of other systems that may be repeated: the first answer is kept and given again."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


class IdempotentCall(Base):
    """A call made with an `Idempotency-Key`; `fingerprint` is a hash of method, path and body."""

    __tablename__ = "idempotent_call"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(EncryptedText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
