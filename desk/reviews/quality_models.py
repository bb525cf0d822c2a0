"""QA beyond flags: draws and their samples, second judgements, scorecards, appeals (R-C7, R-G11).

No table holds what was said: texts are read from the messages, where they can be erased.
"""

from datetime import date, datetime
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
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from desk.accounts.models import Staff
from desk.conversations.models import Message
from desk.database import Base, UtcDateTime
from desk.reviews.models import FlaggedReply


class DrawKind(StrEnum):
    """What is drawn: unflagged replies at random or by risk, decisions to be judged again,
    customers' questions that no script answered."""

    RANDOM = "random"
    RISK = "risk"
    SECOND = "second"
    GAPS = "gaps"


class Finding(StrEnum):
    """QA's judgement of an unflagged reply."""

    OPEN = "open"
    FINE = "fine"
    MISSED = "missed"


class AppealState(StrEnum):
    """What became of an appeal."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


class QualityDraw(Base):
    """One draw: from which stretch of time, of how many, with which seed; so it can be redone.

    `since` does not count, `until` does.
    """

    __tablename__ = "quality_draw"
    __table_args__ = (
        UniqueConstraint("kind", "day"),
        CheckConstraint("kind IN ('random','risk','second','gaps')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    seed: Mapped[str] = mapped_column(String(32))
    population: Mapped[int]
    drawn: Mapped[int]
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)


class _Sample:
    """An unflagged reply that was drawn; `reasons` are codes of why it could be drawn."""

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("quality_draw.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    weight: Mapped[float]
    finding: Mapped[str] = mapped_column(String(8), default=Finding.OPEN)
    category: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr
    @classmethod
    def draw(cls) -> Mapped[QualityDraw]:
        return relationship(lazy="joined")

    @declared_attr
    @classmethod
    def message(cls) -> Mapped[Message]:
        return relationship(lazy="joined")

    @declared_attr
    @classmethod
    def agent(cls) -> Mapped[Staff]:
        return relationship(foreign_keys=[cls.agent_id], lazy="joined")

    @declared_attr
    @classmethod
    def decided_by(cls) -> Mapped[Staff | None]:
        return relationship(foreign_keys=[cls.decided_by_id], lazy="joined")


class RandomSample(_Sample, Base):
    """Drawn with the same chance for every unflagged reply: its figures hold for all of them."""

    __tablename__ = "random_sample"
    __table_args__ = (
        CheckConstraint("finding IN ('open','fine','missed')", name="finding_known"),
        Index("ix_random_sample_finding_id", "finding", "id"),
    )


class RiskSample(_Sample, Base):
    """Drawn with a chance that grows with `weight`: finds more, and says nothing of the rest."""

    __tablename__ = "risk_sample"
    __table_args__ = (
        CheckConstraint("finding IN ('open','fine','missed')", name="finding_known"),
        Index("ix_risk_sample_finding_id", "finding", "id"),
    )


class SecondJudgement(Base):
    """A decided flag that somebody else judges again without seeing the first decision.

    The first decision is kept as it was at the draw: kappa compares the two, whatever is settled
    on later.
    """

    __tablename__ = "second_judgement"
    __table_args__ = (
        CheckConstraint(
            "first_decision IN ('confirmed','false_alarm','coach')", name="first_known"
        ),
        CheckConstraint(
            "second_decision IN ('confirmed','false_alarm','coach')", name="second_known"
        ),
        Index("ix_second_judgement_second_decision_id", "second_decision", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("quality_draw.id"))
    flagged_id: Mapped[int] = mapped_column(ForeignKey("flagged_reply.id"), unique=True)
    first_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    first_decision: Mapped[str] = mapped_column(String(12))
    second_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    second_decision: Mapped[str | None] = mapped_column(String(12))
    second_note: Mapped[str | None] = mapped_column(Text)
    second_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    flagged: Mapped[FlaggedReply] = relationship(lazy="joined")
    first_by: Mapped[Staff] = relationship(foreign_keys=[first_by_id], lazy="joined")
    second_by: Mapped[Staff | None] = relationship(foreign_keys=[second_by_id], lazy="joined")


class Scorecard(Base):
    """How well an agent served one conversation, by criteria, from 0 to 100.

    `marks` is criterion id -> `[points, weight]` as they were when it was scored. A card that an
    appeal struck out has `withdrawn_at` and counts no more.
    """

    __tablename__ = "scorecard"
    __table_args__ = (
        CheckConstraint("total BETWEEN 0 AND 100", name="total_in_range"),
        Index(
            "uq_scorecard_valid",
            "conversation_id",
            "agent_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_scorecard_agent_id_served_at", "agent_id", "served_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    scorer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    marks: Mapped[dict[str, Any]] = mapped_column(JSON)
    total: Mapped[float]
    note: Mapped[str | None] = mapped_column(Text)
    served_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id], lazy="joined")
    scorer: Mapped[Staff] = relationship(foreign_keys=[scorer_id], lazy="joined")


class Appeal(Base):
    """An agent's objection to a confirmed flag or to a scorecard: one each, decided by somebody
    who had no part in the judgement."""

    __tablename__ = "appeal"
    __table_args__ = (
        CheckConstraint("(flagged_id IS NULL) <> (scorecard_id IS NULL)", name="about_exactly_one"),
        CheckConstraint("state IN ('open','upheld','rejected')", name="state_known"),
        Index("ix_appeal_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    flagged_id: Mapped[int | None] = mapped_column(ForeignKey("flagged_reply.id"), unique=True)
    scorecard_id: Mapped[int | None] = mapped_column(ForeignKey("scorecard.id"), unique=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(8), default=AppealState.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str | None] = mapped_column(Text)

    flagged: Mapped[FlaggedReply | None] = relationship(lazy="joined")
    scorecard: Mapped[Scorecard | None] = relationship(lazy="joined")
    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id], lazy="joined")
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id], lazy="joined")


class QuestionGap(Base):
    """A customer's question that no script answered (`none`), or that an agent answered in words
    of their own (`own`). `key` groups alike questions: words of the script library only."""

    __tablename__ = "question_gap"
    __table_args__ = (
        CheckConstraint("kind IN ('none','own')", name="kind_known"),
        CheckConstraint("state IN ('open','written','dismissed')", name="state_known"),
        Index("ix_question_gap_state_topic", "state", "topic"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    topic: Mapped[str | None] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(200))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="open")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    message: Mapped[Message] = relationship(lazy="joined")
