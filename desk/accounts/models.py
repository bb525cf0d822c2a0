"""Staff accounts and their sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.database import Base, UtcDateTime


class Role(StrEnum):
    """What a staff member may do; checked on every page and call.

    The three levels of responsibility (R-B6) are recipient (`agent` or `department`), `supervisor`
    and `director`, the deputy general manager; a `manager` is on duty for urgent matters.
    """

    AGENT = "agent"
    QA = "qa"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    DIRECTOR = "director"
    DEPARTMENT = "department"
    ADMIN = "admin"


LEADERS = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.DIRECTOR})
"""Whoever leads: managers and directors may do all that a supervisor may."""


class Staff(Base):
    """A person who logs in to the console."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "role IN ('agent','qa','supervisor','manager','director','department','admin')",
            name="role_known",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    department: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffSession(Base):
    """A login. The browser holds the token in an HttpOnly cookie; here only its hash lies."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(lazy="joined")
