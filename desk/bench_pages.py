"""How fast the customer's page is there with nothing in the cache, and how much it transfers.

Runs a desk of its own and Chromium (Playwright, a development dependency). The bot is away: the
desk greets by itself, so that the figures are the page's.
"""

import asyncio
import importlib.util
import shutil
import statistics
import time
from typing import TYPE_CHECKING, Any

from desk.bench_turn import own_settings
from desk.errors import Conflict
from desk.processes import Supervisor, desk_service
from desk.settings import Settings
from scripts_library.measurement import Measurement

if TYPE_CHECKING:
    from playwright.async_api import Browser

ROUNDS = 7
PATIENCE_MS = 20_000
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
USABLE_S, PAGE_KB, WIDGET_KB = 1.0, 150.0, 40.0


async def bench_pages() -> list[Measurement]:
    """Return seconds until the customer can write and reads the greeting, and kilobytes moved.

    Raises:
        Conflict: there is no Playwright or no Chromium.
    """
    program = chromium()
    from playwright.async_api import async_playwright

    with own_settings() as given:
        # Nobody starts a bot: its absence is to be known at once.
        settings = given.model_copy(update={"rasa_start_s": 0.0})
        supervisor = Supervisor(settings.data_dir / "log", on_restart=lambda _: None)
        service = desk_service(settings)
        try:
            supervisor.start(service)
            await supervisor.wait_ready(service)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
                return await _measure(browser, settings)
        finally:
            await supervisor.finish()


def chromium() -> str:
    """Return the path of Chromium.

    Raises:
        Conflict: there is no Playwright or no Chromium.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None or importlib.util.find_spec("playwright") is None:
        raise Conflict("errors.no_browser")
    return found


async def _measure(browser: "Browser", settings: Settings) -> list[Measurement]:
    address = f"http://127.0.0.1:{settings.port}"
    # The first visit of all loads what the server keeps from then on.
    await _visit(browser, address)
    visits = [await _visit(browser, address) for _ in range(ROUNDS)]
    seconds, kilobytes = zip(*visits, strict=True)
    widget = await _widget_kilobytes(browser, address)
    return [
        Measurement(
            "customer page usable", statistics.median(seconds), "s", USABLE_S, "lower", ROUNDS
        ),
        Measurement("customer page, slowest", max(seconds), "s", None, "lower", ROUNDS),
        Measurement("customer page moves", max(kilobytes), "kB", PAGE_KB, "lower", ROUNDS),
        Measurement("widget moves before a click", widget, "kB", WIDGET_KB, "lower", 1),
    ]


async def _visit(browser: "Browser", address: str) -> tuple[float, float]:
    """Return seconds and kilobytes of one visit with an empty cache."""
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    moved = await _count(context, page)
    begin = time.perf_counter()
    await page.goto(f"{address}/", wait_until="commit")
    await page.locator("#log .row").first.wait_for(timeout=PATIENCE_MS)
    seconds = time.perf_counter() - begin
    await asyncio.sleep(0.2)
    await context.close()
    return seconds, sum(moved) / 1000


async def _widget_kilobytes(browser: "Browser", address: str) -> float:
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    response = await page.goto(f"{address}/widget.js")
    sizes = await response.request.sizes() if response else None
    await context.close()
    return (sizes["responseBodySize"] + sizes["responseHeadersSize"]) / 1000 if sizes else 0.0


async def _count(context: Any, page: Any) -> list[int]:
    """Return a list that grows by the bytes of each answer, headers included."""
    moved: list[int] = []
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: moved.append(event["encodedDataLength"]))
    return moved
