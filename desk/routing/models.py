"""Who takes waiting conversations: groups of staff, how each one stands, and what was offered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime


class StaffGroup(Base):
    """A group of staff that takes conversations, e.g. 售后.

    `topics` are what it is for (`desk.routing.topics`); none: for everything. Of two groups that
    suit equally well, the one with the lower `position` comes first.
    """

    __tablename__ = "staff_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GroupMember(Base):
    """Somebody's place in a group."""

    __tablename__ = "group_member"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("staff_group.id", ondelete="CASCADE"), primary_key=True
    )
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)


class AgentState(Base):
    """How a person stands: what they chose, when their console was last there, how many talks.

    Attributes:
        presence, reason, since: as chosen; who has no console open is offline all the same.
        seen_at: when a console page of theirs was last connected.
        capacity: talks at the same time; None: as the settings say.
        took_at: when they last took a conversation.
    """

    __tablename__ = "agent_state"
    __table_args__ = (
        CheckConstraint("presence IN ('available','away','offline')", name="presence_known"),
        CheckConstraint("capacity BETWEEN 0 AND 50", name="capacity_sensible"),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    presence: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    capacity: Mapped[int | None]
    took_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Outcome(StrEnum):
    """What became of an offer."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Offer(Base):
    """A waiting conversation that was offered to somebody; open while `outcome` is None.

    A conversation is offered to one person at a time, and nobody has two offers to think about.
    """

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('accepted','declined','expired','withdrawn')", name="outcome_known"
        ),
        Index(
            "ix_offer_open_conversation",
            "conversation_id",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        Index(
            "ix_offer_open_staff",
            "staff_id",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        Index("ix_offer_wait_id", "wait_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    wait_id: Mapped[int] = mapped_column(ForeignKey("queue_wait.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("staff_group.id", ondelete="SET NULL"))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(10))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(lazy="raise")
