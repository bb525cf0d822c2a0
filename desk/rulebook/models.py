"""Published changes of phrase rules and reply scripts, and what is being prepared (R-G3, R-G10).

The YAML packs that come with the program stay as they are; what is published lies over them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime


class DraftState(StrEnum):
    """Where a draft of a rule stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    DROPPED = "dropped"


class RevisionState(StrEnum):
    """Where a revision of a script stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"


class RuleBase(Base):
    """The packs that came with a version of the program, by their digest: file name -> content."""

    __tablename__ = "rule_base"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    packs: Mapped[dict[str, str]] = mapped_column(JSON)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleVersion(Base):
    """A published rule set: the base and all changes that lie over it.

    `overlay` is `{"changed": {rule id: rule}, "removed": [rule id]}`, the whole of it, so that a
    version needs no other one. `version` is what verdicts carry.
    """

    __tablename__ = "rule_version"
    __table_args__ = (
        CheckConstraint("kind IN ('publish','rollback')", name="kind_known"),
        Index("ix_rule_version_version", "version"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(64))
    base_version: Mapped[str] = mapped_column(ForeignKey("rule_base.version"))
    kind: Mapped[str] = mapped_column(String(8))
    rule_id: Mapped[str | None] = mapped_column(String(80))
    overlay: Mapped[dict[str, Any]] = mapped_column(JSON)
    gate: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(Text)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    published_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)

    written_by: Mapped[Staff] = relationship(foreign_keys=[written_by_id], lazy="joined")
    published_by: Mapped[Staff] = relationship(foreign_keys=[published_by_id], lazy="joined")


class RuleDraft(Base):
    """A change of one rule being prepared. `body` is the whole rule, None to take it out.

    `gate` is what the gate said of exactly this body on exactly the published set, both named by
    `gate_for`.
    """

    __tablename__ = "rule_draft"
    __table_args__ = (
        CheckConstraint("state IN ('open','submitted','published','dropped')", name="state_known"),
        CheckConstraint("origin IN ('editor','false_alarm','appeal')", name="origin_known"),
        Index("ix_rule_draft_state_id", "state", "id"),
        Index("ix_rule_draft_flagged_id", "flagged_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[str] = mapped_column(String(80))
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    why: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(12))
    flagged_id: Mapped[int | None] = mapped_column(ForeignKey("flagged_reply.id"))
    state: Mapped[str] = mapped_column(String(12), default=DraftState.OPEN)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    gate: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    gate_for: Mapped[str | None] = mapped_column(String(64))

    author: Mapped[Staff] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ScriptRevision(Base):
    """One wording of a script, from draft to approval. `body` None: the script is withdrawn.

    The published revision with the highest number is the script in force; without one, the script
    of the program's own files.
    """

    __tablename__ = "script_revision"
    __table_args__ = (
        UniqueConstraint("script_id", "number"),
        CheckConstraint(
            "state IN ('draft','submitted','published','rejected')", name="state_known"
        ),
        Index("ix_script_revision_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    script_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[str] = mapped_column(String(12))
    why: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    author: Mapped[Staff] = relationship(foreign_keys=[author_id], lazy="joined")
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id], lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
