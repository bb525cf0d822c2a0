"""Keeps originals sealed, lets go of them, and reads them with the private key.

Kept: what the retention job deletes, and contacts that were replaced. Not kept: what a customer had
deleted (PIPL art. 47); earlier copies of it are destroyed with it.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, inspect, select
from sqlalchemy.orm import Session

from desk import age
from desk.conversations.models import Conversation, Message
from desk.errors import NotFound
from desk.sealing.models import SealedCopy
from desk.sealing.recipient import key_id, recipient
from desk.tickets.models import Attachment, Ticket, TicketEntry

LIST_LIMIT = 1000


def keep(
    session: Session,
    kind: str,
    subject: str,
    original: dict[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Store an original sealed; does nothing where no public key is set."""
    public = recipient()
    if not public:
        return
    plain = json.dumps(original, ensure_ascii=False).encode()
    session.add(
        SealedCopy(
            kind=kind,
            subject=subject,
            actor=actor,
            sealed_at=now,
            key_id=key_id(public),
            content=age.seal(plain, recipients=[public]),
        )
    )


def keep_ticket(session: Session, ticket: Ticket, *, actor: str, now: datetime) -> None:
    """Keep a ticket, its timeline and its files."""
    if not recipient():
        return
    entries = session.scalars(select(TicketEntry).where(TicketEntry.ticket_id == ticket.id))
    files = session.scalars(select(Attachment).where(Attachment.ticket_id == ticket.id))
    original = {
        "ticket": _columns(ticket),
        "entries": [_columns(one) for one in entries],
        "files": [_columns(one) for one in files],
    }
    keep(session, "ticket", ticket.number, original, actor=actor, now=now)


def keep_conversation(
    session: Session, conversation: Conversation, *, actor: str, now: datetime
) -> None:
    """Keep a conversation with its photos."""
    if not recipient():
        return
    query = select(Message).where(Message.conversation_id == conversation.id)
    messages = session.scalars(query.order_by(Message.seq)).all()
    original = {
        "conversation": _columns(conversation),
        "messages": [
            {**_columns(one), "photos": [_columns(photo) for photo in one.photos]}
            for one in messages
        ],
    }
    keep(session, "conversation", conversation.id, original, actor=actor, now=now)


def destroy(session: Session, subjects: Sequence[str]) -> int:
    """Destroy all copies of tickets (by number) and conversations (by id); return how many."""
    gone = delete(SealedCopy).where(SealedCopy.subject.in_(subjects)).returning(SealedCopy.id)
    return len(session.scalars(gone).all())


def copies(session: Session, subject: str | None = None) -> list[SealedCopy]:
    """Return the newest copies, without their content."""
    query = select(SealedCopy).order_by(SealedCopy.id.desc()).limit(LIST_LIMIT)
    return list(session.scalars(query.where(SealedCopy.subject == subject) if subject else query))


def unseal(session: Session, copy_id: int, identity: str) -> dict[str, Any]:
    """Return an original.

    Args:
        identity: text of the private key's file.

    Raises:
        NotFound: no such copy, or it was destroyed.
        InvalidInput: another key.
    """
    found = session.get(SealedCopy, copy_id)
    if found is None:
        raise NotFound("errors.seal_missing")
    original: dict[str, Any] = json.loads(age.open_sealed(found.content, identity=identity))
    return original


def _columns(row: Any) -> dict[str, Any]:
    values = {one.key: getattr(row, one.key) for one in inspect(type(row)).column_attrs}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
