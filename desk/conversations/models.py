"""Conversations and their messages."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime


class Mode(StrEnum):
    """Who speaks to the customer: exactly one at a time (R-G9)."""

    BOT = "bot"
    QUEUED = "queued"
    AGENT = "agent"
    CLOSED = "closed"


class Sender(StrEnum):
    """Who wrote a message. `note` is for staff only and never shown to the customer."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"
    NOTE = "note"


class Conversation(Base):
    """One customer's chat. `version` grows with every change of mode or assignment.

    Up to `screened_seq` it was searched for complaints that nobody took down.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("mode IN ('bot','queued','agent','closed')", name="mode_known"),
        CheckConstraint(
            "(mode = 'agent') = (assigned_to_id IS NOT NULL)", name="agent_iff_assigned"
        ),
        Index("ix_conversation_mode_queued_at", "mode", "queued_at"),
        Index("ix_conversation_created_at_queue_reason", "created_at", "queue_reason"),
        Index(
            "ix_conversation_unscreened",
            "last_customer_at",
            sqlite_where=text("screened_seq < last_seq"),
            postgresql_where=text("screened_seq < last_seq"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    mode: Mapped[str] = mapped_column(String(8), default=Mode.BOT)
    queue_reason: Mapped[str | None] = mapped_column(String(32))
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    last_seq: Mapped[int] = mapped_column(default=0)
    screened_seq: Mapped[int] = mapped_column(default=0)
    last_customer_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_intent: Mapped[str | None] = mapped_column(String(32))
    is_traditional: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(16), default="web")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    assigned_to: Mapped[Staff | None] = relationship(lazy="joined")

    # The service raises `version` itself: a new message alone must not make a claim fail.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


class Message(Base):
    """A line of a conversation; `seq` counts from 1 without gaps.

    `client_id` makes a retry of the sender harmless: one per conversation. `handled_at` is set on
    a customer's message once the bot has answered it or the conversation has gone to people.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_id"),
        CheckConstraint(
            "sender IN ('customer','bot','agent','system','note')", name="sender_known"
        ),
        Index("ix_message_unhandled", "sender", "handled_at"),
        Index("ix_message_created_at_sender_intent", "created_at", "sender", "intent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    sender: Mapped[str] = mapped_column(String(8))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    client_id: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    payload: Mapped[str | None] = mapped_column(Text)
    buttons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    intent: Mapped[str | None] = mapped_column(String(32))
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff | None] = relationship(lazy="joined")

    def as_json(self) -> dict[str, Any]:
        """Return the message as the chat protocol and the REST API show it."""
        return {
            "seq": self.seq,
            "sender": self.sender,
            "text": self.text,
            "buttons": self.buttons,
            "at": self.created_at.isoformat(),
            "agent_name": self.staff.display_name if self.staff else None,
            "client_id": self.client_id,
        }
