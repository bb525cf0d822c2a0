"""Conversations: open, resume, write. Who speaks is decided in `speakers`; reading in `reading`.

All functions work in the caller's transaction and never commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations import capability, repository
from desk.conversations.bot_turns import apply_bot_turn, fail_bot_turn
from desk.conversations.cards import card_payloads
from desk.conversations.domain import MESSAGE_LIMIT, clean_text
from desk.conversations.mentions import mention
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
from desk.conversations.repository import Head
from desk.conversations.speakers import (
    claim,
    close,
    give_to,
    hand_back,
    reopen,
    request_handover,
    seen_by,
    step_in,
    transfer_to,
    transfer_to_group,
)
from desk.conversations.waits import note_reply
from desk.conversations.writing import Line, append, earlier_message
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
    "claim",
    "close",
    "conversations_of",
    "fail_bot_turn",
    "find",
    "give_to",
    "hand_back",
    "last_messages",
    "message_text",
    "messages_after",
    "open_conversation",
    "queue",
    "queue_position",
    "recent",
    "request_handover",
    "seen_by",
    "sent_before",
    "step_in",
    "transfer_to",
    "transfer_to_group",
]

SOURCES = frozenset({"web", "widget"})


@dataclass(frozen=True, slots=True)
class AddedMessage:
    """A stored message of a conversation; `is_new` is False when a retry found the first one."""

    message: Message
    conversation: Conversation | Head
    is_new: bool


def open_conversation(
    session: Session,
    *,
    source: str = "web",
    browser: str | None = None,
    is_traditional: bool = False,
    now: datetime | None = None,
) -> tuple[Head, str]:
    """Store a new conversation in bot mode; return its head and the customer's secret token.

    `browser` is the secret of the browser's cookie; see `capability`. `is_traditional` is the
    script of the page, until the customer's own words show theirs.
    """
    now = now or utc_now()
    head = Head(
        id=uuid4().hex,
        mode=Mode.BOT,
        assigned_to_id=None,
        last_seq=0,
        staff_read_seq=0,
        is_traditional=is_traditional,
        source=source if source in SOURCES else "web",
    )
    repository.insert_conversation(session, head, now=now)
    return head, capability.issue(session, head.id, browser=browser, now=now)


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

    `payload` is kept only if a button or card of the newest message with buttons offers it. A
    closed conversation begins again in bot mode. In bot mode the message waits for the bot
    (`handled_at` is None).

    Raises:
        InvalidInput: empty, too long, or a malformed `client_id`.
    """
    now = now or utc_now()
    head = repository.locked_head(session, conversation_id)
    earlier = earlier_message(session, head, client_id, Sender.CUSTOMER)
    if earlier:
        return AddedMessage(earlier, head, is_new=False)
    text = message_text(text)
    if head.mode == Mode.CLOSED:
        reopen(session, repository.locked(session, conversation_id), now=now)
        head = repository.locked_head(session, conversation_id)
    is_for_bot = head.mode == Mode.BOT
    line = Line(
        text,
        client_id=client_id,
        payload=_offered(session, head.id, payload) if is_for_bot else None,
        handled_at=None if is_for_bot else now,
    )
    noted: dict[str, Any] = {"last_customer_at": now}
    script = is_traditional(text)
    if script not in (None, head.is_traditional):
        noted["is_traditional"] = script
    message = append(session, head, Sender.CUSTOMER, line, now=now, **noted)
    return AddedMessage(message, head, is_new=True)


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
    earlier = earlier_message(session, conversation, client_id, Sender.CUSTOMER)
    if earlier:
        return AddedMessage(earlier, conversation, is_new=False)
    line = Line(message_text(text), client_id=client_id, payload=payload, handled_at=now)
    message = append(session, conversation, Sender.CUSTOMER, line, now=now, last_customer_at=now)
    return AddedMessage(message, conversation, is_new=True)


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
    earlier = earlier_message(session, conversation, client_id, Sender.AGENT)
    if earlier:
        return AddedMessage(earlier, conversation, is_new=False)
    if conversation.mode != Mode.AGENT or conversation.assigned_to_id != agent.id:
        raise Conflict("errors.conversation_not_yours")
    line = Line(message_text(text), staff=agent, client_id=client_id)
    now = now or utc_now()
    message = append(session, conversation, Sender.AGENT, line, now=now)
    note_reply(session, conversation.id, now)
    return AddedMessage(message, conversation, is_new=True)


def sent_before(session: Session, conversation: Conversation, client_id: str) -> Message | None:
    """Return the agent's message that was already stored under this id."""
    return earlier_message(session, conversation, client_id, Sender.AGENT)


def add_note(
    session: Session,
    conversation_id: str,
    staff: Staff,
    text: str,
    *,
    mentions: Iterable[int] = (),
    now: datetime | None = None,
) -> Message:
    """Store a note for colleagues; the customer never sees it.

    Those in `mentions` (ids of staff) get a notice and may read the conversation.

    Raises:
        InvalidInput: empty, too long, or somebody who can't be named.
    """
    now = now or utc_now()
    require(staff, Role.AGENT, Role.SUPERVISOR, Role.QA)
    seen_by(session, staff, conversation_id)
    conversation = repository.locked(session, conversation_id)
    line = Line(message_text(text), staff=staff)
    message = append(session, conversation, Sender.NOTE, line, now=now)
    mention(session, message, staff, mentions, now=now)
    return message


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


def _offered(session: Session, conversation_id: str, payload: str | None) -> str | None:
    """Return the payload if the newest message of the bot, or the newest of the desk that has
    buttons, offers it: a customer can't send the bot commands of their own making."""
    if not payload:
        return None
    offering = (
        repository.newest_from(session, conversation_id, Sender.BOT),
        repository.newest_from(session, conversation_id, Sender.SYSTEM, with_buttons=True),
    )
    asked = [message for message in offering if message]
    offered = {button.get("payload") for message in asked for button in message.buttons}
    offered.update(edit for message in asked for edit in card_payloads(message.card))
    return payload if payload in offered else None
