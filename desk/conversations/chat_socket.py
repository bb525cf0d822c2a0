"""WebSocket `/ws/chat` of the customer page and the widget. Frames: see `frames`."""

import asyncio
import contextlib
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketDisconnected

from desk import flood
from desk.clock import utc_now
from desk.conversations import capability, frames
from desk.conversations.frames import BrokenFrame, Standing
from desk.conversations.greeting import Opened
from desk.conversations.leaving_word import Word
from desk.conversations.models import Conversation, Message, Mode
from desk.conversations.news import News
from desk.conversations.repository import Head
from desk.conversations.returning import give_link
from desk.conversations.standing import (
    PAGE_SIZE,
    Page,
    first_page,
    opening_in_words,
    read_page,
)
from desk.current import get_desk
from desk.errors import DeskError, InvalidInput, StoreUnavailable, TooManyRequests
from desk.fanout import (
    QUEUE_CHANNEL,
    RESYNC,
    Event,
    Subscription,
    conversation_channel,
    nearby_channel,
)
from desk.rate_limit import RateLimiter
from desk.web.visitor import browsers_of

FRAMES_PER_10_S = 200
TOO_BIG, POLICY, TRY_LATER = 1009, 1008, 1013
LOOK_AGAIN_S = 1.0
GONE = (WebSocketDisconnect, WebSocketDisconnected)

log = structlog.get_logger(__name__)
router = APIRouter()


@router.websocket("/ws/chat")
async def chat(socket: WebSocket) -> None:
    """Serve one browser tab until it leaves."""
    await socket.accept()
    connection = ChatConnection(socket)
    try:
        await connection.run()
    except GONE as error:
        log.debug("chat_socket.left", error=type(error).__name__)


