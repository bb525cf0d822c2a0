"""How a conversation stands for its customer, and what of it they have not seen yet."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.conversations import service
from desk.conversations.frames import Standing
from desk.conversations.greeting import Opened
from desk.conversations.models import Message
from desk.conversations.waits import minutes_told
from desk.routing.hours import moment_in_words, next_opening, people_are_here

PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Page:
    """How a conversation stands as it was read, who of the staff has it, and the next messages
    for its customer, at most `PAGE_SIZE`."""

    standing: Standing
    agent_id: int | None
    messages: list[Message]


def read_page(session: Session, conversation_id: str, seq: int) -> Page:
    """Return how a conversation stands and what follows the message `seq`."""
    conversation = service.find(session, conversation_id)
    place = service.queue_position(session, conversation)
    wait_minutes = minutes_told(session, place, utc_now()) if place else None
    messages = service.messages_after(
        session, conversation_id, seq, for_staff=False, limit=PAGE_SIZE
    )
    agent = conversation.assigned_to
    standing = Standing(
        conversation.mode,
        agent.display_name if agent else None,
        place,
        opens=opening_in_words(),
        wait_minutes=wait_minutes,
    )
    return Page(standing, conversation.assigned_to_id, messages)


def first_page(opened: Opened) -> Page:
    """Return the page of a conversation just opened: the greeting is all there is."""
    standing = Standing(opened.conversation.mode, None, None, opens=opening_in_words())
    return Page(standing, None, [opened.greeting])


def opening_in_words() -> str | None:
    """Return when people are back; None while they are here."""
    return None if people_are_here() else moment_in_words(next_opening())
