"""WebSocket `/ws/chat` of the customer page and the widget. Frames: see `frames`."""

import asyncio
import contextlib
from dataclasses import asdict
from typing import Any

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.orm import Session
from starlette.websockets import WebSocketDisconnected

from desk import flood
from desk.clock import utc_now
from desk.conversations import capability, frames, service
from desk.conversations.frames import BrokenFrame, Standing
from desk.conversations.leaving_word import Word
from desk.conversations.models import Conversation, Message, Mode
from desk.conversations.returning import give_link
from desk.conversations.waits import minutes_told
from desk.current import get_desk
from desk.errors import DeskError, InvalidInput, StoreUnavailable, TooManyRequests
from desk.fanout import QUEUE_CHANNEL, RESYNC, Subscription, conversation_channel
from desk.rate_limit import RateLimiter
from desk.routing.hours import moment_in_words, next_opening, people_are_here
from desk.web.visitor import browsers_of

PAGE_SIZE = 200
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
        self._frames = RateLimiter(FRAMES_PER_10_S, 10)
        self._sending = asyncio.Lock()
        self._watchers: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Serve until the browser leaves or breaks the rules."""
        try:
            while await self._serve_next():
                pass
        finally:
            for watcher in self._watchers:
                watcher.cancel()
            await asyncio.gather(*self._watchers, return_exceptions=True)

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
        if link:
            conversation, token = await self._come_back(link)
        else:
            conversation, token = await self._conversation(token, source)
        # Listen first, then read: nothing can fall between.
        self._watch(conversation.id)
        standing, messages = await self._desk.database.look(
            _news, conversation.id, min(last_seq, conversation.last_seq)
        )
        self._note(standing, messages, start=min(last_seq, conversation.last_seq))
        await self._send(frames.welcome(conversation, token, standing, messages))
        self._conversation_id = conversation.id
        await self._catch_up(conversation.id)

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

    async def _conversation(
        self, token: str | None, source: str | None
    ) -> tuple[Conversation, str]:
        gateway = self._desk.gateway
        if token:
            conversation = await self._desk.database.look(
                capability.check, token, browsers=self._browsers, now=utc_now()
            )
            if self._browsers and not await self._desk.database.look(capability.is_bound, token):
                await self._desk.database.run(capability.bind, token, self._browsers[0])
            if conversation.last_seq == 0:
                gateway.workers.greet(conversation.id)
            return conversation, token
        if self._browser:
            await self._desk.flood.take(flood.TALKS_OF_BROWSER, self._browser)
        await self._desk.flood.take(flood.TALKS_OF_ADDRESS, self._address)
        return await gateway.open(
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
        await self._send(frames.ack(message))

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

        async def acknowledge(message: Message) -> None:
            await self._send(frames.ack(message))

        await self._desk.gateway.customer_message(
            conversation_id,
            client_id=client_id,
            text=text,
            payload=payload,
            acknowledge=acknowledge,
        )

    def _watch(self, conversation_id: str) -> None:
        for channel in (conversation_channel(conversation_id), QUEUE_CHANNEL):
            subscription = self._desk.fanout.subscribe(channel)
            self._watchers.append(asyncio.create_task(self._listen(subscription)))

    async def _listen(self, subscription: Subscription) -> None:
        async with subscription:
            async for event in subscription:
                try:
                    await self._react(event, is_own=subscription.channel != QUEUE_CHANNEL)
                except GONE:
                    return
                except StoreUnavailable:
                    # Nobody may tell again: look by itself, once the database is back.
                    await asyncio.sleep(LOOK_AGAIN_S)
                    subscription.put(RESYNC)
                except Exception as error:
                    # The next event reads everything again.
                    log.error("chat_socket.missed", error=type(error).__name__)

    async def _react(self, event: dict[str, Any], *, is_own: bool) -> None:
        if self._conversation_id is None:
            return
        kind = event["type"]
        if is_own and kind == "typing":
            if event["sender"] != "customer":
                await self._send(event)
        elif is_own and kind == "read":
            if event["by"] != "customer":
                await self._send(event)
        elif is_own or (kind == "queue" and self._is_waiting()):
            await self._catch_up(self._conversation_id)

    def _is_waiting(self) -> bool:
        return self._standing is not None and self._standing.mode == Mode.QUEUED

    async def _catch_up(self, conversation_id: str) -> None:
        """Send everything stored since the last message sent, then the mode if it changed."""
        async with self._sending:
            while True:
                standing, messages = await self._desk.database.look(
                    _news, conversation_id, self._last_seq
                )
                for message in messages:
                    await self._socket.send_json(frames.new_message(message))
                changed = standing != self._standing
                self._note(standing, messages, start=self._last_seq)
                if len(messages) < PAGE_SIZE:
                    break
            if changed:
                await self._socket.send_json(frames.mode(standing))

    def _note(self, standing: Standing, messages: list[Message], *, start: int) -> None:
        self._standing = standing
        self._last_seq = messages[-1].seq if messages else start

    async def _send(self, frame: dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_json(frame)

    async def _part(self, problem: DeskError, code: int) -> bool:
        await self._send(frames.error(problem))
        await self._socket.close(code)
        return False


def _news(session: Session, conversation_id: str, seq: int) -> tuple[Standing, list[Message]]:
    """Return who speaks and a page of what the customer has not seen yet."""
    conversation = service.find(session, conversation_id)
    agent = conversation.assigned_to
    place = service.queue_position(session, conversation)
    standing = Standing(
        conversation.mode,
        agent.display_name if agent else None,
        place,
        opens=None if people_are_here() else moment_in_words(next_opening()),
        wait_minutes=minutes_told(session, place, utc_now()) if place else None,
    )
    messages = service.messages_after(
        session, conversation_id, seq, for_staff=False, limit=PAGE_SIZE
    )
    return standing, messages
