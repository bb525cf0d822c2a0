"""Conversations: open, resume, write. Who speaks is decided in `speakers`; reading in `reading`.

All functions work in the caller's transaction and never commit.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations import repository
from desk.conversations.bot_turns import apply_bot_turn, apply_greeting, fail_bot_turn
from desk.conversations.domain import MESSAGE_LIMIT, clean_text, is_client_id
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.reading import (
    QueueEntry,
    conversations_of,
    last_messages,
    messages_after,
    queue,
    queue_position,
    recent,
)
from desk.conversations.speakers import (
    claim,
    close,
    hand_back,
    reopen,
    request_handover,
    seen_by,
    transfer_to,
)
from desk.conversations.writing import Line, append
from desk.errors import Conflict, InvalidInput
from scripts_library.text.chinese import is_traditional

__all__ = [
    "AddedMessage",
    "QueueEntry",
    "add_agent_message",
    "add_customer_message",
    "add_note",
    "add_settled_message",
    "apply_bot_turn",
    "apply_greeting",
    "claim",
    "close",
    "conversations_of",
    "fail_bot_turn",
    "find",
    "hand_back",
    "last_messages",
    "message_text",
    "messages_after",
    "open_conversation",
    "queue",
    "queue_position",
    "recent",
    "request_handover",
    "resume",
    "seen_by",
    "sent_before",
    "transfer_to",
]

SOURCES = frozenset({"web", "widget"})


@dataclass(frozen=True, slots=True)
class AddedMessage:
    """A stored message; `is_new` is False when a retry found the first one."""

    message: Message
    is_new: bool


def open_conversation(
    session: Session, *, source: str = "web", now: datetime | None = None
) -> tuple[Conversation, str]:
    """Store a new conversation in bot mode; return it with the customer's secret token."""
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=uuid4().hex,
        token_hash=repository.hash_token(token),
        mode=Mode.BOT,
        is_urgent=False,
        version=1,
        last_seq=0,
        is_traditional=False,
        source=source if source in SOURCES else "web",
        created_at=now or utc_now(),
    )
    session.add(conversation)
    session.flush()
    return conversation, token


def resume(session: Session, token: str) -> Conversation:
    """Return the conversation of a customer's token, also a closed one; raises `NotFound`."""
    return repository.by_token(session, token)


def find(session: Session, conversation_id: str) -> Conversation:
    """Return the conversation of this id; raises `NotFound`. Staff: use `seen_by`."""
    return repository.by_id(session, conversation_id)


def add_customer_message(
    session: Session,
    conversation_id: str,
    *,
    client_id: str,
    text: str,
    payload: str | None = None,
    now: datetime | None = None,
) -> AddedMessage:
    """Store a customer's message once, however often it is sent.

    `payload` is kept only if a button of the newest message with buttons offers it. A closed
    conversation begins again in bot mode. In bot mode the message waits for the bot
    (`handled_at` is None).

    Raises:
        InvalidInput: empty, too long, or a malformed `client_id`.
    """
    now = now or utc_now()
    conversation = repository.locked(session, conversation_id)
    earlier = _earlier(session, conversation, client_id, Sender.CUSTOMER)
    if earlier:
        return AddedMessage(earlier, is_new=False)
    text = message_text(text)
    if conversation.mode == Mode.CLOSED:
        reopen(session, conversation, now=now)
    if (script := is_traditional(text)) is not None:
        conversation.is_traditional = script
    is_for_bot = conversation.mode == Mode.BOT
    line = Line(
        text,
        client_id=client_id,
        payload=_offered(session, conversation, payload) if is_for_bot else None,
        handled_at=None if is_for_bot else now,
    )
    conversation.last_customer_at = now
    message = append(session, conversation, Sender.CUSTOMER, line, now=now)
    return AddedMessage(message, is_new=True)


