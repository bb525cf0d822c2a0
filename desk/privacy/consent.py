"""Which wording of the privacy notice a customer agreed to, and when this was taken back."""

import hashlib
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.privacy.models import Consent, ConsentNotice

VERSION_DIGITS = 12
_notice = ""


def use_notice(text: str) -> None:
    """Set the notice that customers are shown now; called by the composition root."""
    global _notice
    _notice = text


def version_of(text: str) -> str:
    """Return the version of a wording: it follows from the text, so none is ever reused."""
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_DIGITS]


def give_consent(
    session: Session,
    *,
    now: datetime,
    conversation_id: str | None = None,
    ticket_id: int | None = None,
    phone_index: str | None = None,
) -> None:
    """Store that a customer agreed to the present notice."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    version = version_of(_notice)
    notice = insert(ConsentNotice).values(version=version, text=_notice, since=now)
    session.execute(notice.on_conflict_do_nothing())
    session.add(
        Consent(
            conversation_id=conversation_id,
            ticket_id=ticket_id,
            phone_index=phone_index,
            version=version,
            given_at=now,
        )
    )


def consents_of(
    session: Session,
    *,
    conversation_ids: list[str],
    ticket_ids: list[int],
    phone_index: str | None,
) -> list[Consent]:
    """Return all consents of one person, oldest first."""
    query = select(Consent).where(_theirs(conversation_ids, ticket_ids, phone_index))
    return list(session.scalars(query.order_by(Consent.id)))


def withdraw(
    session: Session,
    *,
    conversation_ids: list[str],
    ticket_ids: list[int],
    phone_index: str | None,
    now: datetime,
) -> int:
    """Note the withdrawal of all consents of one person; return how many stood."""
    theirs = _theirs(conversation_ids, ticket_ids, phone_index)
    statement = update(Consent).where(theirs, Consent.withdrawn_at.is_(None))
    return len(session.scalars(statement.values(withdrawn_at=now).returning(Consent.id)).all())


def _theirs(
    conversation_ids: list[str], ticket_ids: list[int], phone_index: str | None
) -> ColumnElement[bool]:
    clauses: list[ColumnElement[bool]] = [
        Consent.conversation_id.in_(conversation_ids),
        Consent.ticket_id.in_(ticket_ids),
    ]
    if phone_index:
        clauses.append(Consent.phone_index == phone_index)
    return or_(*clauses)
