"""How a conversation stands for its customer, and what of it they have not seen yet."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.conversations import service
from desk.conversations.frames import Standing
from desk.conversations.models import Conversation, Message
from desk.conversations.waits import minutes_told
from desk.routing.hours import moment_in_words, next_opening, people_are_here

PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A conversation as it was read, and the next messages for its customer, at most
    `PAGE_SIZE`."""

    conversation: Conversation
    standing: Standing
    messages: list[Message]


def read_page(session: Session, conversation_id: str, seq: int) -> Page:
    """Return how a conversation stands and what follows the message `seq`."""
    conversation = service.find(session, conversation_id)
    place = service.queue_position(session, conversation)
    wait_minutes = minutes_told(session, place, utc_now()) if place else None
    messages = service.messages_after(
        session, conversation_id, seq, for_staff=False, limit=PAGE_SIZE
    )
    standing = standing_of(conversation, place=place, wait_minutes=wait_minutes)
    return Page(conversation, standing, messages)


def standing_of(
    conversation: Conversation, *, place: int | None = None, wait_minutes: int | None = None
) -> Standing:
    """Return how a conversation stands; who waits has a place."""
    agent = conversation.assigned_to
    return Standing(
        conversation.mode,
        agent.display_name if agent else None,
        place,
        opens=opening_in_words(),
        wait_minutes=wait_minutes,
    )


def opening_in_words() -> str | None:
    """Return when people are back; None while they are here."""
    return None if people_are_here() else moment_in_words(next_opening())
