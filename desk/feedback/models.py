"""Satisfaction surveys and the records of coordination meetings (R-B8, R-B10)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime
from desk.tickets.models import Ticket


class Survey(Base):
    """One question whether the customer is satisfied; a reopened ticket is asked again.

    `round` counts from 1 within a ticket. `score` is 1 (very dissatisfied) to 5 (very satisfied).
    """

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("ticket_id", "round"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score_in_range"),
        Index("ix_survey_answered_at_expires_at", "answered_at", "expires_at"),
        Index("ix_survey_asked_at_answered_at", "asked_at", "answered_at"),
        Index("ix_survey_answered_at_score", "answered_at", "score", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    round: Mapped[int]
    channel: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    score: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    ticket: Mapped[Ticket] = relationship(lazy="raise")


class Coordination(Base):
    """A meeting about a ticket on which departments or the customer did not agree (R-B8).

    `positions` is a list of `{"who": ..., "position": ...}`.
    """

    __tablename__ = "coordination"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    led_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    positions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    agreement: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    led_by: Mapped[Staff] = relationship(lazy="joined")
