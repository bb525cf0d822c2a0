"""What a form sees of a turn, and what it decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from actions.base import Handover, Say
from actions.turn import Turn

SKIPPED = "skipped"
"""Value of a slot the customer does not want to fill."""


@dataclass(frozen=True, slots=True)
class FormView:
    """A turn inside a form.

    Attributes:
        turn: the customer's message.
        requested: the slot asked for; None at the form's start.
        values: the slots as they stand.
        is_angry: the message shows anger.
    """

    turn: Turn
    requested: str | None
    values: Mapping[str, Any]
    is_angry: bool = False

    @property
    def plain(self) -> str:
        """The message in Simplified Chinese, half width; empty for a button."""
        return self.turn.plain

    def asks(self, slot: str) -> bool:
        """Tell whether this slot was asked for."""
        return self.requested == slot

    def value(self, slot: str) -> Any:
        """Return a slot's value; None if it was skipped or not said."""
        found = self.values.get(slot)
        return None if found == SKIPPED else found


@dataclass(frozen=True, slots=True)
class Step:
    """What a form does with a message.

    Attributes:
        says: messages before the next question.
        slots: slots to set.
        outcome: not None ends the form; the submitting action reads it.
        leaves: the form is dropped and the message handled as if there were no form.
    """

    says: tuple[Say, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    outcome: str | None = None
    leaves: bool = False


CONFIRMED = "confirmed"
CANCELLED = "cancelled"
DANGER = "danger"
FAILED = "failed"
SURVEY = "survey"
"""The message that would have begun the form answers a survey."""
HANDOVERS = {
    "handover_requested": Handover("requested"),
    "handover_anger": Handover("anger"),
    "handover_misunderstanding": Handover("misunderstanding"),
}
"""Outcomes that give the conversation to a person."""
