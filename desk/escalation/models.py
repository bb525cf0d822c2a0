"""Escalations and who takes them: absences with substitutes, and the duty roster (R-B6)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime
from desk.tickets.models import Ticket


class Escalation(Base):
    """A ticket put before someone; `cause` is unique within a ticket: nothing goes up twice.

    `level` counts from 0 (recipient) to 2 (director); `duty` marks the manager on duty.
    `acknowledge_by` is when the next level is told unless somebody has acknowledged.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        # Finds a ticket's raises, too: a sweep writes thousands, and each index costs it.
        UniqueConstraint("ticket_id", "cause"),
        CheckConstraint("level BETWEEN 0 AND 2", name="level_known"),
        Index("ix_escalation_acknowledged_at_created_at", "acknowledged_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    cause: Mapped[str] = mapped_column(String(48))
    level: Mapped[int]
    duty: Mapped[bool] = mapped_column(default=False)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    substitute_for_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledge_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    ticket: Mapped[Ticket] = relationship(lazy="raise")
    staff: Mapped[Staff | None] = relationship(foreign_keys=[staff_id], lazy="joined")


class Absence(Base):
    """A time in which someone is away and who stands in."""

    __tablename__ = "absence"
    __table_args__ = (CheckConstraint("begins_at < ends_at", name="begins_before_end"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id], lazy="raise")
    substitute: Mapped[Staff | None] = relationship(foreign_keys=[substitute_id], lazy="raise")


class Duty(Base):
    """A time in which someone is the manager on duty (值班经理)."""

    __tablename__ = "duty"
    __table_args__ = (CheckConstraint("begins_at < ends_at", name="begins_before_end"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(lazy="raise")


class Commitment(Base):
    """What was promised in a reply, and by when (R-G5)."""

    __tablename__ = "commitment"
    __table_args__ = (
        UniqueConstraint("message_id", "what"),
        Index("ix_commitment_state_due_at", "state", "due_at"),
        CheckConstraint("state IN ('open','kept','broken')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8), default="open")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(lazy="raise")
    ticket: Mapped[Ticket | None] = relationship(lazy="raise")
