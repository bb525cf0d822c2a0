"""The middle column: one conversation with its transcript, what can be done, and the input."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.console.access import Visit
from desk.console.confirming import ask_for_note, ask_yes
from desk.console.elements import action, box, customer_name, words
from desk.console.lists import mode_text
from desk.console.reply import ReplyBox
from desk.console.transcript import Transcript
from desk.conversations import service
from desk.conversations.models import Conversation, Message, Mode
from desk.errors import NotFound
from desk.locale import t

PAGE_SIZE = 200


class ConversationPanel:
    """Shows the selected conversation. `on_change` is called after each reading of it, `on_leave`
    when it may not be seen any more."""

    def __init__(
        self,
        visit: Visit,
        make_reply_box: Callable[[], ReplyBox],
        *,
        on_change: Callable[[Conversation, list[Message]], Awaitable[None]],
        on_leave: Callable[[], None],
    ) -> None:
        self._visit = visit
        self._on_leave = on_leave
        self._on_change = on_change
        self._version = 0
        self.conversation: Conversation | None = None
        with box("k-middle", tag="section"):
            self._nothing = _nothing_selected()
            self._content = box("k-middle").style("flex: 1")
            with self._content:
                self._head = box("k-head")
                with box("k-scroll").props("tabindex=0"), box(""):
                    self._earlier = action(t("console.earlier"), self._load_earlier)
                    self._earlier.classes("k-earlier")
                    self.transcript = Transcript()
                self._typing = words(t("console.customer_typing"), "k-typing", tag="div")
                self._typing.props("role=status")
                with box("k-reply"):
                    self._closed = words("", "k-reply-closed", tag="div")
                    self.reply = make_reply_box()
        self._content.visible = self._typing.visible = False

    async def open(self, conversation_id: str) -> None:
        """Show another conversation from its newest messages on."""
        self.conversation = None
        self.transcript.clear()
        self.reply.hide()
        await self._read(conversation_id, is_new=True)

    async def refresh(self) -> None:
        """Read what is new in the conversation on the screen; leave it if a colleague took it."""
        if self.conversation is None:
            return
        try:
            await self._read(self.conversation.id, is_new=False)
        except NotFound:
            self.conversation = None
            self.transcript.clear()
            self.reply.hide()
            self._nothing.visible, self._content.visible = True, False
            self._visit.tell(t("console.taken_away"), kind="info")
            self._on_leave()

    def show_typing(self, is_typing: bool) -> None:
        """Show or hide that the customer is typing."""
        self._typing.visible = is_typing

    async def _read(self, conversation_id: str, *, is_new: bool) -> None:
        after = self.transcript.last_seq

        def read(session: Session, staff: Staff) -> tuple[Conversation, list[Message]]:
            conversation = service.seen_by(session, staff, conversation_id)
            start = max(0, conversation.last_seq - PAGE_SIZE) if is_new else after
            return conversation, _all_after(session, conversation_id, start)

        conversation, messages = await self._visit.read(read)
        if not is_new and (self.conversation is None or self.conversation.id != conversation_id):
            return
        self.conversation = conversation
        self._draw(messages, is_new=is_new)
        await self._on_change(conversation, messages)

    def _draw(self, messages: list[Message], *, is_new: bool) -> None:
        conversation = self.conversation
        if conversation is None or self._content.is_deleted:
            return
        self._nothing.visible, self._content.visible = False, True
        self.transcript.append(messages)
        self._earlier.visible = self.transcript.first_seq > 1
        if is_new or conversation.version != self._version:
            self._version = conversation.version
            self._draw_head(conversation)
            self._draw_reply(conversation)

    def _draw_head(self, conversation: Conversation) -> None:
        self._head.clear()
        agent = conversation.assigned_to
        with self._head:
            words(customer_name(conversation.id), "k-head-name")
            mode = mode_text(conversation.mode, agent.display_name if agent else None)
            words(mode, f"k-chip is-{conversation.mode}")
            if conversation.is_urgent:
                words(t("console.urgent"), "k-chip is-urgent")
            if conversation.mode == Mode.QUEUED and conversation.queue_reason:
                words(t(f"console.reason_{conversation.queue_reason}"), "k-chip")
            with box("k-head-actions"):
                self._draw_actions(conversation)

    def _draw_actions(self, conversation: Conversation) -> None:
        action(t("console.note"), self._note, icon="sticky_note_2")
        is_held = conversation.mode == Mode.AGENT
        is_chief = has_role(self._visit.staff, Role.SUPERVISOR)
        if is_held and (self._is_mine(conversation) or is_chief):
            action(t("console.hand_back"), self._hand_back, look="outline", icon="smart_toy")
            action(t("console.close"), self._close, look="outline", icon="check")
        if conversation.mode == Mode.QUEUED:
            look = "unelevated color=primary"
            action(t("console.claim"), self._claim, look=look, icon="headset_mic")

    def _draw_reply(self, conversation: Conversation) -> None:
        is_mine = conversation.mode == Mode.AGENT and self._is_mine(conversation)
        self._closed.visible = not is_mine
        if is_mine:
            self.reply.show(conversation.id)
            return
        self.reply.hide()
        agent = conversation.assigned_to
        name = agent.display_name if agent else ""
        self._closed.set_text(t(f"console.reply_readonly_{conversation.mode}", name=name))

    def _is_mine(self, conversation: Conversation) -> bool:
        return conversation.assigned_to_id == self._visit.staff.id

    async def _claim(self) -> None:
        conversation = self.conversation
        if conversation is None:
            return
        gateway = self._visit.desk.gateway
        await self._do(
            lambda staff: gateway.claim(
                conversation.id, staff, expected_version=conversation.version
            ),
            t("console.claimed"),
        )

    async def _hand_back(self) -> None:
        conversation = self.conversation
        question = t("console.hand_back_question")
        title = t("console.hand_back")
        if conversation and await ask_yes(self._visit, title=title, question=question):
            gateway = self._visit.desk.gateway
            await self._do(
                lambda staff: gateway.hand_back(conversation.id, staff), t("console.handed_back")
            )

    async def _close(self) -> None:
        conversation = self.conversation
        question = t("console.close_question")
        title = t("console.close")
        if conversation and await ask_yes(self._visit, title=title, question=question):
            gateway = self._visit.desk.gateway
            await self._do(lambda staff: gateway.close(conversation.id, staff), t("console.closed"))

    async def _note(self) -> None:
        conversation = self.conversation
        text = await ask_for_note(self._visit) if conversation else None
        if conversation and text:
            gateway = self._visit.desk.gateway
            await self._do(
                lambda staff: gateway.note(conversation.id, staff, text), t("console.note_saved")
            )

    async def _do(self, step: Callable[[Staff], Awaitable[Any]], success: str) -> None:
        """Take a step as the one logged in now; its effect is shown even if it failed."""
        with self._visit.errors_shown():
            await step(await self._visit.staff_now())
            self._visit.tell(success)
        with self._visit.errors_shown():
            await self.refresh()

    async def _load_earlier(self) -> None:
        conversation, before = self.conversation, self.transcript.first_seq
        if conversation is None:
            return
        conversation_id = conversation.id

        def read(session: Session, staff: Staff) -> list[Message]:
            service.seen_by(session, staff, conversation_id)
            start = max(0, before - 1 - PAGE_SIZE)
            return service.messages_after(
                session, conversation_id, start, for_staff=True, limit=before - 1 - start
            )

        with self._visit.errors_shown():
            self.transcript.prepend(await self._visit.read(read))
            self._earlier.visible = self.transcript.first_seq > 1


def _nothing_selected() -> ui.element:
    with box("k-nothing") as place:
        words(t("console.select_title"), "k-nothing-title", tag="div")
        words(t("console.select_hint"), tag="div")
    return place


def _all_after(session: Session, conversation_id: str, seq: int) -> list[Message]:
    messages: list[Message] = []
    while True:
        part = service.messages_after(
            session, conversation_id, seq, for_staff=True, limit=PAGE_SIZE
        )
        messages += part
        if len(part) < PAGE_SIZE:
            return messages
        seq = part[-1].seq
