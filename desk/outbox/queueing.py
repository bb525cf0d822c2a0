"""Puts messages and notices into the outbox, each once. Sending comes after the commit.

Shared by whoever has something to say: followers of the timeline, reports, alarms. All functions
work in the caller's transaction; asking again under the same key changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.database import Base
from desk.locale import t
from desk.outbox.models import Notice, OutboxAttachment, OutboxMessage, OutboxState


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach to an e-mail."""

    name: str
    media_type: str
    content: bytes


def enqueue_email(
    session: Session,
    *,
    key: str,
    address: str,
    subject: str,
    body: str,
    ticket_id: int | None = None,
    attachments: Iterable[File] = (),
    now: datetime | None = None,
) -> bool:
    """Have an e-mail sent; tells whether it is a new one (`key` was not used before)."""
    message_id = _enqueue(
        session,
        dedupe_key=key,
        channel="email",
        address=address,
        subject=" ".join(subject.split()),
        body=body,
        ticket_id=ticket_id,
        now=now,
    )
    if message_id is None:
        return False
    for file in attachments:
        attachment = OutboxAttachment(
            message_id=message_id,
            name=file.name,
            media_type=file.media_type,
            content=file.content,
        )
        session.add(attachment)
    session.flush()
    return True


def enqueue_sms(
    session: Session,
    *,
    key: str,
    phone: str,
    body: str,
    ticket_id: int | None = None,
    now: datetime | None = None,
) -> bool:
    """Have a text message sent through the gateway; tells whether it is a new one."""
    message_id = _enqueue(
        session,
        dedupe_key=key,
        channel="sms",
        address=phone,
        subject="",
        body=body,
        ticket_id=ticket_id,
        now=now,
    )
    return message_id is not None


def enqueue_webhook(
    session: Session,
    *,
    key: str,
    webhook_id: int,
    event: str,
    body: str,
    ticket_id: int | None = None,
    now: datetime | None = None,
) -> bool:
    """Have an event delivered to a webhook's address; tells whether it is a new one."""
    message_id = _enqueue(
        session,
        dedupe_key=key,
        channel="webhook",
        address="",
        subject=event,
        body=body,
        ticket_id=ticket_id,
        webhook_id=webhook_id,
        now=now,
    )
    return message_id is not None


def notify(
    session: Session,
    staff_id: int,
    *,
    key: str,
    dedupe_key: str,
    ticket_id: int | None = None,
    values: Mapping[str, Any] | None = None,
    is_urgent: bool = False,
    now: datetime | None = None,
) -> bool:
    """Show a staff member a notice in the console; an urgent one goes to their e-mail too.

    Args:
        key: key of the notice's text in the locale, e.g. `outbox.notice_urged`.
        values: the text's fill-ins: numbers and names of departments, no personal data.
    """
    now = now or utc_now()
    filled = dict(values or {})
    row = {
        "dedupe_key": dedupe_key,
        "staff_id": staff_id,
        "ticket_id": ticket_id,
        "key": key,
        "values": filled,
        "created_at": now,
    }
    if _insert_once(session, Notice, row) is None:
        return False
    staff = session.get(Staff, staff_id) if is_urgent else None
    if staff is not None and staff.email:
        text = t(key, **filled)
        enqueue_email(
            session,
            key=f"notice:{dedupe_key}"[:80],
            address=staff.email,
            subject=t("outbox.notice_subject", text=text),
            body=t("outbox.notice_body", name=staff.display_name, text=text),
            ticket_id=ticket_id,
            now=now,
        )
    return True


def _enqueue(session: Session, *, now: datetime | None, **values: Any) -> int | None:
    now = now or utc_now()
    row = {
        **values,
        "state": OutboxState.PENDING,
        "attempts": 0,
        "next_try_at": now,
        "created_at": now,
    }
    return _insert_once(session, OutboxMessage, row)


def _insert_once(session: Session, model: type[Base], row: dict[str, Any]) -> int | None:
    """Insert a row unless its `dedupe_key` exists; return the new row's id."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = model.__table__
    statement = insert(model).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"])
    found: int | None = session.scalar(statement.returning(table.c.id))
    return found
