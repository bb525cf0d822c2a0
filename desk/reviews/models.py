"""What the phrase checker said of agents' replies, and what QA decided."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime


class Outcome(StrEnum):
    """What became of a flagged reply."""

    SENT = "sent"
    BLOCKED = "blocked"


class Decision(StrEnum):
    """QA's judgement of a flagged reply."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"
    COACH = "coach"


class FlaggedReply(Base):
    """A reply an agent tried to send that the checker flagged, whether it went out or not.

    `flags` are as `Flag.to_dict()` of the rule set named in `ruleset_version` (R-G3); `categories`
    lists their categories as `|ignorance|refusal|`, for queries.
    """

    __tablename__ = "flagged_reply"
    __table_args__ = (
        CheckConstraint("outcome IN ('sent','blocked')", name="outcome_known"),
        CheckConstraint(
            "decision IN ('open','confirmed','false_alarm','coach')", name="decision_known"
        ),
        Index("ix_flagged_reply_decision_created_at", "decision", "created_at"),
        Index("ix_flagged_reply_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    after_seq: Mapped[int]
    agent_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    categories: Mapped[str] = mapped_column(String(400))
    worst: Mapped[str] = mapped_column(String(8))
    ruleset_version: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(8))
    override_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    decision: Mapped[str] = mapped_column(String(12), default=Decision.OPEN)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str | None] = mapped_column(Text)

    agent: Mapped[Staff] = relationship(foreign_keys=[agent_id], lazy="joined")
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id], lazy="joined")


class SuggestionUse(Base):
    """Ledger of suggested replies: shown, used, edited or rejected (R-G10).

    `edit_distance` tells of a sent one how far it is from the suggestion: 0 as suggested, 1 another
    text altogether.
    """

    __tablename__ = "suggestion_use"
    __table_args__ = (
        CheckConstraint("outcome IN ('shown','used','edited','rejected')", name="outcome_known"),
        Index("ix_suggestion_use_created_at_outcome", "created_at", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    script_id: Mapped[str] = mapped_column(String(64), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str] = mapped_column(String(8))
    edit_distance: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Suspect(Base):
    """A conversation that reads like a complaint but led to no ticket (R-B12).

    `score` is the classifier's probability from 0 to 1, `words` what decided it.
    """

    __tablename__ = "suspect"
    __table_args__ = (
        CheckConstraint("decision IN ('open','complaint','none')", name="decision_known"),
        Index("ix_suspect_decision_score", "decision", "score"),
    )

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    score: Mapped[float]
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    last_seq: Mapped[int]
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(String(12), default="open")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
