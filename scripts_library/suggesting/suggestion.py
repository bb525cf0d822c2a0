"""What goes into the suggester and what comes out: the context, a suggestion, filling in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scripts_library.errors import TextError
from scripts_library.suggesting.library import FILL_INS

MAX_QUERY = 200
MAX_VALUE = 100
CUSTOMER = frozenset({"customer", "user", "visitor"})
"""Senders whose messages are the customer's."""

_FILL_IN = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class SuggestionContext:
    """What is known when an agent is about to reply.

    `messages` are `(sender, text)`, oldest first; the customer's have a sender of `CUSTOMER`.
    `intent` is a topic id, `step` one of `library.STEPS`, `known` maps fill-ins to their values.
    """

    messages: tuple[tuple[str, str], ...]
    intent: str | None = None
    step: str | None = None
    ticket_state: str | None = None
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A script offered for this conversation.

    `text` is filled in; what isn't known stands there as `【请填写：工单号】` and by name in
    `missing`. `score` is 0-1 and comparable between conversations. `reason` is for the agent.
    `source` is the file and line of the script, then its owner.
    """

    script_id: str
    text: str
    template: str
    score: float
    reason: str
    missing: tuple[str, ...]
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {**asdict(self), "missing": list(self.missing)}


def fill_in(template: str, known: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the text with known values put in, and the names of the fill-ins left open.

    Values are cut to `MAX_VALUE` code points and line breaks become spaces; a brace inside a value
    is text and is not filled in again.
    """
    missing: dict[str, None] = {}

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        value = " ".join(str(known.get(name) or "").split())[:MAX_VALUE]
        if value:
            return value
        missing[name] = None
        return f"【请填写：{FILL_INS.get(name, name)}】"

    return _FILL_IN.sub(value_of, template), tuple(missing)


def customer_text(messages: Sequence[tuple[str, str]]) -> str:
    """Return what the customer wrote since the last reply, or last of all; "" if nothing.

    At most `MAX_QUERY` code points, the newest.

    Raises:
        TextError: a message is not a pair of strings.
    """
    turn: list[str] = []
    for message in reversed(messages):
        if len(message) != 2 or not all(isinstance(part, str) for part in message):
            raise TextError("messages 的每一项应为 (发送者, 文字) 两个字符串")
        sender, text = message
        if sender in CUSTOMER:
            turn.append(text.strip())
        elif any(turn):
            break
    query = "，".join(text for text in reversed(turn) if text)[-MAX_QUERY:]
    return query if any(c.isalnum() for c in query) else ""
