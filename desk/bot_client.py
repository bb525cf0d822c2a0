"""Asks the Rasa server for the bot's answer."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

import aiohttp
import structlog

from desk.conversations.cards import read_card
from desk.conversations.domain import BotMessage, BotTurn, Handover
from desk.errors import BotUnavailable
from desk.telemetry import request_ids
from desk.telemetry.metrics import BOT_TURNS, BOT_UNREACHABLE, timed
from desk.telemetry.tracing import carried_context, span

__all__ = ["BotClient", "BotMessage", "BotTurn", "Handover"]

PATH = "/webhooks/desk/webhook"
CONNECT_TIMEOUT_S = 10.0
"""A desk that stood still for some seconds finds the connection made, and must not give it up."""
START_PAUSE_S = 0.5
"""Before the next try while the bot is still starting."""
IDLE_S = 2.0
"""Shorter than the five seconds after which Rasa closes an idle connection: one that is closed
just as a question goes out would cost the customer the bot."""
CONNECTIONS = 100
MESSAGE_LIMIT = 20
BUTTON_LIMIT = 12
log = structlog.get_logger(__name__)


class BotClient:
    """Client of one or several Rasa servers (their tracker store must be shared).

    A conversation keeps to one server, chosen by its id; another one is tried only if that one
    can't be reached at all, because a server that was reached may have acted already.

    Both start together and the desk is up first: for `start_s` seconds, or until the first answer,
    questions wait for a bot that nobody listens for yet.
    """

    def __init__(
        self, urls: Sequence[str], token: str, timeout_s: float, *, start_s: float = 0.0
    ) -> None:
        self.is_answering = True
        """Whether the last question got an answer; True before the first."""
        self._starts_until = time.monotonic() + start_s
        self._urls = [url.rstrip("/") for url in urls]
        self._timeout = aiohttp.ClientTimeout(timeout_s, sock_connect=CONNECT_TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._open: aiohttp.ClientSession | None = None

    async def send(
        self,
        conversation_id: str,
        text: str,
        payload: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        message_id: str | None = None,
        is_repeat: bool = False,
    ) -> BotTurn:
        """Return what the bot says to a message.

        Args:
            conversation_id: the bot's own record of the talk has this id.
            text: what the customer wrote; never read as a command.
            payload: the payload of a button, such as `/affirm`; takes the place of the text.
            metadata: passed on to the actions.
            message_id: the bot's own record has the message under this id.
            is_repeat: the bot may have had the message before; then it says the same again.

        Raises:
            BotUnavailable: no server reached, timeout, an error, or a malformed answer.
        """
        with span("bot.turn"), timed(BOT_TURNS):
            body = {
                "conversation_id": conversation_id,
                "text": text,
                "payload": payload,
                "metadata": {
                    **(metadata or {}),
                    request_ids.FIELD: request_ids.request_id(),
                    **carried_context(),
                },
                "message_id": message_id,
                "is_repeat": is_repeat,
            }
            try:
                turn = _read(await self._post(conversation_id, body))
            except BotUnavailable:
                self.is_answering = False
                raise
            self.is_answering = True
            self._starts_until = 0.0
            return turn

    async def close(self) -> None:
        """Close the connections."""
        if self._open:
            await self._open.close()

    @property
    def _session(self) -> aiohttp.ClientSession:
        """The connections; made at the first use, because they belong to the running loop."""
        if self._open is None:
            # Rasa is on the loopback or a private network: no proxy of the environment, no cookies.
            self._open = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=self._timeout,
                trust_env=False,
            )
        return self._open

    async def _post(self, conversation_id: str, body: dict[str, Any]) -> bytes:
        """Return what the bot answered, once it is up."""
        while True:
            answer = await self._post_once(conversation_id, body)
            if answer is not None:
                return answer
            if not self._is_starting():
                log.warning("bot.unreachable")
                raise BotUnavailable("errors.bot_unavailable")
            await asyncio.sleep(START_PAUSE_S)
            # Another desk may have asked in the meantime.
            body["is_repeat"] = True

    def _is_starting(self) -> bool:
        return time.monotonic() < self._starts_until

    async def _post_once(self, conversation_id: str, body: dict[str, Any]) -> bytes | None:
        """Ask one server after the other; None if none can be reached."""
        for url in self._in_order(conversation_id):
            try:
                return await self._ask(url + PATH, body)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                BOT_UNREACHABLE.inc()
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("bot.no_answer", error=type(error).__name__)
                raise BotUnavailable("errors.bot_unavailable") from None
        return None

    async def _ask(self, url: str, body: dict[str, Any]) -> bytes:
        async with self._session.post(url, json=body, allow_redirects=False) as response:
            if response.status != 200:
                log.warning("bot.error", status=response.status)
                raise BotUnavailable("errors.bot_unavailable")
            return await response.read()

    def _in_order(self, conversation_id: str) -> list[str]:
        first = crc32(conversation_id.encode()) % len(self._urls)
        return self._urls[first:] + self._urls[:first]


def _read(answer: bytes) -> BotTurn:
    try:
        return parse_turn(json.loads(answer))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("bot.malformed_answer", error=type(error).__name__)
        raise BotUnavailable("errors.bot_unavailable") from None


def parse_turn(answer: Mapping[str, Any]) -> BotTurn:
    """Read the channel's answer; raises ValueError, TypeError or KeyError if it is malformed.

    An empty answer is none of these: Rasa hides a failed action behind one, and the
    conversation's service hands over for `bot_error`.
    """
    said: list[BotMessage] = []
    commands: list[Handover] = []
    for item in answer["messages"][:MESSAGE_LIMIT]:
        custom = item.get("custom")
        if isinstance(custom, Mapping) and custom.get("command") == "handover":
            commands.append(
                Handover(str(custom.get("reason", "")), urgent=bool(custom.get("urgent")))
            )
        if isinstance(custom, Mapping) and said and "card" in custom:
            # Rasa passes what a message shows on after its text, as one of its own.
            said[-1] = replace(said[-1], card=read_card(custom["card"]))
        text = item.get("text")
        if isinstance(text, str) and text.strip():
            said.append(BotMessage(text, _buttons(item.get("buttons"))))
    intent = answer.get("intent") or {}
    name, confidence = intent.get("name"), intent.get("confidence")
    if name is not None and not isinstance(name, str):
        raise TypeError("name of the intent")
    return BotTurn(
        messages=tuple(said),
        commands=tuple(commands),
        intent=name,
        confidence=None if confidence is None else float(confidence),
    )


def _buttons(raw: Any) -> tuple[dict[str, str], ...]:
    return tuple(
        {"title": str(button["title"]), "payload": str(button.get("payload") or button["title"])}
        for button in (raw or [])[:BUTTON_LIMIT]
    )