def add_settled_message(
    session: Session,
    conversation_id: str,
    *,
    client_id: str,
    text: str,
    payload: str | None = None,
    now: datetime | None = None,
) -> AddedMessage:
    """Store a customer's message that the desk answers itself: nobody else has to, and whoever
    speaks goes on speaking. A conversation that has ended stays so.

    Raises:
        InvalidInput: as for `add_customer_message`.
    """
    now = now or utc_now()
    conversation = repository.locked(session, conversation_id)
    earlier = _earlier(session, conversation, client_id, Sender.CUSTOMER)
    if earlier:
        return AddedMessage(earlier, is_new=False)
    line = Line(message_text(text), client_id=client_id, payload=payload, handled_at=now)
    conversation.last_customer_at = now
    return AddedMessage(append(session, conversation, Sender.CUSTOMER, line, now=now), is_new=True)


def add_agent_message(
    session: Session,
    conversation_id: str,
    agent: Staff,
    *,
    client_id: str,
    text: str,
    now: datetime | None = None,
) -> AddedMessage:
    """Store an agent's message once. The wording check comes before: see `reviews.replies`.

    Raises:
        Conflict: the conversation is not assigned to this agent: exactly one speaks.
        InvalidInput: as for customers.
    """
    require(agent, Role.AGENT, Role.SUPERVISOR)
    conversation = repository.locked(session, conversation_id)
    earlier = _earlier(session, conversation, client_id, Sender.AGENT)
    if earlier:
        return AddedMessage(earlier, is_new=False)
    if conversation.mode != Mode.AGENT or conversation.assigned_to_id != agent.id:
        raise Conflict("errors.conversation_not_yours")
    line = Line(message_text(text), staff=agent, client_id=client_id)
    message = append(session, conversation, Sender.AGENT, line, now=now or utc_now())
    return AddedMessage(message, is_new=True)


def sent_before(session: Session, conversation: Conversation, client_id: str) -> Message | None:
    """Return the agent's message that was already stored under this id."""
    return _earlier(session, conversation, client_id, Sender.AGENT)


def add_note(
    session: Session,
    conversation_id: str,
    staff: Staff,
    text: str,
    *,
    now: datetime | None = None,
) -> Message:
    """Store a note for colleagues; the customer never sees it."""
    require(staff, Role.AGENT, Role.SUPERVISOR, Role.QA)
    seen_by(session, staff, conversation_id)
    conversation = repository.locked(session, conversation_id)
    line = Line(message_text(text), staff=staff)
    return append(session, conversation, Sender.NOTE, line, now=now or utc_now())


def message_text(text: str) -> str:
    """Return the text as it is stored.

    Raises:
        InvalidInput: nothing visible in it, or more than `MESSAGE_LIMIT` code points.
    """
    cleaned = clean_text(text)
    if not cleaned:
        raise InvalidInput("errors.empty_message", field="text")
    if len(cleaned) > MESSAGE_LIMIT:
        raise InvalidInput("errors.message_too_long", field="text", limit=MESSAGE_LIMIT)
    return cleaned


def _earlier(
    session: Session, conversation: Conversation, client_id: str, sender: Sender
) -> Message | None:
    if not is_client_id(client_id):
        raise InvalidInput("errors.client_id_invalid", field="client_id")
    earlier = repository.message_by_client_id(session, conversation.id, client_id)
    if earlier is not None and earlier.sender != sender:
        raise Conflict("errors.client_id_used", field="client_id")
    return earlier


def _offered(session: Session, conversation: Conversation, payload: str | None) -> str | None:
    """Return the payload if the newest message of the bot, or the newest of the desk that has
    buttons, offers it: a customer can't send the bot commands of their own making."""
    if not payload:
        return None
    offering = (
        repository.newest_from(session, conversation.id, Sender.BOT),
        repository.newest_from(session, conversation.id, Sender.SYSTEM, with_buttons=True),
    )
    buttons = [button for message in offering if message for button in message.buttons]
    return payload if any(button.get("payload") == payload for button in buttons) else None
