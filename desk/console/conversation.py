"""The middle column: one conversation with its transcript, what can be done, and the input."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import Visit
from desk.console.colleagues import Colleagues
from desk.console.elements import action, box, customer_name, nothing, words
from desk.console.list_lines import mode_text
from desk.console.reply import ReplyBox
from desk.console.steps import Steps
from desk.console.transcript import Transcript
from desk.conversations import service
from desk.conversations.drafts import Begun, draft_of
from desk.conversations.models import Conversation, Message, Mode
from desk.errors import NotFound
from desk.locale import t

FIRST_PAGE = 50
"""Messages drawn when a conversation is opened; earlier ones come while one scrolls up."""
EARLIER_PAGE = 100
CATCH_UP = 200


@dataclass(frozen=True, slots=True)
class _Read:
    conversation: Conversation
    messages: list[Message]
    draft: Begun | None


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
        self._opening: str | None = None
        self.conversation: Conversation | None = None
        self._steps = Steps(visit, lambda: self.conversation, self.refresh)
        with box("k-middle", tag="section").props(f'aria-label="{t("workbench.conversation")}"'):
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
                    self.colleagues = Colleagues(visit)
                    self._closed = words("", "k-reply-closed", tag="div")
                    self.reply = make_reply_box()
        self._content.visible = self._typing.visible = False

    async def open(self, conversation_id: str) -> None:
        """Show another conversation from its newest messages on.

        Raises:
            NotFound: there is none, or it is not for this person; nothing is shown then.
        """
        self._opening = conversation_id
        self.conversation = None
        self.transcript.clear()
        self.reply.hide()
        try:
            await self._read(conversation_id, is_new=True)
        except NotFound:
            self._show_nothing()
            raise

    async def refresh(self) -> None:
        """Read what is new in the conversation on the screen; leave it if a colleague took it."""
        if self.conversation is None:
            return
        try:
            await self._read(self.conversation.id, is_new=False)
        except NotFound:
            self._show_nothing()
            self._visit.tell(t("console.taken_away"), kind="info")
            self._on_leave()

    def _show_nothing(self) -> None:
        self.conversation = None
        self.transcript.clear()
        self.reply.hide()
        self.colleagues.leave()
        self._nothing.visible, self._content.visible = True, False

    def show_typing(self, is_typing: bool) -> None:
        """Show or hide that the customer is typing."""
        self._typing.visible = is_typing

    def show_read(self, seq: int) -> None:
        """Show how far the customer has read."""
        self.transcript.mark_read(seq)

    @property
    def is_mine(self) -> bool:
        """Tell whether the conversation on the screen is this agent's."""
        one = self.conversation
        return one is not None and one.mode == Mode.AGENT and self._is_mine(one)

    async def _read(self, conversation_id: str, *, is_new: bool) -> None:
        after = self.transcript.last_seq

        def read(session: Session, staff: Staff) -> _Read:
            conversation = service.seen_by(session, staff, conversation_id)
            start = max(0, conversation.last_seq - FIRST_PAGE) if is_new else after
            messages = _all_after(session, conversation_id, start)
            draft = draft_of(session, staff, conversation_id) if is_new else None
            return _Read(conversation, messages, draft)

        read_at = monotonic()
        found = await self._visit.read(read)
        # Who clicks on is not held up, and what comes late is not shown over what was chosen last.
        shown = self.conversation.id if self.conversation else None
        if conversation_id != (self._opening if is_new else shown):
            return
        self.conversation = found.conversation
        if is_new:
            self.reply.take_draft(conversation_id, found.draft, read_at=read_at)
        else:
            self.reply.heard(found.messages)
        self._draw(found.messages, is_new=is_new)
        await self._on_change(found.conversation, found.messages)

    def _draw(self, messages: list[Message], *, is_new: bool) -> None:
        conversation = self.conversation
        if conversation is None or self._content.is_deleted:
            return
        self._nothing.visible, self._content.visible = False, True
        unread_after = conversation.staff_read_seq if is_new and self.is_mine else None
        self.transcript.append(messages, unread_after=unread_after)
        self.transcript.mark_read(conversation.customer_read_seq)
        self._earlier.visible = self.transcript.first_seq > 1
        if is_new or conversation.version != self._version:
            self._version = conversation.version
            self._draw_head(conversation)
            self._draw_reply(conversation)
        self.colleagues.enter(conversation)

    def _draw_head(self, conversation: Conversation) -> None:
        self._head.clear()
        agent = conversation.assigned_to
        with self._head:
            words(customer_name(conversation.id), "k-head-name", tag="h2")
            mode = mode_text(conversation.mode, agent.display_name if agent else None)
            words(mode, f"k-chip is-{conversation.mode}")
            if conversation.is_urgent:
                words(t("console.urgent"), "k-chip is-urgent")
            if conversation.mode == Mode.QUEUED and conversation.queue_reason:
                words(t(f"console.reason_{conversation.queue_reason}"), "k-chip")
            with box("k-head-actions"):
                self._steps.draw(conversation)

    def _draw_reply(self, conversation: Conversation) -> None:
        is_mine = self.is_mine
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

    async def _load_earlier(self) -> None:
        conversation, before = self.conversation, self.transcript.first_seq
        if conversation is None or before <= 1:
            return
        conversation_id = conversation.id

        def read(session: Session, staff: Staff) -> list[Message]:
            service.seen_by(session, staff, conversation_id)
            start = max(0, before - 1 - EARLIER_PAGE)
            return service.messages_after(
                session, conversation_id, start, for_staff=True, limit=before - 1 - start
            )

        with self._visit.errors_shown():
            messages = await self._visit.read(read)
            if self.conversation is not None and self.conversation.id == conversation_id:
                self.transcript.prepend(messages)
                self._earlier.visible = self.transcript.first_seq > 1


def _nothing_selected() -> ui.element:
    place = nothing(t("console.select_title"), t("console.select_hint"))
    with place:
        words(t("workbench.keys_hint"), tag="div").move(place, target_index=2)
    return place


def _all_after(session: Session, conversation_id: str, seq: int) -> list[Message]:
    messages: list[Message] = []
    while True:
        part = service.messages_after(session, conversation_id, seq, for_staff=True, limit=CATCH_UP)
        messages += part
        if len(part) < CATCH_UP:
            return messages
        seq = part[-1].seq
