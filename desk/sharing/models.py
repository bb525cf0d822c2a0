"""Applications to share data, and every time one was used."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


class ShareState(StrEnum):
    """Where an application stands; `used_up` after the last download that was granted."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    USED_UP = "used_up"


class Share(Base):
    """An application to give some fields of some tickets to somebody outside.

    Attributes:
        numbers: of the tickets.
        fields: names of `desk.sharing.fields`.
        recipient: who gets it, in words.
        recipient_key: their age public key; None: by a passphrase given at each download.
        expires_at: no download from then on.
        granted, used: downloads.
    """

    __tablename__ = "share"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting','approved','refused','withdrawn','used_up')", name="state_known"
        ),
        CheckConstraint("format IN ('xlsx','json')", name="format_known"),
        CheckConstraint("used <= granted", name="used_within_granted"),
        Index("ix_share_state_requested_at", "state", "requested_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    numbers: Mapped[list[str]] = mapped_column(JSON)
    fields: Mapped[list[str]] = mapped_column(JSON)
    format: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str] = mapped_column(EncryptedText)
    recipient: Mapped[str] = mapped_column(EncryptedText)
    recipient_key: Mapped[str | None] = mapped_column(String(128))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str | None] = mapped_column(EncryptedText)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted: Mapped[int]
    used: Mapped[int]

    applicant: Mapped[Staff] = relationship(lazy="joined", foreign_keys="Share.applicant_id")
    decided_by: Mapped[Staff | None] = relationship(
        lazy="joined", foreign_keys="Share.decided_by_id"
    )


class ShareUse(Base):
    """One download: who, when, what the file was (its hash, as it left the desk)."""

    __tablename__ = "share_use"

    id: Mapped[int] = mapped_column(primary_key=True)
    share_id: Mapped[int] = mapped_column(ForeignKey("share.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    tickets: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))

    staff: Mapped[Staff] = relationship(lazy="joined")
