"""Who is who at the provider, and logins that are under way there."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


class StaffIdentity(Base):
    """An account of the provider that opens one of ours. `subject` never changes there; `name` is
    what its owner recognises it by."""

    __tablename__ = "staff_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("staff_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(EncryptedText)
    is_provisioned: Mapped[bool] = mapped_column(default=False)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(lazy="joined")


class Purpose(StrEnum):
    """What somebody goes to the provider for: to log in, to link the account, or to show again who
    they are before something sensitive."""

    LOGIN = "login"
    LINK = "link"
    CONFIRM = "confirm"


class SignOnTry(Base):
    """A visit to the provider under way. The row goes when it comes back: none works twice."""

    __tablename__ = "sign_on_try"
    __table_args__ = (
        CheckConstraint("purpose IN ('login','link','confirm')", name="purpose_known"),
    )

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    nonce: Mapped[str] = mapped_column(EncryptedText)
    verifier: Mapped[str] = mapped_column(EncryptedText)
    return_url: Mapped[str] = mapped_column(EncryptedText)
    target: Mapped[str] = mapped_column(String(500))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
