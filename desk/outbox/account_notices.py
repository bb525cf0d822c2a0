"""Tells staff what happened to their account: in the bell, and by e-mail where they have one.

Follows the audit trail, so that a change by command, by page or by the single sign-on is told
alike. `AccountNoticeMark` keeps how far it has been read.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import CheckConstraint, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from desk.accounts.models import Staff
from desk.audit.actions import Action
from desk.audit.models import AuditEntry, AuditHead
from desk.clock import to_local, utc_now
from desk.database import Base
from desk.locale import t
from desk.outbox.queueing import notify

BATCH = 200
TOLD_WITHIN = timedelta(days=7)
"""Older news are passed over: a desk that follows for the first time doesn't tell of years."""


class AccountNoticeMark(Base):
    """The number of the last audit row that was read; one row."""

    __tablename__ = "account_notice_mark"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


def _always(_details: Mapping[str, Any]) -> bool:
    return True


def _is_new_device(details: Mapping[str, Any]) -> bool:
    return details.get("new_device") is True


TOLD: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    Action.LOGGED_IN: _is_new_device,
    Action.ACCOUNT_CHANGED: _always,
    Action.PASSWORD_CHANGED: _always,
    Action.SECOND_FACTOR_ON: _always,
    Action.SECOND_FACTOR_OFF: _always,
    Action.RECOVERY_CODE_USED: _always,
    Action.IDENTITY_LINKED: _always,
    Action.IDENTITY_UNLINKED: _always,
}
"""What is told of, and when."""


def has_news(session: Session) -> bool:
    """Tell whether the audit trail is longer than what was read."""
    newest = session.scalar(select(AuditHead.number))
    read = session.scalar(select(AccountNoticeMark.number))
    return (newest or 0) > (read or 0)


def tell_owners(session: Session) -> int:
    """Read the next rows of the audit trail and tell the accounts' owners; return how many."""
    mark = _locked_mark(session)
    query = select(AuditEntry).where(AuditEntry.number > mark.number)
    told = 0
    for entry in session.scalars(query.order_by(AuditEntry.number).limit(BATCH)):
        mark.number = entry.number
        is_told = TOLD.get(entry.action)
        is_recent = utc_now() - entry.at < TOLD_WITHIN
        if is_told and is_recent and is_told(entry.details):
            told += _tell(session, entry)
    return told


def _tell(session: Session, entry: AuditEntry) -> bool:
    login = entry.object.removeprefix("staff ")
    staff = session.scalar(select(Staff).where(Staff.login == login))
    if staff is None:
        return False
    local = to_local(entry.at)
    return notify(
        session,
        staff.id,
        key=f"account_notice.{entry.action}",
        dedupe_key=_key(entry, staff),
        values={"at": t("account.moment", month=local.month, day=local.day, time=f"{local:%H:%M}")},
        is_urgent=True,
    )


def _key(entry: AuditEntry, staff: Staff) -> str:
    """One notice a change; of new devices one a day, since other systems log in without cookies."""
    if entry.action == Action.LOGGED_IN:
        return f"account:device:{staff.id}:{to_local(entry.at).date()}"
    return f"account:{entry.number}"


def _locked_mark(session: Session) -> AccountNoticeMark:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert(AccountNoticeMark).values(id=1, number=0)
    session.execute(first.on_conflict_do_nothing())
    query = select(AccountNoticeMark).where(AccountNoticeMark.id == 1).with_for_update()
    return session.scalars(query).one()
