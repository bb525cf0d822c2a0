"""Answers on their way to approval, examples for the next training, what was not answered."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime


class FaqState(StrEnum):
    """Where a wording of an answer stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    DROPPED = "dropped"


class ExampleState(StrEnum):
    """Where an example for the training stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class Outcome(StrEnum):
    """What became of a message that was not answered."""

    FAQ = "faq"
    EXAMPLE = "example"
    DISMISSED = "dismissed"


class FaqRevision(Base):
    """One wording of an answer, from draft to approval. The row of `faq` is what is in force.

    `body` has the cells of all fields as texts; `base_version` is the version of the row that it
    was written over, None for a new one.
    """

    __tablename__ = "faq_revision"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft','submitted','published','rejected','dropped')", name="state_known"
        ),
        Index("ix_faq_revision_state_id", "state", "id"),
        Index("ix_faq_revision_code", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    base_version: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(12))
    why: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    author: Mapped[Staff] = relationship(foreign_keys=[author_id], lazy="joined")
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id], lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class TrainingExample(Base):
    """A customer's wording and the intent it should be understood as; approved by another.

    `folded` is the text as examples are compared: each stands here once.
    """

    __tablename__ = "training_example"
    __table_args__ = (
        CheckConstraint("state IN ('proposed','approved','rejected')", name="state_known"),
        Index("ix_training_example_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(200), unique=True)
    intent: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    author: Mapped[Staff] = relationship(foreign_keys=[author_id], lazy="joined")
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id], lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class UnansweredDecision(Base):
    """A customer's message that is off the list of what was not answered, and why."""

    __tablename__ = "unanswered_decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('faq','example','dismissed')", name="outcome_known"),
    )

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id"), primary_key=True, autoincrement=False
    )
    outcome: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(Text)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
