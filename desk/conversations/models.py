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
from desk.encryption import EncryptedBytes


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

    Up to `screened_seq` it was searched for complaints that nobody took down. Up to
    `customer_read_seq` the customer has seen it, up to `staff_read_seq` its agent.
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
    mode: Mapped[str] = mapped_column(String(8), default=Mode.BOT)
    queue_reason: Mapped[str | None] = mapped_column(String(32))
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    last_seq: Mapped[int] = mapped_column(default=0)
    screened_seq: Mapped[int] = mapped_column(default=0)
    customer_read_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    staff_read_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    last_customer_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_intent: Mapped[str | None] = mapped_column(String(32))
    is_traditional: Mapped[bool] = mapped_column(default=False)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("staff_group.id"))
    last_agent_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    source: Mapped[str] = mapped_column(String(16), default="web")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # Not joined: a row alone can be locked as it is read, and most are with nobody.
    assigned_to: Mapped[Staff | None] = relationship(
        lazy="selectin", foreign_keys="Conversation.assigned_to_id"
    )

    # The service raises `version` itself: a new message alone must not make a claim fail.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


class QueueWait(Base):
    """One time that a customer waited for people, and the talk that came of it.

    Attributes:
        group_id: the group that took it, or that it was passed on to.
        taken_at, staff_id: when somebody took it, and who.
        first_reply_at: when they first wrote to the customer.
        ended_at: when the talk, or the wait without one, was over.
        outcome: `talk`, `call_back` (nobody came: a ticket was opened) or `left`; None while it
            goes on.
    """

    __tablename__ = "queue_wait"
    __table_args__ = (
        CheckConstraint("outcome IN ('talk','call_back','left')", name="outcome_known"),
        Index("ix_queue_wait_conversation_id", "conversation_id", "id"),
        Index("ix_queue_wait_queued_at", "queued_at"),
        Index("ix_queue_wait_taken_at", "taken_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(32))
    is_urgent: Mapped[bool]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("staff_group.id", ondelete="SET NULL"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_reply_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))


class Message(Base):
    """A line of a conversation; `seq` counts from 1 without gaps.

    `client_id` makes a retry of the sender harmless: one per conversation. `handled_at` is set on
    a customer's message once the bot has answered it or the conversation has gone to people.
    `confidence` is how sure the bot was of the intent, 0 to 1.
    `card` is an object with a `kind` that pages draw (see `cards`); `text` says the same in words.
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
    card: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    intent: Mapped[str | None] = mapped_column(String(32))
    confidence: Mapped[float | None]
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff | None] = relationship(lazy="selectin")
    photos: Mapped[list["ChatPhoto"]] = relationship(lazy="selectin", order_by="ChatPhoto.id")

    def as_json(self) -> dict[str, Any]:
        """Return the message as the chat protocol and the REST API show it."""
        return {
            "seq": self.seq,
            "sender": self.sender,
            "text": self.text,
            "buttons": self.buttons,
            "card": self.card,
            "photos": [photo.as_json() for photo in self.photos],
            "at": self.created_at.isoformat(),
            "agent_name": self.staff.display_name if self.staff else None,
            "client_id": self.client_id,
        }


class ChatPhoto(Base):
    """A photo of a message, decoded and written anew (see `desk.tickets.files`).

    `sha256` is that of the file as it was sent. `ticket_id` is the ticket it was attached to.
    """

    __tablename__ = "chat_photo"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(16))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(EncryptedBytes, deferred=True)
    thumbnail: Mapped[bytes] = mapped_column(EncryptedBytes, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def as_json(self) -> dict[str, Any]:
        """Return what a page needs to show the photo; width and height in pixels."""
        return {"id": self.id, "width": self.width, "height": self.height}
