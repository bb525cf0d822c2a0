"""Staff accounts and their sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


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


NO_PASSWORD = "!"
"""What lies in place of a hash: nothing that is typed fits it."""


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
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText)
    totp_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_last_step: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def has_password(self) -> bool:
        """Tell whether there is one: accounts made by the single sign-on have none."""
        return self.password_hash != NO_PASSWORD

    @property
    def has_second_factor(self) -> bool:
        """Tell whether a code is asked for at login; a secret not yet confirmed doesn't count."""
        return self.totp_since is not None


class SessionStage(StrEnum):
    """How far a login has come; only `FULL` opens anything but the login's own pages."""

    CODE = "code"
    ENROL = "enrol"
    FULL = "full"


class StaffSession(Base):
    """A login. The browser holds the token in an HttpOnly cookie; here only its hash lies."""

    __tablename__ = "staff_session"
    __table_args__ = (CheckConstraint("stage IN ('code','enrol','full')", name="stage_known"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stage: Mapped[str] = mapped_column(String(8), default=SessionStage.FULL)
    address: Mapped[str | None] = mapped_column(EncryptedText)
    browser: Mapped[str | None] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship(lazy="joined")

    @property
    def public_id(self) -> str:
        """Names the session to its owner; tells nothing of the token."""
        return self.token_hash[:16]


class LoginTry(Base):
    """Failures in a row at one place; `key` is a keyed hash of account and place."""

    __tablename__ = "login_try"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KnownDevice(Base):
    """A browser that has logged in to this account before; strangers' failures don't bar it."""

    __tablename__ = "known_device"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code on paper that replaces the second factor once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoleRule(Base):
    """What admins demand of everyone with a role."""

    __tablename__ = "role_rule"

    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    needs_second_factor: Mapped[bool]
