"""What the agent's lists show, in a few queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.conversations import repository, service
from desk.conversations.domain import preview
from desk.conversations.drafts import drafted
from desk.conversations.mentions import unseen_mentions
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.routing.groups import capacities
from desk.tickets.models import Ticket

RECENT_LIMIT = 15
COLLEAGUES_LIMIT = 100
SEARCHED = 500
"""So many of the newest conversations are searched for a word."""
FOUND_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation in a list.

    Attributes:
        unread: the customer's messages that its agent has not seen.
        waiting_since: when the customer began to wait for the agent's answer; None if not.
        has_draft: the reader has begun a reply.
    """

    conversation_id: str
    mode: str
    agent_name: str | None
    last_at: datetime
    preview: str
    unread: int = 0
    waiting_since: datetime | None = None
    has_draft: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """All lists of an agent's page but the queue; `capacity` is how many one may hold."""

    mine: tuple[Item, ...]
    colleagues: tuple[Item, ...]
    mentions: tuple[Item, ...]
    recent: tuple[Item, ...]
    capacity: int


def read_overview(session: Session, staff: Staff) -> Overview:
    """Return the lists. Only leaders see colleagues' conversations."""
    mine = service.conversations_of(session, staff)
    colleagues = _colleagues(session, staff) if has_role(staff, Role.SUPERVISOR) else []
    shown = {conversation.id for conversation in (*mine, *colleagues)}
    recent = _recent(session, staff, shown)
    mentions = unseen_mentions(session, staff)
    items = items_of(session, staff, [*mine, *colleagues, *mentions, *recent])
    return Overview(
        mine=tuple(items[one.id] for one in mine),
        colleagues=tuple(items[one.id] for one in colleagues),
        mentions=tuple(items[one.id] for one in mentions),
        recent=tuple(items[one.id] for one in recent),
        capacity=capacities(session, [staff.id])[staff.id],
    )


def items_of(
    session: Session, staff: Staff, conversations: Sequence[Conversation]
) -> dict[str, Item]:
    """Return what lists show of these conversations, by id."""
    ids = sorted({conversation.id for conversation in conversations})
    texts = _last_texts(session, ids)
    held = [one.id for one in conversations if one.mode == Mode.AGENT]
    waiting, begun = _waiting(session, held), drafted(session, staff)
    return {one.id: _item(one, texts, waiting, begun) for one in conversations}


def search(session: Session, staff: Staff, wanted: str) -> list[Item]:
    """Return conversations this person may read that fit a word: the customer's code, a ticket's
    number, or something that was said in the newest `SEARCHED` of them. Newest first."""
    wanted = wanted.strip()
    if not wanted:
        return []
    visible = repository.visible_to(staff)
    newest = (
        select(Conversation.id)
        .where(visible, Conversation.last_customer_at.is_not(None))
        .order_by(Conversation.last_customer_at.desc())
        .limit(SEARCHED)
        .subquery()
    )
    said = select(Message.conversation_id).where(
        Message.conversation_id.in_(select(newest.c.id)),
        Message.text.contains(wanted, autoescape=True),
    )
    numbered = select(Ticket.conversation_id).where(
        Ticket.number.contains(wanted.upper(), autoescape=True)
    )
    fits = or_(
        Conversation.id.startswith(wanted.lower(), autoescape=True),
        Conversation.id.in_(said),
        Conversation.id.in_(numbered),
    )
    query = select(Conversation).where(visible, fits)
    query = query.order_by(Conversation.last_customer_at.desc()).limit(FOUND_LIMIT)
    found = session.scalars(query).unique().all()
    items = items_of(session, staff, found)
    return [items[one.id] for one in found]


def _colleagues(session: Session, staff: Staff) -> list[Conversation]:
    query = (
        select(Conversation)
        .where(Conversation.mode == Mode.AGENT, Conversation.assigned_to_id != staff.id)
        .order_by(Conversation.last_customer_at.desc())
        .limit(COLLEAGUES_LIMIT)
    )
    return list(session.scalars(query))


def _recent(session: Session, staff: Staff, shown: Collection[str]) -> list[Conversation]:
    """Return what this person may read of the newest conversations, without those that stand in
    another list."""
    newest = (
        select(Conversation.id)
        .where(
            Conversation.last_customer_at.is_not(None),
            Conversation.mode != Mode.QUEUED,
            Conversation.id.not_in(shown),
        )
        .order_by(Conversation.last_customer_at.desc())
        .limit(SEARCHED)
        .subquery()
    )
    query = (
        select(Conversation)
        .where(Conversation.id.in_(select(newest.c.id)), repository.visible_to(staff))
        .order_by(Conversation.last_customer_at.desc())
        .limit(RECENT_LIMIT)
    )
    return list(session.scalars(query))


def _item(
    conversation: Conversation,
    texts: Mapping[str, str],
    waiting: Mapping[str, tuple[int, datetime]],
    begun: set[str],
) -> Item:
    agent = conversation.assigned_to
    unread, since = waiting.get(conversation.id, (0, None))
    return Item(
        conversation_id=conversation.id,
        mode=conversation.mode,
        agent_name=agent.display_name if agent else None,
        last_at=conversation.last_customer_at or conversation.created_at,
        preview=preview(texts.get(conversation.id, "")),
        unread=unread,
        waiting_since=since,
        has_draft=conversation.id in begun,
    )


def _last_texts(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the newest text of each conversation that customer, bot or agent wrote."""
    spoken = Message.sender.in_((Sender.CUSTOMER, Sender.BOT, Sender.AGENT))
    newest = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(ids), spoken)
        .group_by(Message.conversation_id)
        .subquery()
    )
    same = and_(Message.conversation_id == newest.c.conversation_id, Message.seq == newest.c.seq)
    rows = session.execute(select(Message.conversation_id, Message.text).join(newest, same))
    return {row.conversation_id: row.text for row in rows}


def _waiting(session: Session, ids: Sequence[str]) -> dict[str, tuple[int, datetime]]:
    """Return of conversations with unanswered messages how many are unread, and since when the
    customer waits."""
    if not ids:
        return {}
    answered = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(ids), Message.sender.in_((Sender.AGENT, Sender.BOT)))
        .group_by(Message.conversation_id)
        .subquery()
    )
    is_unread = case((Message.seq > Conversation.staff_read_seq, 1), else_=0)
    query = (
        select(
            Message.conversation_id,
            func.sum(is_unread).label("unread"),
            func.min(Message.created_at).label("since"),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(answered, answered.c.conversation_id == Message.conversation_id)
        .where(
            Message.conversation_id.in_(ids),
            Message.sender == Sender.CUSTOMER,
            Message.seq > func.coalesce(answered.c.seq, 0),
        )
        .group_by(Message.conversation_id)
    )
    return {row.conversation_id: (row.unread, row.since) for row in session.execute(query)}
