"""Rules of a conversation without a database: who speaks, what a message may be, bot turns."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MESSAGE_LIMIT = 4000
"""Code points of one message, after cleaning."""
PREVIEW_LENGTH = 80
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEPT_CONTROLS = "\n\t"
# Turn the reading direction of what follows: a way to make a text look like another.
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\u00ad\u3164")


class Step(StrEnum):
    """What can happen to the question who speaks."""

    HAND_OVER = "hand_over"
    CLAIM = "claim"
    TRANSFER = "transfer"
    HAND_BACK = "hand_back"
    CLOSE = "close"
    REOPEN = "reopen"
    PASS_ON = "pass_on"
    GIVE_UP = "give_up"


MODE_AFTER: dict[tuple[str, Step], str] = {
    ("bot", Step.HAND_OVER): "queued",
    ("queued", Step.CLAIM): "agent",
    ("agent", Step.TRANSFER): "agent",
    ("agent", Step.HAND_BACK): "bot",
    ("bot", Step.CLOSE): "closed",
    ("queued", Step.CLOSE): "closed",
    ("agent", Step.CLOSE): "closed",
    ("closed", Step.REOPEN): "bot",
    ("agent", Step.PASS_ON): "queued",
    ("queued", Step.GIVE_UP): "bot",
}
"""All allowed steps: `(mode, step) -> mode`. What is not here can't happen."""


class HandoverReason(StrEnum):
    """Why a conversation goes to people; each has its text in `chat.handover`."""

    REQUESTED = "requested"
    MISUNDERSTANDING = "misunderstanding"
    MAJOR_COMPLAINT = "major_complaint"
    ANGER = "anger"
    BOT_ERROR = "bot_error"
    BOT_UNAVAILABLE = "bot_unavailable"
    PASSED_ON = "passed_on"
    AGENT_GONE = "agent_gone"
    OTHER = "other"

    @classmethod
    def parse(cls, text: str) -> "HandoverReason":
        """Return the reason of this name; an unknown one is `OTHER`."""
        return cls(text) if text in set(cls) else cls.OTHER


@dataclass(frozen=True, slots=True)
class BotMessage:
    """One message of the bot; `buttons` are `{"title", "payload"}`, `card` as in `cards`."""

    text: str
    buttons: tuple[dict[str, str], ...] = ()
    card: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """The bot's command to hand the conversation to people."""

    reason: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class BotTurn:
    """All that the bot answers to one message. `confidence` is 0 to 1, None without an intent."""

    messages: tuple[BotMessage, ...]
    commands: tuple[Handover, ...] = ()
    intent: str | None = None
    confidence: float | None = None


def clean_text(text: str) -> str:
    """Return the text as it is stored: no control characters, NULs, lone surrogates or direction
    marks, line ends as `\\n`, no blanks around. Empty if nothing visible is left."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(char for char in unified if _is_kept(char)).strip()
    return kept if any(char not in _INVISIBLE and not char.isspace() for char in kept) else ""


def is_client_id(client_id: str) -> bool:
    """Tell whether this may be a sender's id of a message: 1-64 of letters, digits, `-`, `_`."""
    return bool(_CLIENT_ID.fullmatch(client_id))


def preview(text: str) -> str:
    """Return the beginning of a text on one line, for lists."""
    line = " ".join(text.split())
    return line if len(line) <= PREVIEW_LENGTH else line[: PREVIEW_LENGTH - 1] + "…"


def _is_kept(char: str) -> bool:
    if char in _KEPT_CONTROLS:
        return True
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in _DIRECTION_MARKS
