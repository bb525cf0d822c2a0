"""How quick the workbench is with 50 agents logged in and 300 open conversations.

One agent works in Chromium and is measured; the other 49 pages are open over the same protocol
(login, page, socket with its handshake) without drawing anything. Meanwhile other customers write.
"""

import asyncio
import json
import re
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import socketio
from playwright.async_api import Page, async_playwright
from sqlalchemy import delete
from sqlalchemy.orm import Session
from websockets.client import WebSocketClientProtocol, connect
from websockets.typing import Origin

from desk.accounts.login import log_in
from desk.accounts.models import Role, Staff
from desk.accounts.passwords import hash_password
from desk.bench_pages import ARGUMENTS, chromium
from desk.bench_turn import own_settings
from desk.clock import utc_now
from desk.conversations import service
from desk.conversations.models import Message, Sender
from desk.demo import DEMO_PASSWORD
from desk.errors import InvalidInput
from desk.installation import open_database
from desk.processes import Supervisor, desk_service
from desk.routing.models import GroupMember, StaffGroup
from desk.web.cookies import SESSION_COOKIE
from scripts_library.measurement import Measurement

AGENTS = 50
CONVERSATIONS = 300
WAITING = 50
"""Of the conversations so many wait; the others are shared out among the agents."""
MESSAGES_EACH = 20
ROUNDS = 20
OTHERS_EVERY_S = 0.5
"""Every so often another customer writes while things are measured."""
WRITERS = 10
LOADED_S = 15.0
"""A desk whose first member of staff has come loads its dictionaries for so long at most."""
OBSERVED_S = 0.15
"""Until the browser surely watches."""
SETTLED_S = 0.4
PATIENCE_MS = 20_000
PACE_S = 0.5
"""After each message of the measured customer: the desk refuses more than 20 in ten seconds."""
TABOO = "我不管"
QUERY = re.compile(r"['\"]client_id['\"]: ['\"]([^'\"]+)['\"].*?['\"]next_message_id['\"]: (\d+)")

# Each resolves to the browser's clock, in milliseconds, when what is waited for stands there.
APPEARS = """text => new Promise(done => {
    const place = document.querySelector(".k-log");
    const look = () => place.innerText.includes(text) && (seen.disconnect(), done(Date.now()));
    const seen = new MutationObserver(look);
    seen.observe(place, { childList: true, subtree: true, characterData: true });
    look();
})"""
SWITCHES = """id => new Promise(done => {
    const began = performance.now();
    const code = id.slice(0, 4).toUpperCase();
    const look = () => {
        const head = document.querySelector(".k-head-name");
        const rows = document.querySelectorAll(".k-log .k-row").length;
        if (!head?.innerText.includes(code) || !rows) return;
        seen.disconnect();
        requestAnimationFrame(() => done(performance.now() - began));
    };
    const seen = new MutationObserver(look);
    seen.observe(document.body, { childList: true, subtree: true, characterData: true });
    document.querySelector(`.k-entry[data-conversation="${id}"]`).click();
})"""
MARKED = """() => new Promise(done => {
    const input = document.querySelector(".k-reply-box textarea");
    let began = 0;
    input.addEventListener("input", () => { began = performance.now(); });
    const look = () => {
        if (!began || !document.querySelector(".k-mirror .k-block")) return;
        seen.disconnect();
        done(performance.now() - began);
    };
    const seen = new MutationObserver(look);
    seen.observe(document.body, { childList: true, subtree: true });
})"""


@dataclass(frozen=True, slots=True)
class _Floor:
    """What was made: the first agent's conversations, all customers' tokens, agents' logins."""

    mine: list[str]
    tokens: dict[str, str]
    sessions: list[str]


async def bench_workbench() -> list[Measurement]:
    """Return the figures in milliseconds, on a desk of its own. About a minute."""
    with own_settings() as settings:
        with open_database(settings) as database, database.transaction() as session:
            floor = _fill(session)
        supervisor = Supervisor(settings.data_dir / "log", on_restart=lambda _: None)
        desk = desk_service(settings)
        supervisor.start(desk)
        try:
            await supervisor.wait_ready(desk)
            return await _measure(f"http://127.0.0.1:{settings.port}", floor)
        finally:
            await supervisor.finish()


def _fill(session: Session) -> _Floor:
    # Without groups everybody may be asked; else those who wait would be given up for lost.
    for model in (GroupMember, StaffGroup):
        session.execute(delete(model))
    secret, now = hash_password(DEMO_PASSWORD), utc_now()
    agents = [
        Staff(
            login=f"bench{number}",
            display_name=f"坐席{number}",
            role=Role.AGENT,
            password_hash=secret,
            created_at=now,
        )
        for number in range(AGENTS)
    ]
    session.add_all(agents)
    session.flush()
    floor = _Floor([], {}, [])
    for number in range(CONVERSATIONS):
        head, token = service.open_conversation(session)
        conversation = service.find(session, head.id)
        floor.tokens[conversation.id] = token
        session.add_all(_said(conversation.id, seq, now) for seq in range(1, MESSAGES_EACH + 1))
        conversation.last_seq, conversation.last_customer_at = MESSAGES_EACH, now
        service.request_handover(session, conversation.id, reason="requested")
        if number >= WAITING:
            holder = agents[number % AGENTS]
            service.claim(session, conversation.id, holder)
            if holder is agents[0]:
                floor.mine.append(conversation.id)
    for agent in agents:
        floor.sessions.append(log_in(session, agent.login, DEMO_PASSWORD).require()[0])
    return floor


