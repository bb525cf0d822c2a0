"""Replies begun: kept for their author, whichever window or device they come back with."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.conversations.colleague_models import Draft

DRAFT_LIMIT = 20_000
"""Code points kept of a draft: more than a reply may have, so that a large paste can be cut."""


@dataclass(slots=True)
class Begun:
    """A reply being written. `client_id` stays until it is sent, so a second click can't double
    it; `script_id` and `suggested` tell which suggestion it began with."""

    client_id: str = field(default_factory=lambda: uuid4().hex)
    text: str = ""
    script_id: str | None = None
    suggested: str = ""


def draft_of(session: Session, staff: Staff, conversation_id: str) -> Begun | None:
    """Return what someone has begun in a conversation."""
    kept = session.scalar(_query(staff, conversation_id))
    return Begun(kept.client_id, kept.text, kept.script_id, kept.suggested) if kept else None


def keep_draft(
    session: Session,
    staff: Staff,
    conversation_id: str,
    begun: Begun,
    *,
    now: datetime | None = None,
) -> None:
    """Store a draft in place of the one there was; an empty one is forgotten."""
    if not begun.text.strip():
        drop_draft(session, staff, conversation_id)
        return
    kept = session.scalar(_query(staff, conversation_id))
    if kept is None:
        kept = Draft(staff_id=staff.id, conversation_id=conversation_id)
        session.add(kept)
    kept.client_id, kept.text = begun.client_id, begun.text[:DRAFT_LIMIT]
    kept.script_id, kept.suggested = begun.script_id, begun.suggested
    kept.updated_at = now or utc_now()
    session.flush()


def drop_draft(session: Session, staff: Staff, conversation_id: str) -> None:
    """Forget a draft: it was sent, or emptied."""
    session.execute(
        delete(Draft).where(Draft.staff_id == staff.id, Draft.conversation_id == conversation_id)
    )


def drafted(session: Session, staff: Staff) -> set[str]:
    """Return the ids of the conversations in which someone has begun a reply."""
    query = select(Draft.conversation_id).where(Draft.staff_id == staff.id)
    return set(session.scalars(query))


def clear_drafts(session: Session, conversation_id: str) -> None:
    """Forget what anybody has begun in a conversation whose contents are deleted."""
    session.execute(delete(Draft).where(Draft.conversation_id == conversation_id))


def _query(staff: Staff, conversation_id: str) -> Select[Draft]:
    return select(Draft).where(Draft.staff_id == staff.id, Draft.conversation_id == conversation_id)
