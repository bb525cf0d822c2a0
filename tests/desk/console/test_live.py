"""Refreshing open pages from events."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from nicegui import core

from desk.console.live import Listener, Refresher
from desk.fanout import LocalFanout


@pytest.fixture(autouse=True)
async def nicegui_loop() -> Any:
    """NiceGUI's background tasks run on the test's event loop."""
    before, core.loop = core.loop, asyncio.get_running_loop()
    yield
    core.loop = before


class _Page:
    """As much of NiceGUI's client as the listener needs."""

    def __init__(self) -> None:
        self.delete_handlers: list[Callable[[], None]] = []
        self.connect_handlers: list[Callable[[], None]] = []
        self.has_socket_connection = True

    def on_connect(self, handler: Callable[[], None]) -> None:
        self.connect_handlers.append(handler)

    def on_delete(self, handler: Callable[[], None]) -> None:
        self.delete_handlers.append(handler)


async def test_requests_during_a_refresh_lead_to_one_more() -> None:
    runs: list[int] = []
    gate, begun, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        runs.append(len(runs))
        begun.set()
        await gate.wait()
        if len(runs) == 2:
            done.set()

    refresher = Refresher(_Page(), work, pause_s=0)  # type: ignore[arg-type]
    refresher.request()
    await begun.wait()
    for _ in range(5):
        refresher.request()
    gate.set()
    await asyncio.wait_for(done.wait(), 5)
    assert runs == [0, 1]


async def test_page_that_is_away_is_refreshed_when_it_is_back() -> None:
    page, done = _Page(), asyncio.Event()
    page.has_socket_connection = False

    async def work() -> None:
        assert page.has_socket_connection
        done.set()

    refresher = Refresher(page, work, pause_s=0)  # type: ignore[arg-type]
    for _ in range(3):
        refresher.request()
    await asyncio.sleep(0)
    assert not done.is_set()
    page.has_socket_connection = True
    for handler in page.connect_handlers:
        handler()
    await asyncio.wait_for(done.wait(), 5)


async def test_listener_hears_one_channel_at_a_time_and_ends_with_the_page() -> None:
    fanout, page = LocalFanout(), _Page()
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    listener = Listener(fanout, page, heard.put_nowait)  # type: ignore[arg-type]
    listener.listen_to("one")
    await fanout.publish("one", {"n": 1})
    assert await asyncio.wait_for(heard.get(), 5) == {"n": 1}
    listener.listen_to("two")
    await fanout.publish("one", {"n": 2})
    await fanout.publish("two", {"n": 3})
    assert await asyncio.wait_for(heard.get(), 5) == {"n": 3}
    for handler in page.delete_handlers:
        handler()
    await asyncio.gather(
        *(task for task in asyncio.all_tasks() if task is not asyncio.current_task()),
        return_exceptions=True,
    )
    assert fanout._listeners == {}
