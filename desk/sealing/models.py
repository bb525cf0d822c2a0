"""Sealed copies."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from desk.database import Base, UtcDateTime


class SealedCopy(Base):
    """An original in the age format; only the company's private key, kept elsewhere, opens it.

    Attributes:
        kind: table or thing that it was, e.g. `attachment`.
        subject: number of the ticket, or id of the conversation.
        actor: who deleted or replaced it.
        key_id: hash of the public key, so that one knows which private key is needed.
    """

    __tablename__ = "sealed_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    actor: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    key_id: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
