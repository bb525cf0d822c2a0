"""`/desk`: the agent's workbench. Puts the columns together and keeps them up to date."""

from fastapi import Request
from fastapi.responses import Response
from nicegui import background_tasks, ui

from desk.console.access import DESK_ROLES, Visit, admit
from desk.console.aids import Aids
from desk.console.conversation import ConversationPanel
from desk.console.elements import box
from desk.console.lists import Lists
from desk.console.live import Listener, Refresher
from desk.console.reply import ReplyBox
from desk.console.theme import frame
from desk.conversations.models import Conversation, Message, Sender
from desk.fanout import DESK_CHANNEL, Event, conversation_channel
from desk.locale import t

CLOCK_S = 20.0
TYPING_SHOWN_S = 12.0


async def desk_page(request: Request) -> Response | None:
    """Build the page for agents and supervisors."""
    visit = await admit(request, *DESK_ROLES)
    if isinstance(visit, Response):
        return visit
    with frame(visit, active="desk"):
        workbench = Workbench(visit)
    wanted = request.query_params.get("conversation")
    await (workbench.select(wanted) if wanted else workbench.lists.refresh())
    return None


class Workbench:
    """One agent's open page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._seen: dict[str, int] = {}
        with box("k-desk"):
            self.lists = Lists(visit, self._seen, self.select)
            self.panel = ConversationPanel(
                visit,
                self._make_reply_box,
                on_change=self._conversation_read,
                on_leave=self._conversation_left,
            )
            self.aids = Aids(visit, self._use_suggestion)
            self._typing_end = ui.timer(
                TYPING_SHOWN_S, lambda: self._customer_types(False), active=False
            )
            ui.timer(CLOCK_S, self._tick)
        fanout, client = visit.desk.fanout, visit.client
        self._refresh_lists = Refresher(client, self.lists.refresh)
        self._refresh_panel = Refresher(client, self._refresh_conversation, pause_s=0)
        self._desk_events = Listener(fanout, client, self._heard_desk)
        self._conversation_events = Listener(fanout, client, self._heard_conversation)
        self._desk_events.listen_to(DESK_CHANNEL)

    async def select(self, conversation_id: str) -> None:
        """Show a conversation in the middle and on the right."""
        with self._visit.errors_shown():
            self._conversation_events.listen_to(conversation_channel(conversation_id))
            self._customer_types(False)
            await self.panel.open(conversation_id)
            self.lists.selected = conversation_id
        await self.lists.refresh()

    def _make_reply_box(self) -> ReplyBox:
        return ReplyBox(self._visit, known=lambda: self.aids.known(), on_sent=self._sent)

    def _use_suggestion(self, script_id: str, text: str) -> None:
        if self.panel.reply.is_open:
            self.panel.reply.use_suggestion(script_id, text)
        else:
            self._visit.tell(t("console.suggestion_claim_first"), kind="warning")

    async def _conversation_read(self, conversation: Conversation, messages: list[Message]) -> None:
        self._seen[conversation.id] = conversation.last_seq
        if any(message.sender == Sender.CUSTOMER for message in messages):
            self._customer_types(False)
        background_tasks.create(self._refresh_aids(conversation))

    def _conversation_left(self) -> None:
        self._conversation_events.stop()
        self.lists.selected = None
        self.aids.clear()
        self._refresh_lists.request()

    async def _refresh_aids(self, conversation: Conversation) -> None:
        with self._visit.errors_shown():
            await self.aids.refresh(conversation)

    async def _refresh_conversation(self) -> None:
        with self._visit.errors_shown():
            await self.panel.refresh()
        await self.lists.refresh()

    def _sent(self) -> None:
        self._refresh_panel.request()

    def _tick(self) -> None:
        self._refresh_lists.request()

    def _heard_desk(self, event: Event) -> None:
        current = self.panel.conversation
        # The conversation on the screen has a channel of its own, which refreshes the lists too.
        if current is None or event.get("conversation_id") != current.id:
            self._refresh_lists.request()

    def _heard_conversation(self, event: Event) -> None:
        if event.get("type") != "typing":
            self._refresh_panel.request()
        elif event.get("sender") == "customer":
            self._customer_types(event.get("is_typing") is True)

    def _customer_types(self, is_typing: bool) -> None:
        self.panel.show_typing(is_typing)
        self._typing_end.active = is_typing
