"""Writes the played talks as Rasa test stories: `python -m tests.conversations.export MODEL`.

The stories (`test_*.yml`) fix for every talk which intent and entities each sentence has and which
actions and forms follow; `rasa test` checks them without running actions. Play the talks first: a
story is only as right as the talk it was written from. Read the diff before committing it.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from tests.actions.support import make_desk
from tests.conversations.play import Player, load_agent, read_talks

FOLDER = Path(__file__).resolve().parent
SILENT = {"action_listen", "action_session_start"}
SURE = 0.6
MATTERING = ("ask_", "request_human", "cancel_", "thank", "bot_challenge", "change_order")
DECIDING_SLOTS = {"pending_offer"}
"""Slots that rules look at; the rest would only make the stories long."""


def steps_of(events: list[Event]) -> list[dict[str, Any]]:
    """Return a conversation's events as the steps of a test story."""
    steps: list[dict[str, Any]] = []
    is_in_form = False
    for event in events:
        if isinstance(event, UserUttered):
            steps.append(_user(event, is_in_form=is_in_form))
        elif isinstance(event, ActionExecuted) and event.action_name not in SILENT:
            steps.append({"action": event.action_name})
        elif isinstance(event, ActiveLoop):
            is_in_form = event.name is not None
            steps.append({"active_loop": event.name})
        elif isinstance(event, SlotSet) and event.key in DECIDING_SLOTS and event.value:
            steps.append({"slot_was_set": [{event.key: event.value}]})
    return steps


def _user(event: UserUttered, *, is_in_form: bool) -> dict[str, Any]:
    """Return a message as a step: with its words where its intent decides what happens.

    Inside a form an answer (「王建国 138…」) is read by the form, not by its intent.
    """
    text, intent = event.text or "", event.intent["name"]
    is_sure = float(event.intent.get("confidence") or 0.0) >= SURE
    is_answer = is_in_form and not (is_sure and intent.startswith(MATTERING))
    if text.startswith("/") or is_answer:
        named = [{e["entity"]: e["value"]} for e in event.entities if text.startswith("/")]
        return {"intent": intent, **({"entities": named} if named else {})}
    words: dict[str, Any] = {"user": LiteralScalarString(annotated(text, event.entities))}
    return {**words, "intent": intent}


def annotated(text: str, entities: list[dict[str, Any]]) -> str:
    """Return a text with its entities marked as Rasa's test stories want them."""
    for entity in sorted(entities, key=lambda found: -int(found["start"])):
        start, end = entity["start"], entity["end"]
        mark = {"entity": entity["entity"], "value": entity["value"]}
        text = (
            f"{text[:start]}[{text[start:end]}]{json.dumps(mark, ensure_ascii=False)}{text[end:]}"
        )
    return text


async def export(model: Path) -> None:
    """Play all talks and write one file of stories for each file of talks."""
    agent = load_agent(model)
    desk = make_desk(Path(tempfile.mkdtemp()))
    stories: dict[str, list[dict[str, Any]]] = {}
    for talk in read_talks():
        player = Player(agent, desk, desk.conversation())
        problems = await player.play(talk)
        if problems:
            sys.stderr.write(f"{talk['talk']}: not as written, left out\n")
            continue
        tracker = await agent.tracker_store.retrieve(player.conversation_id)
        steps = steps_of(list(tracker.events))
        stories.setdefault(talk["file"], []).append({"story": talk["talk"], "steps": steps})
    yaml = YAML()
    yaml.width = 1000
    for name, told in stories.items():
        with (FOLDER / f"test_{name}.yml").open("w", encoding="utf-8") as file:
            yaml.dump({"version": "3.1", "stories": told}, file)


if __name__ == "__main__":
    asyncio.run(export(Path(sys.argv[1])))
