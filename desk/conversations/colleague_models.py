"""What belongs to a conversation but concerns colleagues only: replies begun, and mentions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


class Draft(Base):
    """A reply that somebody has begun in a conversation.

    `client_id` is the one it will be sent with: sent from two windows it goes out once.
    `script_id` and `suggested` tell which suggestion it began with.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("staff_id", "conversation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(EncryptedText)
    script_id: Mapped[str | None] = mapped_column(String(64))
    suggested: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Mention(Base):
    """A colleague named in a note; `seen_at` is when they opened the conversation after it."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("message_id", "staff_id"),
        Index("ix_mention_staff_id_seen_at", "staff_id", "seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
