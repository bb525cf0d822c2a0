"""A customer of the load test: keeps a socket open, says a story line by line, and keeps account.

Behaves as the page does: after a cut it connects again, asks for what it missed, and sends again
what was not acknowledged, under the same id.
"""

import asyncio
import contextlib
import json
import random
import ssl
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.client import WebSocketClientProtocol, connect
from websockets.exceptions import WebSocketException

from desk.conversations.models import Mode
from desk.load.ledger import Account, Sent
from desk.load.stories import Story

CUT = (WebSocketException, OSError, asyncio.TimeoutError)
OPEN_TIMEOUT_S = 30.0
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The loopback is spoken to in the clear; to read the usual ones took most of the load's time."""
PAUSE_S = 0.5
PASSING = frozenset({"slow_down", "store_unavailable"})
"""Refusals after which the page sends again by itself."""


@dataclass(slots=True)
class Timings:
    """Seconds of each step, over all customers, and what went wrong."""

    open: list[float] = field(default_factory=list)
    acknowledge: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    reconnects: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0


class Customer:
    """One browser. `run` plays a story and returns the account of it; with `connected` and `say`
    somebody else tells the story."""

    def __init__(
        self, base_urls: Sequence[str], timings: Timings, *, number: int, patience_s: float
    ) -> None:
        self._base_urls = deque(base_urls)
        self._timings = timings
        self._patience_s = patience_s
        # Everybody comes from an address of their own, as customers do; the loopback is trusted
        # like a proxy.
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._headers = {"X-Forwarded-For": address}
        self._socket: WebSocketClientProtocol | None = None
        self._token: str | None = None
        self._account = Account("")
        self._arrived = asyncio.Condition()
        self._welcomed = asyncio.Event()
        self._answers = 0
        self._mode = Mode.BOT
        self._retries: set[asyncio.Task[None]] = set()

    async def run(self, story: Story, *, think_s: float, chance: random.Random) -> Account:
        """Say all lines, each after an answer to the one before and a time of thinking."""
        async with self.connected() as is_greeted:
            if is_greeted:
                for line in story.lines:
                    await asyncio.sleep(chance.expovariate(1 / think_s) if think_s else 0)
                    await self.say(line)
                self._account.is_finished = all(sent.answered for sent in self._account.sent)
        return self._account

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[bool]:
        """Keep connected while the block runs; gives whether the bot greeted."""
        began = time.perf_counter()
        reader = asyncio.create_task(self._keep_connected())
        try:
            is_greeted = await self._wait_for_answer(0)
            if is_greeted:
                self._timings.open.append(time.perf_counter() - began)
            else:
                self._timings.unanswered += 1
            yield is_greeted
        finally:
            for task in (reader, *self._retries):
                task.cancel()
            await asyncio.gather(reader, *self._retries, return_exceptions=True)

    @property
    def _last_seq(self) -> int:
        return self._account.seen[-1] if self._account.seen else 0

    @property
    def is_with_bot(self) -> bool:
        """Whether the bot answers what is said next."""
        return self._mode == Mode.BOT

    @property
    def account(self) -> Account:
        """What happened so far."""
        return self._account

    async def say(self, line: str) -> None:
        """Send a line and wait for the answer to it."""
        sent = Sent(uuid.uuid4().hex, line)
        self._account.sent.append(sent)
        answers = self._answers
        began = time.perf_counter()
        await self._send(sent)
        async with self._arrived:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    await self._arrived.wait_for(lambda: sent.seq is not None)
                    self._timings.acknowledge.append(time.perf_counter() - began)
        sent.answered = sent.seq is not None and await self._wait_for_answer(answers)
        if sent.answered:
            self._timings.answer.append(time.perf_counter() - began)
        else:
            self._timings.unanswered += 1

    async def _wait_for_answer(self, answers: int) -> bool:
        async with self._arrived:
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._arrived.wait_for(lambda: self._answers > answers)
            except TimeoutError:
                return False
        return True

    async def _send(self, sent: Sent) -> None:
        """Send if there is a connection; without one the next connection sends it again."""
        if self._socket and self._welcomed.is_set():
            frame = {"type": "message", "client_id": sent.client_id, "text": sent.text}
            with contextlib.suppress(*CUT):
                await self._socket.send(json.dumps(frame, ensure_ascii=False))

    def _send_later(self, client_id: str | None) -> None:
        async def again(sent: Sent) -> None:
            await asyncio.sleep(PAUSE_S)
            if sent.seq is None:
                await self._send(sent)

        for sent in self._account.sent:
            if sent.client_id == client_id:
                task = asyncio.create_task(again(sent))
                self._retries.add(task)
                task.add_done_callback(self._retries.discard)

    async def _keep_connected(self) -> None:
        is_first = True
        while True:
            if not is_first:
                self._timings.reconnects += 1
                # The next desk, as a proxy would choose.
                self._base_urls.rotate(-1)
                await asyncio.sleep(PAUSE_S)
            is_first = False
            with contextlib.suppress(*CUT, httpx.HTTPError):
                async with self._connection() as socket:
                    self._socket = socket
                    async for raw in socket:
                        await self._read(json.loads(raw))
            self._welcomed.clear()

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[WebSocketClientProtocol]:
        base_url = self._base_urls[0]
        if "Cookie" not in self._headers:
            async with httpx.AsyncClient(
                trust_env=False, timeout=OPEN_TIMEOUT_S, verify=NO_CERTIFICATES
            ) as client:
                page = await client.get(f"{base_url}/", headers=self._headers)
            cookies = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
            self._headers["Cookie"] = cookies
        async with connect(
            base_url.replace("http", "ws", 1) + "/ws/chat",
            origin=base_url,  # type: ignore[arg-type]
            extra_headers=self._headers,
            open_timeout=OPEN_TIMEOUT_S,
            max_size=None,
        ) as socket:
            hello = {
                "type": "hello",
                "token": self._token,
                "last_seq": self._last_seq,
                "source": "web",
            }
            await socket.send(json.dumps(hello))
            yield socket

    async def _read(self, frame: dict[str, Any]) -> None:
        async with self._arrived:
            kind = frame["type"]
            if kind == "welcome":
                await self._welcome(frame)
            elif kind == "message":
                self._see(frame["message"])
            elif kind == "ack":
                self._acknowledge(frame["client_id"], frame["seq"])
                # Its own words are not sent back to it where nothing came in between.
                if frame["seq"] == self._last_seq + 1:
                    self._account.seen.append(frame["seq"])
            elif kind == "mode":
                self._mode = Mode(frame["mode"])
            elif kind == "error":
                code = str(frame["code"])
                self._timings.refused[code] = self._timings.refused.get(code, 0) + 1
                if code in PASSING:
                    self._send_later(frame["client_id"])
            self._arrived.notify_all()

    async def _welcome(self, frame: dict[str, Any]) -> None:
        self._token, self._mode = frame["token"], Mode(frame["mode"])
        self._account.conversation_id = frame["conversation_id"]
        for message in frame["messages"]:
            self._see(message)
        self._welcomed.set()
        for sent in self._account.sent:
            if sent.seq is None:
                await self._send(sent)

    def _see(self, message: dict[str, Any]) -> None:
        self._account.seen.append(message["seq"])
        if message["sender"] == "customer":
            self._acknowledge(message["client_id"], message["seq"])
        else:
            self._answers += 1

    def _acknowledge(self, client_id: str | None, seq: int) -> None:
        for sent in self._account.sent:
            if sent.client_id == client_id:
                sent.seq = seq
