"""What the agent's lists show, in a few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.conversations import service
from desk.conversations.domain import preview
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.service import QueueEntry

RECENT_LIMIT = 15


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation in a list. `unread` counts the customer's messages not yet seen."""

    conversation_id: str
    mode: str
    agent_name: str | None
    last_at: datetime
    preview: str
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """All lists of an agent's page."""

    queue: tuple[QueueEntry, ...]
    mine: tuple[Item, ...]
    recent: tuple[Item, ...]


def read_overview(session: Session, staff: Staff, seen: Mapping[str, int]) -> Overview:
    """Return the lists; `seen` has, by conversation, the last `seq` that was on the screen."""
    mine = service.conversations_of(session, staff)
    own = {conversation.id for conversation in mine}
    recent = [
        conversation
        for conversation in service.recent(session, RECENT_LIMIT, staff=staff)
        if conversation.id not in own and conversation.mode != Mode.QUEUED
    ]
    texts = _last_texts(session, [*mine, *recent])
    unread = _unread(session, sorted(own), seen)
    return Overview(
        queue=tuple(service.queue(session)),
        mine=tuple(_item(one, texts, unread) for one in mine),
        recent=tuple(_item(one, texts, {}) for one in recent),
    )


def _item(conversation: Conversation, texts: Mapping[str, str], unread: Mapping[str, int]) -> Item:
    agent = conversation.assigned_to
    return Item(
        conversation_id=conversation.id,
        mode=conversation.mode,
        agent_name=agent.display_name if agent else None,
        last_at=conversation.last_customer_at or conversation.created_at,
        preview=preview(texts.get(conversation.id, "")),
        unread=unread.get(conversation.id, 0),
    )


def _last_texts(session: Session, conversations: Sequence[Conversation]) -> dict[str, str]:
    """Return the newest text of each conversation that customer, bot or agent wrote."""
    spoken = Message.sender.in_((Sender.CUSTOMER, Sender.BOT, Sender.AGENT))
    ids = [conversation.id for conversation in conversations]
    newest = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(ids), spoken)
        .group_by(Message.conversation_id)
        .subquery()
    )
    same = and_(Message.conversation_id == newest.c.conversation_id, Message.seq == newest.c.seq)
    rows = session.execute(select(Message.conversation_id, Message.text).join(newest, same))
    return {row.conversation_id: row.text for row in rows}


def _unread(session: Session, ids: Sequence[str], seen: Mapping[str, int]) -> dict[str, int]:
    """Count the customer's messages after the last one seen and the last one answered."""
    if not ids:
        return {}
    answered = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(ids), Message.sender == Sender.AGENT)
        .group_by(Message.conversation_id)
        .subquery()
    )
    unseen = or_(
        *(and_(Message.conversation_id == one, Message.seq > seen.get(one, 0)) for one in ids)
    )
    query = (
        select(Message.conversation_id, func.count().label("unread"))
        .outerjoin(answered, answered.c.conversation_id == Message.conversation_id)
        .where(
            Message.sender == Sender.CUSTOMER,
            unseen,
            Message.seq > func.coalesce(answered.c.seq, 0),
        )
        .group_by(Message.conversation_id)
    )
    return {row.conversation_id: row.unread for row in session.execute(query)}
