"""Stores what the bot answered, or that it did not, and takes up what a crash left behind."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.conversations import repository
from desk.conversations.domain import BotMessage, BotTurn, HandoverReason
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.conversations.news import News
from desk.conversations.repository import Head
from desk.conversations.speakers import enqueue
from desk.conversations.writing import Line, append, card_in_script_of, in_script_of


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """A customer's message as the bot gets it; `source` is web or widget."""

    conversation_id: str
    text: str
    payload: str | None
    source: str
    is_traditional: bool


def turn_request(session: Session, message_id: int) -> TurnRequest | None:
    """Return what to send to the bot; None if the bot must not answer this message any more."""
    message = session.get_one(Message, message_id)
    conversation = repository.by_id(session, message.conversation_id)
    return request_of(conversation, message)


def request_of(conversation: Conversation | Head, message: Message) -> TurnRequest | None:
    """As `turn_request`, for a message and its conversation in hand."""
    if not _awaits_bot(conversation, message):
        return None
    return TurnRequest(
        conversation.id,
        message.text,
        message.payload,
        conversation.source,
        conversation.is_traditional,
    )


def apply_bot_turn(
    session: Session,
    conversation_id: str,
    message_id: int,
    turn: BotTurn,
    *,
    now: datetime | None = None,
) -> News | None:
    """Store the bot's messages and carry out its commands; None if it did not.

    If the conversation has gone to people or was closed while the bot thought, nothing of the
    turn is kept: the bot is silent (R-G9). A second turn for the same message is dropped too.
    """
    now = now or utc_now()
    head = repository.locked_head(session, conversation_id)
    if head.mode != Mode.BOT:
        repository.settle(session, message_id, now=now)
        return None
    intent = turn.intent and turn.intent[:32]
    understood = {"intent": intent, "confidence": turn.confidence}
    if not repository.settle(session, message_id, now=now, **understood):
        return None
    messages = [
        append(session, head, Sender.BOT, _line(head, said), now=now, last_intent=intent)
        for said in turn.messages
    ]
    if not turn.commands:
        return News(head, messages)
    conversation = repository.locked(session, conversation_id)
    # Where the bot said nothing, no message has noted it.
    conversation.last_intent = intent
    for command in turn.commands:
        enqueue(session, conversation, reason=command.reason, urgent=command.urgent, now=now)
    return News(conversation, messages)


def fail_bot_turn(
    session: Session,
    conversation_id: str,
    message_id: int,
    *,
    reason: str = HandoverReason.BOT_UNAVAILABLE,
    now: datetime | None = None,
) -> bool:
    """The bot gave no answer: tell the customer and queue; tells whether anything changed."""
    conversation = repository.locked(session, conversation_id)
    message = session.get_one(Message, message_id)
    if not _awaits_bot(conversation, message):
        return False
    return enqueue(session, conversation, reason=reason, urgent=False, now=now or utc_now())


def left_behind(session: Session, before: datetime) -> list[tuple[str, int]]:
    """Return (conversation id, message id) of customers' messages older than `before` that the
    bot still owes an answer, oldest first."""
    query = (
        select(Message.conversation_id, Message.id)
        .where(repository.is_unhandled(), Message.created_at < before)
        .order_by(Message.id)
    )
    return [(conversation_id, message_id) for conversation_id, message_id in session.execute(query)]


def _awaits_bot(conversation: Conversation | Head, message: Message) -> bool:
    return conversation.mode == Mode.BOT and message.handled_at is None


def _line(head: Head, said: BotMessage) -> Line:
    buttons = [{**button, "title": in_script_of(head, button["title"])} for button in said.buttons]
    return Line(
        in_script_of(head, said.text), buttons=buttons, card=card_in_script_of(head, said.card)
    )
