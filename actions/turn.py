"""One turn as an action sees it: what the customer wrote, what it was taken for, what is known."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from scripts_library.text.chinese import to_simplified

LONG_SILENCE_HOURS = 6.0
"""After it a customer who comes back is told where the talk stood."""

MAX_TEXT = 4000
"""A customer's message is at most so long (the desk's limit); the rest is not read."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What an action needs of the tracker.

    Attributes:
        text: what the customer typed, as typed; empty when a button was pressed.
        plain: the same in Simplified Chinese, half width, one line.
        intent, confidence: the best intent; `nlu_fallback` if none was sure enough.
        ranking: all intents with their confidence, best first, without `nlu_fallback`.
        entities: name -> values, in the order of the text.
        slots: the tracker's slots.
        conversation_id: the desk's conversation.
        message_id: id of the customer's message, the root of every `source_key`.
        questions: intent and words of each question, where the language part heard several.
        is_repeated: the customer sent the same text the time before.
        is_greeted: the customer was greeted before, by the bot or by the desk with its page.
        silent_hours: hours between this message and the customer's message before it.
    """

    text: str
    plain: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    entities: Mapping[str, tuple[str, ...]]
    slots: Mapping[str, Any]
    conversation_id: str
    message_id: str
    questions: tuple[tuple[str, str], ...] = ()
    is_repeated: bool = False
    is_greeted: bool = False
    silent_hours: float = 0.0

    def first(self, entity: str) -> str | None:
        """Return the first value of an entity, or None."""
        values = self.entities.get(entity, ())
        return values[0] if values else None

    @property
    def button(self) -> str | None:
        """The pressed button's name, or None."""
        return self.first("button")


def plain_text(text: str) -> str:
    """Return a text in Simplified Chinese, half width, without line breaks and control characters.

    Full stops and commas of Chinese stay as they are.
    """
    folded = unicodedata.normalize("NFKC", to_simplified(text[:MAX_TEXT]))
    return "".join(
        c if not unicodedata.category(c).startswith("C") else " " for c in folded
    ).strip()


def read_turn(tracker: Tracker) -> Turn:
    """Read the present turn; never raises, whatever is missing."""
    message = tracker.latest_message or {}
    said = str(message.get("text") or "")
    text = "" if said.startswith("/") else said[:MAX_TEXT]
    intent = message.get("intent") or {}
    metadata = message.get("metadata") or {}
    users = [event for event in tracker.events or [] if event.get("event") == "user"]
    return Turn(
        text=text,
        plain=plain_text(text),
        intent=str(intent.get("name") or "nlu_fallback"),
        confidence=float(intent.get("confidence") or 0.0),
        ranking=_ranking(message),
        entities=_entities(message),
        slots=tracker.slots,
        conversation_id=str(tracker.sender_id),
        message_id=str((users[-1].get("message_id") if users else None) or ""),
        questions=_questions(message, text),
        is_repeated=bool(text) and len(users) > 1 and users[-2].get("text") == said,
        is_greeted=bool(tracker.slots.get("is_greeted") or metadata.get("is_greeted")),
        silent_hours=_silent_hours(users),
    )


def _ranking(message: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    found = message.get("intent_ranking") or []
    return tuple(
        (str(item["name"]), float(item.get("confidence") or 0.0))
        for item in found
        if item.get("name") and item["name"] != "nlu_fallback"
    )


def _questions(message: Mapping[str, Any], text: str) -> tuple[tuple[str, str], ...]:
    found = message.get("questions") or []
    return tuple(
        (str(one["intent"]), plain_text(text[int(one["start"]) : int(one["end"])])) for one in found
    )


def _entities(message: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entity in message.get("entities") or []:
        name, value = entity.get("entity"), entity.get("value")
        if name and value not in (None, ""):
            found[name] = (*found.get(name, ()), str(value))
    return found


def _silent_hours(users: list[dict[str, Any]]) -> float:
    if len(users) < 2:
        return 0.0
    before, now = (float(event.get("timestamp") or 0.0) for event in users[-2:])
    return max(0.0, now - before) / 3600 if before and now else 0.0
