"""Between the edges (sockets, console, REST) and the services: commits, then tells others.

Everything that changes a conversation while people watch goes through here, so that each change
is stored first and announced after.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.conversations import photos, service
from desk.conversations.bot_turns import left_behind
from desk.conversations.bot_worker import BotWorkers
from desk.conversations.greeting import Opened, open_greeted
from desk.conversations.leaving_word import Word, leave_word
from desk.conversations.models import Conversation, Message
from desk.conversations.news import News
from desk.conversations.photos import ReadyPhoto
from desk.conversations.read_marks import Reader, mark_read
from desk.fanout import (
    DESK_CHANNEL,
    NOTICE_CHANNEL,
    QUEUE_CHANNEL,
    conversation_channel,
    nearby_channel,
)
from desk.feedback.chat import take_customer_message
from desk.reviews.replies import ReplyResult, send_reply
from desk.routing import offering

if TYPE_CHECKING:
    from desk.app import Desk

P = ParamSpec("P")
T = TypeVar("T")
Acknowledge = Callable[[Message], Awaitable[None]]
log = structlog.get_logger(__name__)


class Gateway:
    """The live side of conversations in one process. `start` before use, `stop` at the end."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._tasks: set[asyncio.Task[Any]] = set()
        self.workers = BotWorkers(desk, self.tell, self.announce)
        # Older than any turn another process may still be working on.
        self._turn_age_s = 2 * desk.settings.rasa_timeout_s + 5

    async def start(self) -> None:
        """Take up what an earlier run left behind and keep watch."""
        # Alone with the database, nobody else can be at work on what is unanswered.
        await self.recover(min_age_s=self._turn_age_s if self._desk.fanout.is_shared else 0)
        self._spawn(self._sweep_forever())

    async def stop(self) -> None:
        """Finish nothing more; what is under way is taken up at the next start."""
        tasks = [*self._tasks, *self.workers.stop()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def open(
        self, source: str, browser: str | None = None, *, is_traditional: bool = False
    ) -> Opened:
        """Open a conversation and greet the customer.

        `browser` is the secret of the browser's cookie, `is_traditional` the page's script.
        """
        opened = await self._desk.database.run(
            open_greeted,
            self._desk.company,
            is_bot_away=not self._desk.bot.is_answering,
            source=source,
            browser=browser,
            is_traditional=is_traditional,
        )
        await self.tell(News(opened.conversation, [opened.greeting]))
        return opened

    async def customer_message(
        self,
        conversation_id: str,
        *,
        client_id: str,
        text: str,
        payload: str | None = None,
        acknowledge: Acknowledge | None = None,
    ) -> Message:
        """Store a customer's message, call `acknowledge` after the commit, then let the bot work.

        Goes on to the end even if the caller is cancelled: what is stored is also announced.
        """

        async def take() -> Message:
            added = await self._desk.database.run(
                take_customer_message,
                conversation_id,
                client_id=client_id,
                text=text,
                payload=payload,
            )
            try:
                if acknowledge:
                    await acknowledge(added.message)
            finally:
                if added.message.handled_at is None:
                    self.workers.answer(added.conversation, added.message)
                await self.tell(News(added.conversation, [added.message]))
            return added.message

        return await self._to_the_end(take())

    async def customer_photo(
        self, conversation_id: str, *, client_id: str, photo: ReadyPhoto
    ) -> Message:
        """Store a customer's photo; a retry finds the first one."""
        added = await self._say(
            conversation_id,
            photos.add_customer_photo,
            conversation_id,
            client_id=client_id,
            photo=photo,
        )
        return added.message

    async def leave_word(self, conversation_id: str, word: Word, *, client_id: str) -> Message:
        """Store what a customer leaves for people who are not there; a ticket comes of it."""

        async def work() -> Message:
            message = await self._desk.database.run(
                leave_word, conversation_id, word, client_id=client_id
            )
            # Whoever has left word waits no longer.
            await self.announce_queue(conversation_id)
            return message

        return await self._to_the_end(work())

    async def agent_photo(
        self, conversation_id: str, agent: Staff, *, client_id: str, photo: ReadyPhoto
    ) -> Message:
        """Store an agent's photo; a retry finds the first one."""
        added = await self._say(
            conversation_id,
            photos.add_agent_photo,
            conversation_id,
            agent,
            client_id=client_id,
            photo=photo,
        )
        return added.message

    async def reply(
        self,
        conversation_id: str,
        agent: Staff,
        *,
        client_id: str,
        text: str,
        override_reason: str | None = None,
        script_id: str | None = None,
        suggested: str | None = None,
    ) -> ReplyResult:
        """Check an agent's reply and send it if it may go out."""

        async def work() -> ReplyResult:
            result = await self._desk.database.run(
                send_reply,
                self._desk.checker,
                conversation_id,
                agent,
                client_id=client_id,
                text=text,
                override_reason=override_reason,
                script_id=script_id,
                suggested=suggested,
            )
            sent = [result.message] if result.message else []
            await self.tell(News(result.conversation, sent))
            return result

        return await self._to_the_end(work())

    async def claim(
        self, conversation_id: str, agent: Staff, *, expected_version: int | None = None
    ) -> Conversation:
        """Give a waiting conversation to the agent."""
        return await self._change(
            service.claim,
            conversation_id,
            agent,
            expected_version=expected_version,
        )

    async def transfer(self, conversation_id: str, agent: Staff, successor: Staff) -> Conversation:
        """Give a conversation to another agent."""
        return await self._change(service.transfer_to, conversation_id, agent, successor)

    async def transfer_to_group(
        self, conversation_id: str, agent: Staff, group_id: int
    ) -> Conversation:
        """Put a conversation back in the queue, for a group."""
        return await self._change(service.transfer_to_group, conversation_id, agent, group_id)

    async def step_in(self, conversation_id: str, leader: Staff) -> Conversation:
        """Let a leader speak to the customer from now on."""
        return await self._change(service.step_in, conversation_id, leader)

    async def give_to(self, conversation_id: str, leader: Staff, agent: Staff) -> Conversation:
        """Give a conversation to an agent, as a leader wishes."""
        return await self._change(service.give_to, conversation_id, leader, agent)

    async def accept_offer(self, agent: Staff, offer_id: int) -> Conversation:
        """Take the conversation that was offered to the agent."""
        taken = await self._desk.database.run(offering.accept, agent, offer_id)
        await self.announce_queue(taken.id)
        return taken

    async def decline_offer(self, agent: Staff, offer_id: int) -> None:
        """Leave the conversation that was offered to the agent to others."""
        await self._desk.database.run(offering.decline, agent, offer_id)

    async def hand_back(self, conversation_id: str, agent: Staff) -> Conversation:
        """Let the bot speak again."""
        return await self._change(service.hand_back, conversation_id, agent)

    async def close(self, conversation_id: str, agent: Staff) -> Conversation:
        """End a conversation."""
        return await self._change(service.close, conversation_id, agent)

    async def request_handover(
        self, conversation_id: str, *, reason: str, urgent: bool = False
    ) -> Conversation:
        """Put a conversation in the queue."""
        return await self._change(
            service.request_handover,
            conversation_id,
            reason=reason,
            urgent=urgent,
        )

    async def note(
        self, conversation_id: str, staff: Staff, text: str, *, mentions: Iterable[int] = ()
    ) -> Message:
        """Store a note for colleagues; those named in it hear their bells."""
        named = tuple(mentions)
        note = await self._say(
            conversation_id, service.add_note, conversation_id, staff, text, mentions=named
        )
        if named:
            await self._desk.fanout.publish(NOTICE_CHANNEL, {"type": "notices"})
        return note

    async def typing(self, conversation_id: str, sender: str, is_typing: bool) -> None:
        """Tell the others that someone types; nothing is stored."""
        event = {"type": "typing", "sender": sender, "is_typing": is_typing}
        await self._desk.fanout.publish(conversation_channel(conversation_id), event)

    async def customer_read(self, conversation_id: str, seq: int) -> None:
        """The customer has seen the messages up to `seq`; who has seen more already stays so."""
        await self._read(conversation_id, "customer", seq)

    async def staff_read(self, conversation_id: str, seq: int) -> None:
        """The agent has seen the messages up to `seq`; the customer is told. Call it for the one
        who holds the conversation, not for those who only watch."""
        await self._read(conversation_id, "staff", seq)

    async def announce(self, conversation_id: str) -> None:
        """Tell all listeners to read the conversation's new state. Call after the commit."""
        await self.tell(News(await self._desk.database.look(service.find, conversation_id)))

    async def tell(self, news: News) -> None:
        """As `announce`, for what is known already: listeners of this process need not read it."""
        event, fanout, conversation_id = news.as_event(), self._desk.fanout, news.conversation.id
        if news.messages:
            stored = {"type": "stored", "news": news}
            fanout.deliver_here(nearby_channel(conversation_id), stored)
        await fanout.publish(conversation_channel(conversation_id), event)
        await fanout.publish(DESK_CHANNEL, event)

    async def _read(self, conversation_id: str, by: Reader, seq: int) -> None:
        if await self._desk.database.run(mark_read, conversation_id, by, seq):
            event = {"type": "read", "by": by, "seq": seq}
            await self._desk.fanout.publish(conversation_channel(conversation_id), event)

    async def recover(self, *, min_age_s: float) -> int:
        """Ask the bot again what a desk that died left unanswered; without it people take over.

        Only messages at least `min_age_s` old that this process does not work on, each
        conversation's in their order. Returns how many.
        """
        before = utc_now() - timedelta(seconds=min_age_s)
        found = await self._desk.database.look(left_behind, before)
        orphans = [one for one in found if not self.workers.has(one[1])]
        for conversation_id, message_id in orphans:
            self.workers.answer_again(conversation_id, message_id)
        if orphans:
            log.warning("gateway.recovered", messages=len(orphans))
        return len(orphans)

    async def announce_queue(self, conversation_id: str) -> None:
        """As `announce`, for changes that move others' places in the queue too."""
        await self.announce(conversation_id)
        await self._announce_queue()

    async def _change(
        self,
        function: Callable[Concatenate[Session, P], Conversation],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Conversation:
        """Change who speaks; others' places in the queue may move by it."""

        async def work() -> Conversation:
            conversation = await self._desk.database.run(function, *args, **kwargs)
            await self.tell(News(conversation))
            await self._announce_queue()
            return conversation

        return await self._to_the_end(work())

    async def _say(
        self,
        conversation_id: str,
        function: Callable[Concatenate[Session, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Add to what is said, and have those who watch read it."""

        async def work() -> T:
            result = await self._desk.database.run(function, *args, **kwargs)
            await self.announce(conversation_id)
            return result

        return await self._to_the_end(work())

    async def _announce_queue(self) -> None:
        await self._desk.fanout.publish(QUEUE_CHANNEL, {"type": "queue"})

    async def _to_the_end(self, work: Coroutine[Any, Any, T]) -> T:
        """Go on even if the caller is cancelled: what is stored is also announced."""
        return await asyncio.shield(self._spawn(work))

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._desk.settings.rasa_timeout_s + 5)
            try:
                await self.recover(min_age_s=self._turn_age_s)
            except Exception as error:
                # The sweep must survive a database that is away for a moment.
                log.error("gateway.sweep_failed", error=type(error).__name__)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
