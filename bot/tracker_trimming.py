"""Keeps Rasa's record of a long talk short: its last turns, and what was known before them."""

from __future__ import annotations

from collections.abc import Iterable

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker


def shortened(
    tracker: DialogueStateTracker, slots: Iterable[Slot], turns: int
) -> list[Event] | None:
    """Return events that stand for all of the tracker's: a new session that begins with every slot
    and the form as they were, then the last turns as they happened.

    None where nothing can be left out: in the middle of a turn, or with no more turns than these.
    """
    events = list(tracker.events)
    starts = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if tracker.latest_action_name != ACTION_LISTEN_NAME or len(starts) <= turns:
        return None
    cut = starts[-turns]
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], slots=slots)
    # Nothing may look newer than the turns that follow.
    at = events[cut].timestamp
    known: list[Event] = [
        SlotSet(name, slot.value, timestamp=at)
        for name, slot in before.slots.items()
        if slot.value != slot.initial_value
    ]
    if before.active_loop_name:
        known.append(ActiveLoop(before.active_loop_name, timestamp=at))
    listening = ActionExecuted(ACTION_LISTEN_NAME, timestamp=at)
    return [SessionStarted(timestamp=at), *known, listening, *events[cut:]]
