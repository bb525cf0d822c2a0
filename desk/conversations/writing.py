"""Adds messages to a conversation. The caller holds the conversation's lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.conversations import repository
from desk.conversations.cards import Card, in_script
from desk.conversations.domain import is_client_id
from desk.conversations.models import ChatPhoto, Conversation, Message, Sender
from desk.conversations.repository import Head
from desk.errors import Conflict, InvalidInput
from desk.locale import t
from scripts_library.text.chinese import to_traditional


@dataclass(frozen=True, slots=True)
class Line:
    """What a new message says; `card` and photos say the same as `text` in another form."""

    text: str
    staff: Staff | None = None
    client_id: str | None = None
    payload: str | None = None
    buttons: Iterable[dict[str, str]] = ()
    card: dict[str, Any] | None = None
    photos: Iterable[ChatPhoto] = ()
    handled_at: datetime | None = None


def append(
    session: Session,
    conversation: Conversation | Head,
    sender: Sender,
    line: Line,
    *,
    now: datetime,
    **noted: Any,
) -> Message:
    """Store a message as the next of its conversation, at once, and return it.

    Args:
        noted: other columns of the conversation that change with it.

    Every turn of every talk does this twice, and the session's unit of work costs several times
    what the two statements do. So the message returned belongs to no session: changes to it would
    not be written.
    """
    seq, photos = conversation.last_seq + 1, list(line.photos)
    columns = {
        "conversation_id": conversation.id,
        "seq": seq,
        "sender": sender,
        "staff_id": line.staff.id if line.staff else None,
        "client_id": line.client_id,
        "text": line.text,
        "payload": line.payload,
        "buttons": list(line.buttons),
        "card": line.card,
        "handled_at": line.handled_at,
        "created_at": now,
    }
    message_id = repository.insert_message(session, columns)
    repository.note(session, conversation, last_seq=seq, **noted)
    for photo in photos:
        photo.message_id = message_id
        session.add(photo)
    return Message(id=message_id, staff=line.staff, photos=photos, **columns)


def earlier_message(
    session: Session, conversation: Conversation | Head, client_id: str, sender: Sender
) -> Message | None:
    """Return the message that this sender already stored under this id, None if it is new.

    Raises:
        InvalidInput: a malformed id.
        Conflict: somebody else's message has it.
    """
    if not is_client_id(client_id):
        raise InvalidInput("errors.client_id_invalid", field="client_id")
    earlier = repository.message_by_client_id(session, conversation.id, client_id)
    if earlier is not None and earlier.sender != sender:
        raise Conflict("errors.client_id_used", field="client_id")
    return earlier


def say(
    session: Session,
    conversation: Conversation,
    key: str,
    *,
    now: datetime,
    staff: Staff | None = None,
    **values: Any,
) -> Message:
    """Store a system message from the locale, in the customer's script.

    `staff` is who it is about: it counts as having taken part in the conversation.
    """
    line = Line(in_script_of(conversation, t(key, **values)), staff=staff)
    return append(session, conversation, Sender.SYSTEM, line, now=now)


def card_in_script_of(conversation: Conversation | Head, card: Card | None) -> Card | None:
    """Return the card in the script the customer writes."""
    return in_script(card, to_traditional) if card and conversation.is_traditional else card


def in_script_of(conversation: Conversation | Head, text: str) -> str:
    """Return the text in the script the customer writes."""
    return to_traditional(text) if conversation.is_traditional else text
