"""A new file in the place of the old one is taken into service; a broken one is not."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.nlg import TemplatedNaturalLanguageGenerator

from bot import model_watch
from bot.model_watch import watch_model

LOOK_S = 0.01
PATIENCE_S = 10


class Processor:
    """Loads a file that names its model; one without a name is broken."""

    def __init__(self, *, model_path: Path, **_parts: Any) -> None:
        self.model_path = str(model_path)
        self.name = model_path.read_text()
        if not self.name:
            raise ValueError("broken")
        self.domain = SimpleNamespace(responses={"utter": self.name})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kefu.tar.gz"
    path.write_text("old")
    return path


@pytest.fixture
def agent(file: Path) -> Any:
    processor = Processor(model_path=file)
    return SimpleNamespace(
        processor=processor,
        domain=processor.domain,
        tracker_store=SimpleNamespace(domain=processor.domain),
        lock_store=None,
        nlg=TemplatedNaturalLanguageGenerator(processor.domain.responses),
        action_endpoint=None,
        http_interpreter=None,
    )


@contextlib.asynccontextmanager
async def watching(
    agent: Any, monkeypatch: pytest.MonkeyPatch, since: float | None = None
) -> AsyncIterator[None]:
    monkeypatch.setattr(model_watch, "MessageProcessor", Processor)
    since = time.time() + 1 if since is None else since
    task = asyncio.create_task(watch_model(agent, since=since, look_every_s=LOOK_S))
    await asyncio.sleep(5 * LOOK_S)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def put(file: Path, name: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(name)
    fresh.replace(file)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(LOOK_S)


async def test_a_new_file_takes_over_with_all_that_belongs_to_it(
    agent: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching(agent, monkeypatch):
        assert agent.processor.name == "old"
        put(file, "new")
        await until(lambda: agent.processor.name == "new")
    assert agent.domain is agent.tracker_store.domain is agent.processor.domain
    assert agent.nlg.responses == {"utter": "new"}


async def test_a_broken_file_changes_nothing_and_the_next_one_is_taken(
    agent: Any, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(agent, monkeypatch):
        old = agent.processor
        put(file, "")
        await until(lambda: "ValueError" in caplog.text)
        file.unlink()
        await asyncio.sleep(5 * LOOK_S)
        assert agent.processor is old
        put(file, "newer")
        await until(lambda: agent.processor.name == "newer")
    assert caplog.text.count("ValueError") == 1


async def test_an_unchanged_file_is_not_read_again(
    agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = agent.processor
    async with watching(agent, monkeypatch):
        await asyncio.sleep(10 * LOOK_S)
    assert agent.processor is old


async def test_a_file_that_came_while_the_server_started_is_read_again(
    agent: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(file, "new")
    async with watching(agent, monkeypatch, since=file.stat().st_mtime - 1):
        await until(lambda: agent.processor.name == "new")


async def test_without_a_model_there_is_nothing_to_follow() -> None:
    async with asyncio.timeout(PATIENCE_S):
        await watch_model(SimpleNamespace(processor=None), since=0)
