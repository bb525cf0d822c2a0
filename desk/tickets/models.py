"""Tickets and their timeline."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


class TicketKind(StrEnum):
    """What a ticket is about."""

    INQUIRY = "inquiry"
    COMPLAINT = "complaint"
    REPAIR = "repair"
    SUGGESTION = "suggestion"
    ORDER_CHANGE = "order_change"
    VIEWING = "viewing"


class TicketState(StrEnum):
    """Where a ticket stands; follows from its timeline, kept here for queries."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Ticket(Base):
    """A matter that somebody owes the customer an answer to. Who and where exactly is encrypted."""

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('inquiry','complaint','repair','suggestion','order_change','viewing')",
            name="kind_known",
        ),
        CheckConstraint(
            "state IN ('open','in_progress','waiting_customer','resolved','closed')",
            name="state_known",
        ),
        CheckConstraint("severity IN ('general','major')", name="severity_known"),
        UniqueConstraint("conversation_id", "source_key"),
        Index("ix_ticket_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(20), default=TicketState.OPEN)
    category: Mapped[str | None] = mapped_column(String(32))
    department: Mapped[str] = mapped_column(String(32), index=True)
    severity: Mapped[str] = mapped_column(String(8), default="general")
    severity_reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    channel: Mapped[str] = mapped_column(String(16), default="web")
    intent: Mapped[str | None] = mapped_column(String(32))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    source_key: Mapped[str | None] = mapped_column(String(64))

    has_consent: Mapped[bool] = mapped_column(default=False)
    customer_name: Mapped[str | None] = mapped_column(EncryptedText)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    reply_channel: Mapped[str] = mapped_column(String(16), default="chat")
    estate: Mapped[str | None] = mapped_column(String(64))
    building: Mapped[str | None] = mapped_column(String(32))
    unit: Mapped[str | None] = mapped_column(String(32))
    room: Mapped[str | None] = mapped_column(EncryptedText)
    order_no: Mapped[str | None] = mapped_column(String(32))
    occurred: Mapped[str | None] = mapped_column(String(128))
    description: Mapped[str] = mapped_column(Text)
    wish: Mapped[str | None] = mapped_column(Text)

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_trace: Mapped[list[str]] = mapped_column(JSON, default=list)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    entries: Mapped[list["TicketEntry"]] = relationship(
        back_populates="ticket", order_by="TicketEntry.id", lazy="raise"
    )


class TicketEntry(Base):
    """A line of a ticket's timeline: only ever added, never changed."""

    __tablename__ = "ticket_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    ticket: Mapped[Ticket] = relationship(back_populates="entries", lazy="raise")


class TicketCounter(Base):
    """The last sequence number given out on a day (local date, `YYMMDD`)."""

    __tablename__ = "ticket_counter"

    day: Mapped[str] = mapped_column(String(6), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