class ChatConnection:
    """One tab: reads its frames and sends it what is new in its conversation."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._desk = get_desk()
        self._browsers = browsers_of(socket)
        self._conversation_id: str | None = None
        self._is_traditional = False
        self._last_seq = 0
        self._standing: Standing | None = None
        self._opening_read_at: datetime | None = None
        self._agent_id: int | None = None
        self._frames = RateLimiter(FRAMES_PER_10_S, 10)
        self._sending = asyncio.Lock()
        self._events: Subscription | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until the browser leaves or breaks the rules."""
        try:
            while await self._serve_next():
                pass
        finally:
            if self._events:
                self._events.close()
            if self._watcher:
                self._watcher.cancel()
                await asyncio.gather(self._watcher, return_exceptions=True)

    async def _serve_next(self) -> bool:
        event = await self._socket.receive()
        if event["type"] != "websocket.receive":
            return False
        raw = event.get("text")
        if len((raw or "").encode("utf-8", "replace")) > frames.FRAME_LIMIT:
            return await self._part(InvalidInput("errors.frame_too_large"), TOO_BIG)
        if not self._frames.allow():
            return await self._part(TooManyRequests("errors.slow_down", retry_after_s=10), POLICY)
        client_id: str | None = None
        try:
            frame = frames.read_frame(raw)
            client_id = frame.get("client_id") if isinstance(frame.get("client_id"), str) else None
            await self._handle(frame)
        except BrokenFrame:
            await self._send(frames.error(InvalidInput("errors.broken_frame"), client_id))
        except StoreUnavailable as problem:
            if self._conversation_id is None:
                # A hello that came half-way: the next connection begins anew.
                return await self._part(problem, TRY_LATER)
            await self._send(frames.error(problem, client_id))
        except DeskError as problem:
            await self._send(frames.error(problem, client_id))
        return True

    async def _handle(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "hello":
            await self._hello(frame)
        elif self._conversation_id is None:
            raise InvalidInput("errors.hello_first")
        elif kind == "message":
            await self._message(self._conversation_id, frame)
        elif kind == "typing":
            is_typing = frame.get("is_typing") is True
            await self._desk.gateway.typing(self._conversation_id, "customer", is_typing)
        elif kind == "read":
            seq = frames.seq_of(frame, "seq")
            # The next mark says it again: nothing the customer need know.
            with contextlib.suppress(StoreUnavailable):
                await self._desk.gateway.customer_read(self._conversation_id, seq)
        elif kind == "word":
            await self._word(self._conversation_id, frame)
        elif kind == "link":
            await self._give_link(self._conversation_id, frame)
        else:
            raise InvalidInput("errors.unknown_frame")

    async def _hello(self, frame: dict[str, Any]) -> None:
        last_seq = frames.seq_of(frame)
        token, source, link = (
            frames.optional_text_of(frame, name) for name in ("token", "source", "link")
        )
        if self._conversation_id is not None:
            await self._hello_again(self._conversation_id, token)
            return
        self._is_traditional = frame.get("lang") == "zh-Hant"
        opened: Opened | None = None
        conversation: Conversation | Head
        if link:
            conversation, token = await self._come_back(link)
        elif token:
            conversation = await self._conversation(token)
        else:
            opened = await self._open(source)
            conversation, token = opened.conversation, opened.token
        # Listen first, then read: nothing can fall between.
        events = self._subscribe(conversation.id)
        self._last_seq = min(last_seq, conversation.last_seq)
        page = first_page(opened) if opened else await self._read(conversation.id)
        is_more = self._note(page)
        await self._send(frames.welcome(conversation, token, page.standing, page.messages))
        self._conversation_id = conversation.id
        if is_more:
            await self._catch_up(conversation.id)
        self._watcher = asyncio.create_task(self._listen(conversation.id, events))

    async def _hello_again(self, conversation_id: str, token: str | None) -> None:
        """A page that got a full page of messages asks on; the rest is on its way already."""
        conversation = await self._desk.database.look(
            capability.check, token or "", browsers=self._browsers, now=utc_now()
        )
        if conversation.id != conversation_id:
            raise InvalidInput("errors.unknown_frame")
        await self._catch_up(conversation_id)
        if self._standing:
            await self._send(frames.welcome(conversation, token or "", self._standing, []))

    async def _conversation(self, token: str) -> Conversation:
        conversation = await self._desk.database.look(
            capability.check, token, browsers=self._browsers, now=utc_now()
        )
        if self._browsers and not await self._desk.database.look(capability.is_bound, token):
            await self._desk.database.run(capability.bind, token, self._browsers[0])
        return conversation

    async def _open(self, source: str | None) -> Opened:
        if self._browser:
            await self._desk.flood.take(flood.TALKS_OF_BROWSER, self._browser)
        await self._desk.flood.take(flood.TALKS_OF_ADDRESS, self._address)
        return await self._desk.gateway.open(
            source or "web", self._browser, is_traditional=self._is_traditional
        )

    async def _come_back(self, link: str) -> tuple[Conversation, str]:
        """Let a browser in by a return link; the link is used up by this."""
        return await self._desk.database.run(
            capability.redeem_return_link, link, browser=self._browser, now=utc_now()
        )

    async def _word(self, conversation_id: str, frame: dict[str, Any]) -> None:
        client_id = frames.text_of(frame, "client_id")
        text, name, contact = (
            frames.optional_text_of(frame, field) or "" for field in ("text", "name", "contact")
        )
        word = Word(text, name, contact, has_consent=frame.get("has_consent") is True)
        await self._slow_down(conversation_id)
        message = await self._desk.gateway.leave_word(conversation_id, word, client_id=client_id)
        await self._acknowledge(message)

    async def _give_link(self, conversation_id: str, frame: dict[str, Any]) -> None:
        to = frames.optional_text_of(frame, "to")
        await self._desk.flood.take(flood.LINKS, conversation_id, error="errors.link_too_often")
        scheme = "https" if self._socket.url.scheme == "wss" else "http"
        given = await self._desk.database.run(
            give_link,
            conversation_id,
            page_url=f"{scheme}://{self._socket.url.netloc}/",
            to=to,
            now=utc_now(),
        )
        await self._send({"type": "link", **asdict(given)})

    async def _slow_down(self, conversation_id: str) -> None:
        """Refuse a message of a talk, or of an address, that sends too many."""
        await self._desk.flood.take(flood.MESSAGES, conversation_id)
        await self._desk.flood.take(flood.MESSAGES_OF_ADDRESS, self._address)

    @property
    def _address(self) -> str:
        return self._socket.client.host if self._socket.client else ""

    @property
    def _browser(self) -> str | None:
        return self._browsers[0] if self._browsers else None

    async def _message(self, conversation_id: str, frame: dict[str, Any]) -> None:
        client_id, text = frames.text_of(frame, "client_id"), frames.text_of(frame, "text")
        payload = frames.optional_text_of(frame, "payload")
        await self._slow_down(conversation_id)

        await self._desk.gateway.customer_message(
            conversation_id,
            client_id=client_id,
            text=text,
            payload=payload,
            acknowledge=self._acknowledge,
        )

    async def _acknowledge(self, message: Message) -> None:
        """Tell the page that its message is stored. If that is the next one to show, the page has
        it by this: it knows the words."""
        async with self._sending:
            await self._socket.send_json(frames.ack(message))
            if message.seq == self._last_seq + 1:
                self._last_seq = message.seq

    def _subscribe(self, conversation_id: str) -> Subscription:
        if self._events:
            self._events.close()
        self._events = self._desk.fanout.subscribe(
            conversation_channel(conversation_id), nearby_channel(conversation_id)
        )
        return self._events

    async def _listen(self, conversation_id: str, events: Subscription) -> None:
        async for event in events:
            try:
                await self._react(conversation_id, event)
            except GONE:
                return
            except StoreUnavailable:
                # Nobody may tell again: look by itself, once the database is back.
                await asyncio.sleep(LOOK_AGAIN_S)
                events.put(RESYNC)
            except Exception as error:
                # The next event reads everything again.
                log.error("chat_socket.missed", error=type(error).__name__)

    async def _react(self, conversation_id: str, event: Event) -> None:
        match event["type"]:
            case "typing":
                if event["sender"] != "customer":
                    await self._send(event)
            case "read":
                if event["by"] != "customer":
                    await self._send(event)
            case "stored":
                await self._show(event["news"])
            case "changed" if self._has_seen(event):
                await self._refresh_opening()
            case _:
                await self._catch_up(conversation_id)

    async def _show(self, news: News) -> None:
        """Send what this process has just stored; what is not next in line is read later."""
        async with self._sending:
            for message in news.messages:
                if message.seq != self._last_seq + 1:
                    return
                await self._socket.send_json(frames.new_message(message))
                self._last_seq = message.seq

    def _has_seen(self, event: Event) -> bool:
        """Tell whether the tab shows a change already. Places in the queue move without one."""
        standing = self._standing
        if standing is None or standing.mode == Mode.QUEUED:
            return False
        speaker = (standing.mode, self._agent_id)
        is_same = speaker == (event["mode"], event["agent_id"])
        return is_same and int(event["last_seq"]) <= self._last_seq

    async def _refresh_opening(self) -> None:
        """Tell when people are back, if that has changed; looked at once a minute."""
        minute = utc_now().replace(second=0, microsecond=0)
        if minute == self._opening_read_at:
            return
        self._opening_read_at, opens = minute, opening_in_words()
        async with self._sending:
            if self._standing and self._standing.opens != opens:
                self._standing = replace(self._standing, opens=opens)
                await self._socket.send_json(frames.mode(self._standing))

    async def _catch_up(self, conversation_id: str) -> None:
        """Send everything stored since the last message sent, then the mode if it changed."""
        async with self._sending:
            before, is_more = self._standing, True
            while is_more:
                page = await self._read(conversation_id)
                for message in page.messages:
                    await self._socket.send_json(frames.new_message(message))
                is_more = self._note(page)
            if page.standing != before:
                await self._socket.send_json(frames.mode(page.standing))

    async def _read(self, conversation_id: str) -> Page:
        return await self._desk.database.look(read_page, conversation_id, self._last_seq)

    def _note(self, page: Page) -> bool:
        """Remember what the tab shows; tells whether there is more to read."""
        self._standing, self._agent_id = page.standing, page.agent_id
        if page.messages:
            self._last_seq = page.messages[-1].seq
        may_have_moved = self._follow_queue(page.standing.mode == Mode.QUEUED)
        return may_have_moved or len(page.messages) == PAGE_SIZE

    def _follow_queue(self, is_waiting: bool) -> bool:
        """Hear of the queue while waiting in it; tells whether places may have moved unheard."""
        if self._events and is_waiting:
            return self._events.listen_to(QUEUE_CHANNEL)
        if self._events:
            self._events.leave(QUEUE_CHANNEL)
        return False

    async def _send(self, frame: dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_json(frame)

    async def _part(self, problem: DeskError, code: int) -> bool:
        await self._send(frames.error(problem))
        await self._socket.close(code)
        return False
