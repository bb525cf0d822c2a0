"""Tickets and their timeline."""

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

from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedBytes, EncryptedText


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


SETTLED_STATES = frozenset({TicketState.RESOLVED, TicketState.CLOSED})
"""States in which nothing is due any more."""


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
        CheckConstraint("validity IN ('valid','invalid')", name="validity_known"),
        Index("ix_ticket_state_due_at", "state", "due_at"),
        Index("ix_ticket_department_state", "department", "state"),
        Index("ix_ticket_building_category", "estate", "building", "category"),
        # Reports count from these alone, without reading the tickets. What is not answered or not
        # resolved yet is in none of the latter two: a sweep that raises it need not write them.
        Index(
            "ix_ticket_created_at_report",
            "created_at",
            "kind",
            "channel",
            "category",
            "severity",
            "reopened",
            "resolved_at",
            "cause",
        ),
        Index(
            "ix_ticket_first_response_at_report",
            "first_response_at",
            "department",
            "level",
            "due_at",
            "created_at",
            sqlite_where=text("first_response_at IS NOT NULL"),
            postgresql_where=text("first_response_at IS NOT NULL"),
        ),
        Index(
            "ix_ticket_resolved_at_report",
            "resolved_at",
            "department",
            "level",
            "due_at",
            "created_at",
            sqlite_where=text("resolved_at IS NOT NULL"),
            postgresql_where=text("resolved_at IS NOT NULL"),
        ),
        Index(
            "ix_ticket_next_check_at",
            "next_check_at",
            sqlite_where=text("next_check_at IS NOT NULL"),
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
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
    spot: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(EncryptedText)
    order_no: Mapped[str | None] = mapped_column(String(32))
    occurred: Mapped[str | None] = mapped_column(String(128))
    description: Mapped[str] = mapped_column(Text)
    wish: Mapped[str | None] = mapped_column(Text)

    cause: Mapped[str | None] = mapped_column(String(64), index=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_group.id"), index=True)

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    warn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_trace: Mapped[list[str]] = mapped_column(JSON, default=list)
    due_steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, deferred=True)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # What the timeline adds up to, for queries; `desk.tickets.timeline` alone writes it.
    level: Mapped[int] = mapped_column(default=0)
    urged: Mapped[int] = mapped_column(default=0)
    pressed: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0)
    validity: Mapped[str | None] = mapped_column(String(8))
    paused_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_response_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    score: Mapped[int | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)

    entries: Mapped[list["TicketEntry"]] = relationship(
        back_populates="ticket", order_by="TicketEntry.id", lazy="raise"
    )


class TicketGroup(Base):
    """Tickets of several customers with one cause; one update reaches all (R-G8)."""

    __tablename__ = "ticket_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(128))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketLink(Base):
    """Two tickets that belong together; stored once, `ticket_id` being the earlier one."""

    __tablename__ = "ticket_link"
    __table_args__ = (
        UniqueConstraint("ticket_id", "other_id", "kind"),
        CheckConstraint("kind IN ('related','duplicate','split')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedView(Base):
    """A search that a staff member keeps; a shared one is in everybody's list."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(40))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attachment(Base):
    """A photo or a scanned letter of a ticket; type and size were checked before it came here."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    name: Mapped[str] = mapped_column(EncryptedText)
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(EncryptedBytes(reads_plain=True), deferred=True)
    uploaded_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketEntry(Base):
    """A line of a ticket's timeline: only ever added, never changed."""

    __tablename__ = "ticket_entry"
    __table_args__ = (Index("ix_ticket_entry_kind_at", "kind", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    ticket: Mapped[Ticket] = relationship(back_populates="entries", lazy="raise")


class PendingEntry(Base):
    """An entry that has not been passed on yet: to the customer, to colleagues, to other systems.

    Stored with the entry in one transaction; whoever passes it on deletes this row. After a
    failure it waits until `next_try_at`.
    """

    __tablename__ = "pending_entry"

    entry_id: Mapped[int] = mapped_column(ForeignKey("ticket_entry.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TicketCounter(Base):
    """The last sequence number given out on a day (local date, `YYMMDD`)."""

    __tablename__ = "ticket_counter"

    day: Mapped[str] = mapped_column(String(6), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
