"""What reports lead to: rectification items, and which reports were sent (R-B11, R-F1)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.accounts.models import Staff
from desk.database import Base, UtcDateTime


class Rectification(Base):
    """A plan against a frequent cause of complaints.

    `told_count` customers with that cause were told of it, the last time at `told_at`.
    """

    __tablename__ = "rectification"
    __table_args__ = (CheckConstraint("state IN ('open','done','dropped')", name="state_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(32), index=True)
    cause: Mapped[str] = mapped_column(String(64))
    plan: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), default="open")
    outcome: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_count: Mapped[int] = mapped_column(default=0)

    owner: Mapped[Staff] = relationship(lazy="joined")


class SentReport(Base):
    """A report that went out by e-mail; the key makes sure that it goes out once."""

    __tablename__ = "sent_report"

    period: Mapped[str] = mapped_column(String(12), primary_key=True)
    begins_on: Mapped[date] = mapped_column(Date, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