def _said(conversation_id: str, seq: int, now: datetime) -> Message:
    text = f"第{seq}句，门窗漏水怎么办"
    return Message(
        conversation_id=conversation_id,
        seq=seq,
        sender=Sender.CUSTOMER,
        client_id=f"f{seq}",
        text=text,
        handled_at=now,
        created_at=now,
    )


async def _measure(url: str, floor: _Floor) -> list[Measurement]:
    async with AsyncExitStack() as stack:
        page = await stack.enter_async_context(_page(url, floor.sessions[0]))
        for token in floor.sessions[1:]:
            await stack.enter_async_context(_silent_page(url, token))
        await asyncio.sleep(LOADED_S)
        current = floor.mine[0]
        customer = await stack.enter_async_context(_customer(url, floor.tokens[current]))
        await page.locator(f'.k-entry[data-conversation="{current}"]').first.click()
        await page.get_by_label("回复内容").wait_for(timeout=PATIENCE_MS)
        busy = asyncio.create_task(_others_write(url, floor))
        try:
            return [
                *await _figures(
                    "workbench: customer's message appears", 300, lambda _: _appears(page, customer)
                ),
                *await _figures("workbench: typing check", 150, lambda _: _typing(page)),
                *await _figures(
                    "workbench: switch conversation",
                    200,
                    lambda n: _switch(page, floor.mine[(n + 1) % len(floor.mine)]),
                ),
            ]
        finally:
            busy.cancel()
            await asyncio.gather(busy, return_exceptions=True)


async def _figures(
    name: str, target: float, once: Callable[[int], Awaitable[float]]
) -> list[Measurement]:
    # The first one finds everything cold.
    times_ms = [await once(number) for number in range(ROUNDS + 1)][1:]
    p95 = statistics.quantiles(times_ms, n=20)[-1]
    return [
        Measurement(f"{name}, median", statistics.median(times_ms), "ms", None, "lower", ROUNDS),
        Measurement(f"{name}, p95", p95, "ms", target, "lower", ROUNDS),
    ]


async def _appears(page: Page, customer: WebSocketClientProtocol) -> float:
    text = f"请问{uuid4().hex[:12]}"
    seen = asyncio.create_task(page.evaluate(APPEARS, text))
    await asyncio.sleep(OBSERVED_S)
    sent = time.time() * 1000
    await _say(customer, text)
    appeared = float(await asyncio.wait_for(seen, PATIENCE_MS / 1000))
    await asyncio.sleep(PACE_S)
    return appeared - sent


async def _typing(page: Page) -> float:
    reply = page.get_by_label("回复内容")
    await reply.fill("")
    await page.locator(".k-mirror .k-block").first.wait_for(state="detached", timeout=PATIENCE_MS)
    marked = asyncio.create_task(page.evaluate(MARKED))
    await asyncio.sleep(OBSERVED_S)
    await reply.press_sequentially(f"您好，{TABOO}", delay=40)
    return float(await asyncio.wait_for(marked, PATIENCE_MS / 1000))


async def _switch(page: Page, conversation_id: str) -> float:
    taken = float(await page.evaluate(SWITCHES, conversation_id))
    # What follows a switch (suggestions, tickets) is done before the next one.
    await asyncio.sleep(SETTLED_S)
    return taken


async def _others_write(url: str, floor: _Floor) -> None:
    """Have customers of other agents write, one after the other."""
    others = [one for one in floor.tokens if one not in floor.mine][-WRITERS:]
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(_customer(url, floor.tokens[one])) for one in others
        ]
        for number, socket in enumerate(cycle(sockets)):
            await _say(socket, f"还有一个问题，第{number}个")
            await asyncio.sleep(OTHERS_EVERY_S)


@asynccontextmanager
async def _page(url: str, session: str) -> AsyncIterator[Page]:
    """The measured agent's browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        await context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": url}])
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await page.goto(f"{url}/desk")
        await page.wait_for_function("() => window.did_handshake")
        yield page
        await browser.close()


@asynccontextmanager
async def _silent_page(url: str, session: str) -> AsyncIterator[None]:
    """A page that is open like a browser's, as far as the desk can tell."""
    cookie = {"Cookie": f"{SESSION_COOKIE}={session}"}
    async with httpx.AsyncClient(base_url=url, headers=cookie, timeout=60) as client:
        found = QUERY.search((await client.get("/desk")).text)
    if found is None:
        raise InvalidInput("errors.bench_failed", what="desk")
    query = urlencode(
        {
            "client_id": found[1],
            "next_message_id": found[2],
            "implicit_handshake": "true",
            "tab_id": str(uuid4()),
            "document_id": str(uuid4()),
        }
    )
    socket = socketio.AsyncClient(reconnection=False)
    await socket.connect(
        f"{url}?{query}",
        headers={**cookie, "Origin": url},
        transports=["websocket"],
        socketio_path="/_nicegui_ws/socket.io",
        wait_timeout=PATIENCE_MS // 1000,
    )
    try:
        yield
    finally:
        await socket.disconnect()


@asynccontextmanager
async def _customer(url: str, token: str) -> AsyncIterator[WebSocketClientProtocol]:
    """A customer's open chat page."""
    address = url.replace("http", "ws") + "/ws/chat"
    # Nobody reads what comes back: without a limit it does not hold up what is sent.
    async with connect(
        address, origin=Origin(url), max_size=None, max_queue=None, ping_interval=None
    ) as socket:
        hello = {"type": "hello", "token": token, "last_seq": 0, "source": "web"}
        await socket.send(json.dumps(hello))
        yield socket


async def _say(customer: WebSocketClientProtocol, text: str) -> None:
    message = {"type": "message", "client_id": uuid4().hex, "text": text, "payload": None}
    await customer.send(json.dumps(message))
