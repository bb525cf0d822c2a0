"""Transfer forms: what a department is asked to do about a ticket, and by when (R-B4)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime
from desk.tickets.models import Ticket


class TransferState(StrEnum):
    """Where a transfer stands. Asked back: the department waits for what it needs to know."""

    SENT = "sent"
    ACCEPTED = "accepted"
    ASKED_BACK = "asked_back"
    PROPOSED = "proposed"
    DONE = "done"
    CANCELLED = "cancelled"


class Transfer(Base):
    """A ticket's way to one department.

    `first_responsible_id` stays responsible for telling the customer (首问责任人);
    `handler_id` is whoever accepted it in the department.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint(
            "state IN ('sent','accepted','asked_back','proposed','done','cancelled')",
            name="state_known",
        ),
        Index("ix_transfer_department_state", "department", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    department: Mapped[str] = mapped_column(String(32))
    matter: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default=TransferState.SENT)
    required_by: Mapped[datetime] = mapped_column(UtcDateTime)
    first_responsible_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    question: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    pressed: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship(lazy="raise")
    first_responsible: Mapped[Staff] = relationship(
        foreign_keys=[first_responsible_id], lazy="joined"
    )
    handler: Mapped[Staff | None] = relationship(foreign_keys=[handler_id], lazy="joined")
