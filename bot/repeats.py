"""Runs a turn that may have run before, at most once.

The desk asks again what it has no answer to after a crash. Rasa stores a turn as a whole at its
end, so the record of the talk tells whether this message was handled: then what the bot said is
said again, otherwise the turn runs now. The message's id stays the same, and with it the keys
that keep the actions from opening a ticket twice.
"""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


async def run_once(agent: Any, message: UserMessage) -> dict[str, Any]:
    """Let the message's output channel say what belongs to it; return what was understood.

    Another call with the same message waits for the first one.
    """
    async with agent.lock_store.lock(message.sender_id):
        tracker = await agent.tracker_store.retrieve(message.sender_id)
        told = said_to(tracker, message.message_id) if tracker else None
        if told is None:
            message.parse_data = await agent.processor.parse_message(message)
            await agent.processor.handle_message(message)
            return dict(message.parse_data)
    question, answers = told
    for answer in answers:
        await message.output_channel.send_response(message.sender_id, answer.message())
    return dict(question.parse_data or {})


def said_to(
    tracker: DialogueStateTracker, message_id: str
) -> tuple[UserUttered, list[BotUttered]] | None:
    """Return a message of the record with what the bot said to it; None if it is not there."""
    question: UserUttered | None = None
    answers: list[BotUttered] = []
    for event in tracker.events:
        if isinstance(event, UserUttered):
            if question:
                break
            question = event if event.message_id == message_id else None
        elif question and isinstance(event, BotUttered):
            answers.append(event)
    return (question, answers) if question else None
