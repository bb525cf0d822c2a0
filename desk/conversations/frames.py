"""Frames of the chat protocol: reading what customers' browsers send, and what they get."""

import json
from dataclasses import dataclass
from typing import Any

from desk.conversations.models import Conversation, Message
from desk.conversations.repository import Head
from desk.errors import DeskError
from desk.locale import t

FRAME_LIMIT = 64 * 1024
"""Bytes of one frame from a browser."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who speaks now, as the customer sees it.

    Attributes:
        queue_position: 1 is next; None for who does not wait.
        opens: when people are back, in words; None while they are here.
        wait_minutes: about how long the wait is; None where nothing is foretold.
    """

    mode: str
    agent_name: str | None
    queue_position: int | None
    opens: str | None = None
    wait_minutes: int | None = None


class BrokenFrame(ValueError):
    """Not a JSON object with a `type`, or a field of the wrong kind."""


def read_frame(raw: str | None) -> dict[str, Any]:
    """Return the object a frame holds; raises `BrokenFrame`."""
    try:
        frame = json.loads(raw or "")
    except (ValueError, RecursionError) as error:
        raise BrokenFrame from error
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BrokenFrame
    return frame


def text_of(frame: dict[str, Any], name: str) -> str:
    """Return a field that must be a string; raises `BrokenFrame`."""
    value = frame.get(name)
    if not isinstance(value, str):
        raise BrokenFrame
    return value


def optional_text_of(frame: dict[str, Any], name: str) -> str | None:
    """Return a field that must be a string, null or absent; raises `BrokenFrame`."""
    return None if frame.get(name) is None else text_of(frame, name)


def seq_of(frame: dict[str, Any], name: str = "last_seq") -> int:
    """Return the number of a message, 0 when absent; raises `BrokenFrame`."""
    value = frame.get(name) or 0
    if type(value) is not int or not 0 <= value < 2**31:
        raise BrokenFrame
    return value


def welcome(
    conversation: Conversation | Head, token: str, standing: Standing, messages: list[Message]
) -> dict[str, Any]:
    """Return the answer to `hello`."""
    return {
        "type": "welcome",
        "token": token,
        "conversation_id": conversation.id,
        **_standing(standing),
        "staff_read_seq": conversation.staff_read_seq,
        "messages": [message.as_json() for message in messages],
    }


def ack(message: Message) -> dict[str, Any]:
    """Return the acknowledgement of a stored message."""
    return {"type": "ack", **stored(message)}


def stored(message: Message) -> dict[str, Any]:
    """Return what the sender of a message needs to know once it is stored."""
    return {
        "client_id": message.client_id,
        "seq": message.seq,
        "at": message.created_at.isoformat(),
        "photos": [photo.as_json() for photo in message.photos],
    }


def new_message(message: Message) -> dict[str, Any]:
    """Return the frame of one message."""
    return {"type": "message", "message": message.as_json()}


def mode(standing: Standing) -> dict[str, Any]:
    """Return the frame that says who speaks now."""
    return {"type": "mode", **_standing(standing)}


def error(problem: DeskError, client_id: str | None = None) -> dict[str, Any]:
    """Return the frame of an error; `code` is the last part of its key."""
    return {
        "type": "error",
        "code": problem.key.rpartition(".")[2],
        "text": t(problem.key, **problem.details),
        "client_id": client_id,
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "mode": standing.mode,
        "agent_name": standing.agent_name,
        "queue_position": standing.queue_position,
        "opens": standing.opens,
        "wait_minutes": standing.wait_minutes,
    }
