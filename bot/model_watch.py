"""Takes a new model into service while the server goes on answering.

`kefu train` puts the new file in the place of the old one. The server notices, loads it in a
thread, and only then lets it take over: turns under way end with the model they began with, and
open forms go on, because what the bot remembers stands in its database. A file that can't be
loaded changes nothing until there is another one.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor

LOOK_EVERY_S = 2.0
Stamp = tuple[int, int, int]
log = logging.getLogger(__name__)


async def watch_model(agent: Any, *, since: float, look_every_s: float = LOOK_EVERY_S) -> None:
    """Follow the file of the agent's model until cancelled; without a model, do nothing.

    `since` is a time (seconds of the epoch) before the agent read its file: a younger file is
    read again. A file is read once it has stood still from one look to the next.
    """
    if agent.processor is None:
        return
    path = Path(agent.processor.model_path)
    taken = seen = _stamp(path, older_than=since)
    while True:
        await asyncio.sleep(look_every_s)
        before, seen = seen, _stamp(path)
        if seen is None or seen == taken or seen != before:
            continue
        taken = seen
        try:
            processor = await asyncio.to_thread(_load, agent, path)
        except Exception as error:
            log.error("The new model can't be loaded: %s", type(error).__name__)
        else:
            _take_over(agent, processor)
            log.info("The new model is in service.")


def _stamp(path: Path, *, older_than: float | None = None) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    if older_than is not None and found.st_mtime >= older_than:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _load(agent: Any, path: Path) -> MessageProcessor:
    return MessageProcessor(
        model_path=path,
        tracker_store=agent.tracker_store,
        lock_store=agent.lock_store,
        generator=agent.nlg,
        action_endpoint=agent.action_endpoint,
        http_interpreter=agent.http_interpreter,
    )


def _take_over(agent: Any, processor: MessageProcessor) -> None:
    """As `Agent.load_model` does at its end; in the server's own thread, between two turns'
    steps."""
    agent.processor = processor
    agent.domain = processor.domain
    agent.tracker_store.domain = processor.domain
    if isinstance(agent.nlg, TemplatedNaturalLanguageGenerator):
        agent.nlg.responses = processor.domain.responses
