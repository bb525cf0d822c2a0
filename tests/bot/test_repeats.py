"""A message that is asked again: handled at most once, answered the same."""

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered

from bot.channel import DeskOutput
from bot.repeats import run_once
from bot.tracker_cipher import TrackerCipher
from bot.tracker_store import EncryptedTrackerStore

BUTTONS = [{"title": "同意", "payload": "/affirm"}]
CARD = {"card": {"kind": "form"}}
DOMAIN = Domain.empty()


class Processor:
    """Answers with a question, as a form does, and stores the turn at its end."""

    def __init__(self, store: EncryptedTrackerStore) -> None:
        self.handled: list[str] = []
        self._store = store

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        return {"text": message.text, "intent": {"name": "file_complaint", "confidence": 0.9}}

    async def handle_message(self, message: UserMessage) -> None:
        self.handled.append(message.message_id)
        await asyncio.sleep(0.01)
        tracker = await self._store.get_or_create_tracker(message.sender_id)
        heard = UserUttered(
            message.text, parse_data=message.parse_data, message_id=message.message_id
        )
        said = [
            BotUttered(f"记下了：{message.text}", {"buttons": BUTTONS}),
            BotUttered(None, {"custom": CARD}),
        ]
        for event in (heard, said[0], SlotSet("case_matter", "x"), said[1]):
            tracker.update(event)
        await self._store.save(tracker)
        for one in said:
            await message.output_channel.send_response(message.sender_id, one.message())


@pytest.fixture
def agent(tmp_path: Path) -> Any:
    keys = {1: os.urandom(32)}
    cipher = TrackerCipher(lambda: keys)
    store = EncryptedTrackerStore(f"sqlite:///{tmp_path / 'tracker.db'}", DOMAIN, cipher=cipher)
    return SimpleNamespace(
        tracker_store=store, lock_store=InMemoryLockStore(), processor=Processor(store)
    )


async def ask(agent: Any, text: str, message_id: str) -> tuple[list[dict[str, Any]], str]:
    """What the desk gets: messages and the name of the intent."""
    output = DeskOutput()
    message = UserMessage(text, output, "c1", message_id=message_id)
    understood = await run_once(agent, message)
    return output.messages, understood["intent"]["name"]


async def test_a_message_that_was_never_handled_is_handled(agent: Any) -> None:
    messages, intent = await ask(agent, "楼上漏水", "7")
    assert [one["text"] for one in messages] == ["记下了：楼上漏水", None]
    assert (intent, agent.processor.handled) == ("file_complaint", ["7"])


async def test_one_that_was_handled_gets_the_same_answer(agent: Any) -> None:
    first = await ask(agent, "楼上漏水", "7")
    await ask(agent, "三栋", "8")
    assert await ask(agent, "楼上漏水", "7") == first
    assert first[0][0]["buttons"] == BUTTONS
    assert first[0][1]["custom"] == CARD
    assert agent.processor.handled == ["7", "8"]


async def test_two_desks_that_ask_at_once_get_one_turn(agent: Any) -> None:
    answers = await asyncio.gather(*(ask(agent, "楼上漏水", "7") for _ in range(3)))
    assert agent.processor.handled == ["7"]
    assert answers[0] == answers[1] == answers[2]


async def test_the_same_words_in_another_message_are_another_message(agent: Any) -> None:
    await ask(agent, "同意", "7")
    await ask(agent, "同意", "8")
    assert agent.processor.handled == ["7", "8"]
