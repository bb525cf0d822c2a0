"""REST: conversations, their messages, and who speaks."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathPart
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.conversations import service
from desk.conversations.domain import MESSAGE_LIMIT
from desk.conversations.mentions import MOST_MENTIONS
from desk.conversations.models import Conversation, Message
from desk.conversations.service import QueueEntry
from desk.conversations.speakers import check_visible
from desk.current import get_desk
from desk.web.callers import Reader, Speaker

router = APIRouter(prefix="/conversations", tags=["会话"])

ConversationId = Annotated[str, PathPart(max_length=32)]


class Scope(StrEnum):
    """Which conversations to list."""

    QUEUE = "queue"
    MINE = "mine"
    RECENT = "recent"


class Claim(BaseModel):
    """`expected_version` from the queue: fail if the conversation changed since."""

    expected_version: int | None = None


class Reply(BaseModel):
    """An agent's reply; `client_id` makes a retry harmless. `script_id` and `suggested` say which
    suggestion it began with and how that read."""

    client_id: str
    text: str
    override_reason: str | None = None
    script_id: Annotated[str | None, Field(max_length=64)] = None
    suggested: Annotated[str | None, Field(max_length=MESSAGE_LIMIT)] = None


class Note(BaseModel):
    """A note for colleagues; those in `mentions` (ids of staff) are told."""

    text: str
    mentions: Annotated[list[int], Field(max_length=MOST_MENTIONS)] = []


@router.get("", summary="会话列表")
async def listing(
    staff: Reader,
    scope: Scope = Scope.QUEUE,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Return the queue, the caller's own conversations, or the newest the caller may read."""
    look = get_desk().database.look
    if scope == Scope.QUEUE:
        return {"conversations": [queue_json(entry) for entry in await look(service.queue)][:limit]}
    if scope == Scope.MINE:
        found = await look(service.conversations_of, staff)
    else:
        found = await look(service.recent, limit, staff=staff)
    return {"conversations": [as_json(conversation) for conversation in found[:limit]]}


@router.get("/{conversation_id}", summary="一个会话")
async def one(conversation_id: ConversationId, staff: Reader) -> dict[str, Any]:
    """Return who speaks in a conversation and how it stands."""
    return as_json(await get_desk().database.look(service.seen_by, staff, conversation_id))


@router.get("/{conversation_id}/messages", summary="会话内容")
async def messages(
    conversation_id: ConversationId,
    staff: Reader,
    after: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> dict[str, Any]:
    """Return messages with `seq` greater than `after`, notes included."""
    found = await get_desk().database.look(_messages, conversation_id, staff, after, limit)
    return {"messages": [message.as_json() for message in found]}


@router.post("/{conversation_id}/claim", summary="接入会话")
async def claim(conversation_id: ConversationId, staff: Speaker, body: Claim) -> dict[str, Any]:
    """Take a waiting conversation."""
    claimed = await get_desk().gateway.claim(
        conversation_id, staff, expected_version=body.expected_version
    )
    return as_json(claimed)


@router.post("/{conversation_id}/hand-back", summary="转回机器人")
async def hand_back(conversation_id: ConversationId, staff: Speaker) -> dict[str, Any]:
    """Let the bot speak again."""
    return as_json(await get_desk().gateway.hand_back(conversation_id, staff))


@router.post("/{conversation_id}/close", summary="结束会话")
async def close(conversation_id: ConversationId, staff: Speaker) -> dict[str, Any]:
    """End the conversation."""
    return as_json(await get_desk().gateway.close(conversation_id, staff))


@router.post("/{conversation_id}/replies", summary="发送回复（先检查话术）")
async def reply(conversation_id: ConversationId, staff: Speaker, body: Reply) -> dict[str, Any]:
    """Send a reply. `status`: `sent`, `blocked` (rewrite it) or `needs_reason` (send it again with
    `override_reason`)."""
    result = await get_desk().gateway.reply(
        conversation_id,
        staff,
        client_id=body.client_id,
        text=body.text,
        override_reason=body.override_reason,
        script_id=body.script_id,
        suggested=body.suggested,
    )
    return {
        "status": result.status,
        "message": result.message.as_json() if result.message else None,
        "verdict": result.verdict.to_dict() if result.verdict else None,
    }


@router.post("/{conversation_id}/notes", summary="添加内部备注")
async def note(conversation_id: ConversationId, staff: Reader, body: Note) -> dict[str, Any]:
    """Store a note for colleagues; the customer never sees it."""
    noted = await get_desk().gateway.note(conversation_id, staff, body.text, mentions=body.mentions)
    return noted.as_json()


def as_json(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation as the API shows it."""
    agent = conversation.assigned_to
    asked_at = conversation.last_customer_at
    return {
        "id": conversation.id,
        "mode": conversation.mode,
        "agent_name": agent.display_name if agent else None,
        "queue_reason": conversation.queue_reason,
        "is_urgent": conversation.is_urgent,
        "version": conversation.version,
        "last_seq": conversation.last_seq,
        "last_intent": conversation.last_intent,
        "source": conversation.source,
        "created_at": conversation.created_at.isoformat(),
        "last_customer_at": asked_at.isoformat() if asked_at else None,
    }


def queue_json(entry: QueueEntry) -> dict[str, Any]:
    """Return a waiting conversation as the API shows it."""
    return {
        "id": entry.conversation_id,
        "position": entry.position,
        "reason": entry.reason,
        "is_urgent": entry.is_urgent,
        "queued_at": entry.queued_at.isoformat(),
        "source": entry.source,
        "last_intent": entry.last_intent,
        "preview": entry.preview,
        "version": entry.version,
    }


def _messages(
    session: Session, conversation_id: str, staff: Staff, after: int, limit: int
) -> list[Message]:
    check_visible(session, conversation_id, staff)
    return service.messages_after(session, conversation_id, after, for_staff=True, limit=limit)
