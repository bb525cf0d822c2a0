"""One conversation as it goes on, for a leader: look on, whisper, step in, give it to somebody."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import Visit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, customer_name, nothing, words
from desk.console.list_lines import mode_text
from desk.console.live import Listener, Refresher
from desk.console.presence import standing_text
from desk.console.ticket.dialogs import Field, Values, fill_in
from desk.console.transcript import Transcript
from desk.conversations import service
from desk.conversations.models import Conversation, Message, Mode
from desk.errors import NotFound
from desk.fanout import Event, conversation_channel
from desk.locale import t
from desk.routing.groups import Colleague, colleagues
from desk.tickets.service import find_recipient

SHOWN = 100
"""Messages at the beginning; newer ones are added."""


class WatchPanel:
    """The right column. Nothing here tells the customer or the agent that somebody looks on."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._conversation: Conversation | None = None
        with box("k-watch", tag="aside").props(f'aria-label="{t("live.watch")}"'):
            self._nothing = nothing(t("live.watch_nothing"), t("live.watch_hint"), has_help=False)
            self._head = box("k-watch-head")
            with box("k-scroll").props("tabindex=0") as self._scroll, box(""):
                self._transcript = Transcript()
            self._acts = box("k-watch-acts")
        self._show_content(False)
        self._refresher = Refresher(visit.client, self._refresh, pause_s=0)
        self._events = Listener(visit.desk.fanout, visit.client, self._hear)

    async def open(self, conversation_id: str) -> None:
        """Watch a conversation from now on."""
        self._conversation = None
        self._transcript.clear()
        self._events.listen_to(conversation_channel(conversation_id))
        with self._visit.errors_shown():
            await self._read(conversation_id)

    def _hear(self, event: Event) -> None:
        if event.get("type") != "typing":
            self._refresher.request()

    async def _refresh(self) -> None:
        if self._conversation is None:
            return
        with self._visit.errors_shown():
            try:
                await self._read(self._conversation.id)
            except NotFound:
                self._conversation = None
                self._show_content(False)
                self._visit.tell(t("live.watch_over"), kind="info")

    async def _read(self, conversation_id: str) -> None:
        after = self._transcript.last_seq

        def read(session: Session, staff: Staff) -> tuple[Conversation, list[Message]]:
            conversation = service.seen_by(session, staff, conversation_id)
            start = after or max(0, conversation.last_seq - SHOWN)
            found = service.messages_after(
                session, conversation_id, start, for_staff=True, limit=SHOWN
            )
            return conversation, found

        conversation, messages = await self._visit.read(read)
        if self._head.is_deleted:
            return
        before, self._conversation = self._conversation, conversation
        self._transcript.append(messages)
        self._show_content(True)
        if before is None or before.version != conversation.version:
            self._draw(conversation)

    def _show_content(self, is_open: bool) -> None:
        self._nothing.visible = not is_open
        self._head.visible = self._scroll.visible = self._acts.visible = is_open

    def _draw(self, conversation: Conversation) -> None:
        agent = conversation.assigned_to
        self._head.clear()
        with self._head:
            words(customer_name(conversation.id), "k-head-name")
            mode = mode_text(conversation.mode, agent.display_name if agent else None)
            words(mode, f"k-chip is-{conversation.mode}")
            if conversation.is_urgent:
                words(t("console.urgent"), "k-chip is-urgent")
        self._acts.clear()
        with self._acts:
            self._draw_acts(conversation, agent)

    def _draw_acts(self, conversation: Conversation, agent: Staff | None) -> None:
        is_mine = agent is not None and agent.id == self._visit.staff.id
        if agent and not is_mine:
            action(t("live.whisper"), self._whisper, look="outline", icon="chat")
        if conversation.mode != Mode.CLOSED and not is_mine:
            look = "unelevated color=primary"
            action(t("live.step_in"), self._step_in, look=look, icon="headset_mic")
        if conversation.mode in (Mode.QUEUED, Mode.AGENT):
            action(t("live.give"), self._give, look="outline", icon="swap_horiz")
        link = words(t("live.open_desk"), "k-button", tag="a")
        link.props(f"href=/desk?conversation={conversation.id}")

    async def _whisper(self) -> None:
        conversation = self._conversation
        agent = conversation.assigned_to if conversation else None
        if conversation is None or agent is None:
            return
        gateway, name = self._visit.desk.gateway, agent.display_name

        async def work(given: Values) -> None:
            staff = await self._visit.staff_now()
            await gateway.note(conversation.id, staff, given["text"], mentions=[agent.id])

        if await fill_in(
            self._visit,
            title=t("live.whisper_title", agent=name),
            hint=t("live.whisper_hint", agent=name),
            fields=[Field("text", t("live.whisper_label"))],
            submit=t("live.whisper_send"),
            work=work,
        ):
            self._visit.tell(t("live.whispered", agent=name))

    async def _step_in(self) -> None:
        conversation = self._conversation
        title, question = t("live.step_in"), t("live.step_in_question")
        if conversation and await ask_yes(self._visit, title=title, question=question):
            gateway = self._visit.desk.gateway
            await self._do(
                lambda staff: gateway.step_in(conversation.id, staff), t("live.stepped_in")
            )

    async def _give(self) -> None:
        conversation = self._conversation
        if conversation is None:
            return
        gateway, holder = self._visit.desk.gateway, conversation.assigned_to_id
        with self._visit.errors_shown():
            found = await self._visit.read(lambda session, _staff: colleagues(session))
            people = {str(one.id): one for one in found if one.id != holder}

            async def work(given: Values) -> None:
                leader = await self._visit.staff_now()
                successor = await self._visit.read(
                    lambda session, _staff: find_recipient(session, int(given["who"]))
                )
                await gateway.give_to(conversation.id, leader, successor)
                self._visit.tell(t("live.given", agent=successor.display_name))

            options = {key: _option(one) for key, one in people.items()}
            await fill_in(
                self._visit,
                title=t("live.give_title"),
                fields=[Field("who", t("live.give_who"), "choice", options=options)],
                submit=t("live.give"),
                work=work,
            )

    async def _do(self, step: Callable[[Staff], Awaitable[object]], success: str) -> None:
        with self._visit.errors_shown():
            await step(await self._visit.staff_now())
            self._visit.tell(success)
            if self._conversation:
                ui.navigate.to(f"/desk?conversation={self._conversation.id}")


def _option(one: Colleague) -> str:
    return t(
        "live.give_option",
        name=one.display_name,
        state=standing_text(one.standing),
        load=one.load,
        capacity=one.capacity,
    )
