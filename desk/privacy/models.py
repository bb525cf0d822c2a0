"""Consent to a version of the privacy notice, and requests to delete."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from desk.database import Base, UtcDateTime


class ConsentNotice(Base):
    """A wording of the privacy notice that customers agreed to; never changed."""

    __tablename__ = "consent_notice"

    version: Mapped[str] = mapped_column(String(16), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Consent(Base):
    """One person's consent, given in a conversation or for a ticket taken down by staff."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    version: Mapped[str] = mapped_column(ForeignKey("consent_notice.version"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Erasure(Base):
    """A request to delete; open as long as something must be kept (an open complaint)."""

    __tablename__ = "erasure"
    __table_args__ = (CheckConstraint("state IN ('open','done')", name="state_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    state: Mapped[str] = mapped_column(String(8), index=True)
    requested_by: Mapped[str] = mapped_column(String(64))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)
