"""One worker per conversation brings the customer's messages to the bot, one after another."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import structlog

from desk.conversations import service
from desk.conversations.bot_turns import TurnRequest, request_of, turn_request
from desk.conversations.domain import BotTurn, HandoverReason
from desk.conversations.models import Conversation, Message, Mode
from desk.conversations.news import News
from desk.conversations.repository import Head
from desk.errors import BotUnavailable, StoreUnavailable
from desk.fanout import QUEUE_CHANNEL, conversation_channel

if TYPE_CHECKING:
    from desk.app import Desk

T = TypeVar("T")

STORE_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
"""While the database is away, before the next try to read a question or store what was said."""
TYPING_AFTER_S = 0.3
"""Dots that come and go within a blink only make the page restless."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """A message to answer.

    Attributes:
        request: what to ask; None if it is to be read first.
        is_repeat: the bot may have had the message before.
    """

    message_id: int
    request: TurnRequest | None = None
    is_repeat: bool = False


class BotWorkers:
    """The bot turns under way in this process.

    Args:
        desk: the process's desk.
        tell: tells those who watch what was stored.
        announce: has them read a conversation's state.
    """

    def __init__(
        self,
        desk: "Desk",
        tell: Callable[[News], Awaitable[None]],
        announce: Callable[[str], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._tell = tell
        self._announce = announce
        self._jobs: dict[str, deque[_Job]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def answer(self, conversation: Conversation | Head, message: Message) -> None:
        """Have the bot answer a message just stored; one already in work is not doubled."""
        self._add(conversation.id, _Job(message.id, request_of(conversation, message)))

    def answer_again(self, conversation_id: str, message_id: int) -> None:
        """As `answer`, for a message that the bot may have had before: it says the same again."""
        self._add(conversation_id, _Job(message_id, is_repeat=True))

    def has(self, message_id: int) -> bool:
        """Tell whether this process still works on the message."""
        return any(job.message_id == message_id for jobs in self._jobs.values() for job in jobs)

    def stop(self) -> list[asyncio.Task[None]]:
        """Return the running tasks, for the caller to cancel."""
        return list(self._tasks.values())

    async def idle(self) -> None:
        """Return once nothing is in work."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _add(self, conversation_id: str, job: _Job) -> None:
        jobs = self._jobs.setdefault(conversation_id, deque())
        if any(one.message_id == job.message_id for one in jobs):
            return
        jobs.append(job)
        if conversation_id not in self._tasks:
            task = asyncio.create_task(self._work(conversation_id, jobs))
            self._tasks[conversation_id] = task

    async def _work(self, conversation_id: str, jobs: deque[_Job]) -> None:
        try:
            is_with_bot = True
            while jobs:
                # Where people may have taken over meanwhile, what was asked is looked at again.
                job = jobs[0] if is_with_bot else replace(jobs[0], request=None)
                is_with_bot = await self._do(conversation_id, job)
                jobs.popleft()
        finally:
            self._jobs.pop(conversation_id, None)
            self._tasks.pop(conversation_id, None)

    async def _do(self, conversation_id: str, job: _Job) -> bool:
        """Answer a message; tells whether the conversation is known to be with the bot still."""
        news: News | None = None
        try:
            news = await self._answer(conversation_id, job)
        except Exception as error:
            log.error("bot_worker.failed", error=type(error).__name__)
            await self._give_up(conversation_id, job.message_id)
        finally:
            # Words that arrive end the typing by themselves.
            if news is None or not news.messages:
                await self._typing(conversation_id, False)
        return news is not None and news.conversation.mode == Mode.BOT

    async def _give_up(self, conversation_id: str, message_id: int) -> None:
        """Hand the message to people; if the database is away too, the sweep does it later."""
        try:
            await self._fail(conversation_id, message_id, HandoverReason.BOT_ERROR)
        except Exception as error:
            log.error("bot_worker.give_up_failed", error=type(error).__name__)

    async def _answer(self, conversation_id: str, job: _Job) -> News | None:
        """Ask the bot and store what it said; return that, None if nothing was stored."""
        database, message_id = self._desk.database, job.message_id
        request = job.request or await _insist(lambda: database.look(turn_request, message_id))
        if request is None:
            return None
        try:
            async with self._typing_meanwhile(conversation_id):
                turn = await self._ask(request, message_id, is_repeat=job.is_repeat)
        except BotUnavailable:
            await self._fail(conversation_id, message_id, HandoverReason.BOT_UNAVAILABLE)
            return None
        if not turn.messages and not turn.commands:
            log.warning("bot_worker.empty_turn")
            await self._fail(conversation_id, message_id, HandoverReason.BOT_ERROR)
            return None
        news = await _insist(
            lambda: database.run(service.apply_bot_turn, conversation_id, message_id, turn)
        )
        if news is None:
            # Perhaps stored by a first try whose end was not heard of.
            await _insist(lambda: self._announce(conversation_id))
        else:
            await self._tell(news)
        if turn.commands:
            await self._announce_queue()
        return news

    async def _ask(self, request: TurnRequest, message_id: int, *, is_repeat: bool) -> BotTurn:
        metadata = {
            "source": request.source,
            "is_traditional": request.is_traditional,
            # By the desk, when the conversation was opened.
            "is_greeted": True,
        }
        return await self._desk.bot.send(
            request.conversation_id,
            request.text,
            request.payload,
            metadata,
            message_id=str(message_id),
            is_repeat=is_repeat,
        )

    async def _fail(self, conversation_id: str, message_id: int, reason: str) -> None:
        run = self._desk.database.run
        await _insist(
            lambda: run(service.fail_bot_turn, conversation_id, message_id, reason=reason)
        )
        await _insist(lambda: self._announce(conversation_id))
        await self._announce_queue()

    async def _announce_queue(self) -> None:
        await self._desk.fanout.publish(QUEUE_CHANNEL, {"type": "queue"})

    @asynccontextmanager
    async def _typing_meanwhile(self, conversation_id: str) -> AsyncIterator[None]:
        """Show that the bot types, if the block takes so long that somebody would notice."""
        shown: list[asyncio.Task[None]] = []

        def show() -> None:
            shown.append(asyncio.create_task(self._typing(conversation_id, True)))

        timer = asyncio.get_running_loop().call_later(TYPING_AFTER_S, show)
        try:
            yield
        finally:
            timer.cancel()
            # What follows must not overtake it.
            await asyncio.gather(*shown)

    async def _typing(self, conversation_id: str, is_typing: bool) -> None:
        event = {"type": "typing", "sender": "bot", "is_typing": is_typing}
        await self._desk.fanout.publish(conversation_channel(conversation_id), event)


async def _insist(work: Callable[[], Awaitable[T]]) -> T:
    """Do what may be done twice, again while the database is away."""
    for pause_s in STORE_PAUSES_S:
        try:
            return await work()
        except StoreUnavailable:
            await asyncio.sleep(pause_s)
    return await work()
