"""What all actions share: reading the turn, one transaction, honest failure."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.turn import Turn, read_turn
from desk.conversations.models import Conversation
from desk.current import get_desk

log = logging.getLogger(__name__)

Button = dict[str, str]

PASSING = ("survey_comment",)
"""Slots that hold for the next message only."""


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the customer: a response of the domain with its values.

    `buttons` are added to those of the response. `card` shows the same as a form or a list (see
    `desk.conversations.cards`).
    """

    response: str
    values: Mapping[str, Any] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    card: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A person takes over; the desk carries it out (R-G9)."""

    reason: str
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What an action says and what it remembers; the hand-over comes last."""

    says: tuple[Say, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    handover: Handover | None = None


def utter(dispatcher: CollectingDispatcher, reply: Reply) -> list[EventType]:
    """Send a reply and return its slots as events."""
    for say in reply.says:
        dispatcher.utter_message(
            response=say.response,
            buttons=list(say.buttons),
            json_message={"card": dict(say.card)} if say.card else None,
            **dict(say.values),
        )
    if reply.handover:
        hand_over(dispatcher, reply.handover)
    return [SlotSet(name, value) for name, value in reply.slots.items()]


def hand_over(dispatcher: CollectingDispatcher, handover: Handover) -> None:
    """Tell the customer and give the desk the command; the bot is silent from then on."""
    dispatcher.utter_message(response=f"utter_handover_{handover.reason}")
    command = {"command": "handover", "reason": handover.reason, "urgent": handover.is_urgent}
    dispatcher.utter_message(json_message=command)


def conversation_in(session: Session, turn: Turn) -> str | None:
    """Return the conversation's id if the desk has it: `kefu chat` talks without one."""
    return turn.conversation_id if session.get(Conversation, turn.conversation_id) else None


def source_key(turn: Turn, what: str) -> str | None:
    """Return the key that makes a repeated action call harmless; None if Rasa gave no id."""
    return f"{turn.message_id[:40]}:{what}" if turn.message_id else None


def reset(names: Iterable[str]) -> dict[str, Any]:
    """Return the slots with these names emptied."""
    return dict.fromkeys(names)


class DeskAction(Action, ABC):
    """An action that answers a turn; a failure becomes an apology, never a traceback.

    Subclasses set `action_name` and write `reply`. `resets` are the slots emptied on failure.
    """

    @property
    @abstractmethod
    def action_name(self) -> str:
        """The action's name in the domain; a class without one is not registered."""

    resets: tuple[str, ...] = ()
    keeps_misses = False

    def name(self) -> str:
        return self.action_name

    @abstractmethod
    async def reply(self, turn: Turn) -> Reply:
        """Return what to say and remember; database work in one `database.run`."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        turn = read_turn(tracker)
        try:
            reply = await self.reply(turn)
        except Exception as error:
            # The edge towards Rasa: whatever broke, the customer gets an answer. The text of the
            # error may hold what the customer wrote, so only its kind is logged.
            log.error("%s failed: %s", self.name(), type(error).__name__)
            reply = Reply((Say("utter_trouble"),), reset(self.resets))
        events = utter(dispatcher, reply)
        over = (slot for slot in PASSING if turn.slots.get(slot) and slot not in reply.slots)
        events += [SlotSet(slot, None) for slot in over]
        if not self.keeps_misses and turn.slots.get("misses"):
            events.append(SlotSet("misses", 0))
        return events


__all__ = [
    "Button",
    "DeskAction",
    "Handover",
    "Reply",
    "Say",
    "conversation_in",
    "get_desk",
    "hand_over",
    "reset",
    "source_key",
    "utter",
]
