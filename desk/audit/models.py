"""The audit trail: rows that name one another's seal, and the newest one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


class AuditEntry(Base):
    """Who did what to which thing. `seal` is a keyed hash over the row and the seal before it.

    `details` holds no personal data (checked when it is written); what people typed, such as the
    reason of a reveal, is in `note`, encrypted.
    """

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(32), index=True)
    object: Mapped[str] = mapped_column(String(80), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(EncryptedText)
    seal: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The number and seal of the newest row: shows when rows are missing at the end. Whoever
    writes holds this one row until the commit, so that the chain never forks."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))
