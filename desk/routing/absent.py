"""When the agent of a conversation is gone and the customer waits for an answer: the conversation
goes back to the queue, so that somebody else can answer (R-G9).

Gone is who has no console open, or is away, for `gone_minutes`. As long as the customer has their
answer, nothing happens: whoever comes back from lunch finds their conversations.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.conversations import repository
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.speakers import put_back
from desk.outbox.queueing import notify
from desk.routing.presence import Presence, standings
from desk.routing.settings import current_settings

MOST = 50
"""Conversations put back in one run; the next run goes on."""


def has_left(session: Session, now: datetime | None = None) -> bool:
    """Tell whether anybody who holds a conversation is gone for long; reads only."""
    return bool(_gone(session, now or utc_now()))


def put_back_conversations(session: Session, now: datetime | None = None) -> tuple[str, ...]:
    """Put back what is to be put back, and tell the agents by notices; return the ids.

    A conversation that another process works on is left to the next run.
    """
    now = now or utc_now()
    gone = _gone(session, now)
    moved = []
    for conversation_id in _unanswered(session, gone, now):
        query = (
            select(Conversation.id)
            .where(Conversation.id == conversation_id, Conversation.mode == Mode.AGENT)
            .with_for_update(skip_locked=True)
        )
        if session.scalar(query) is None:
            continue
        conversation = repository.locked(session, conversation_id)
        agent_id = conversation.assigned_to_id
        if conversation.mode != Mode.AGENT or agent_id is None or agent_id not in gone:
            continue
        put_back(session, conversation, now=now)
        notify(
            session,
            agent_id,
            key="routing.notice_put_back",
            dedupe_key=f"put_back:{conversation.id}:{conversation.version}",
            values={"code": conversation.id[:4].upper(), "conversation_id": conversation.id},
            now=now,
        )
        moved.append(conversation.id)
    return tuple(moved)


def _gone(session: Session, now: datetime) -> Mapping[int, datetime]:
    """Return those who hold conversations and are gone for long, and since when they are.

    Who never had a console open works by the REST interface and is left alone.
    """
    holders = select(Conversation.assigned_to_id).where(Conversation.mode == Mode.AGENT).distinct()
    ids = {one for one in session.scalars(holders) if one is not None}
    if not ids:
        return {}
    limit = now - current_settings().gone_length
    return {
        staff_id: standing.since
        for staff_id, standing in standings(session, ids, now=now).items()
        if standing.presence != Presence.AVAILABLE and standing.since and standing.since <= limit
    }


def _unanswered(session: Session, gone: Mapping[int, datetime], now: datetime) -> list[str]:
    """Return the conversations of these people whose customers wait for an answer for long, the
    longest first."""
    if not gone:
        return []
    limit = now - current_settings().gone_length
    held = Conversation.mode == Mode.AGENT, Conversation.assigned_to_id.in_(gone)
    is_theirs = and_(
        Message.staff_id == Conversation.assigned_to_id,
        Message.sender.in_((Sender.AGENT, Sender.SYSTEM)),
    )
    is_answer = Message.sender.in_((Sender.AGENT, Sender.BOT))
    before = (
        select(
            Conversation.id,
            func.max(case((is_answer, Message.seq), else_=0)).label("answered"),
            # They wrote, or took the conversation.
            func.max(case((is_theirs, Message.created_at))).label("acted_at"),
        )
        .join(Message, Message.conversation_id == Conversation.id)
        .where(*held)
        .group_by(Conversation.id)
        .subquery()
    )
    asked_at = func.min(Message.created_at)
    query = (
        select(before.c.id)
        .join(Message, Message.conversation_id == before.c.id)
        .where(before.c.acted_at <= limit)
        .where(Message.sender == Sender.CUSTOMER, Message.seq > before.c.answered)
        .group_by(before.c.id)
        .having(asked_at <= limit)
        .order_by(asked_at)
        .limit(MOST)
    )
    return list(session.scalars(query))
