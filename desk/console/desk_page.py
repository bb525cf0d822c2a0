"""`/desk`: the agent's workbench. Puts the columns together and keeps them up to date."""

import json
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import background_tasks, ui

from desk.console.access import DESK_ROLES, Visit, admit
from desk.console.aids import Aids
from desk.console.conversation import ConversationPanel
from desk.console.elements import action, box, customer_name
from desk.console.lists import Lists
from desk.console.live import Listener, Refresher
from desk.console.reply import ReplyBox
from desk.console.script_palette import ScriptPalette
from desk.console.theme import frame
from desk.conversations.mentions import mark_seen
from desk.conversations.models import Conversation, Message, Sender
from desk.fanout import DESK_CHANNEL, Event, conversation_channel
from desk.locale import t, texts

CLOCK_S = 20.0
LISTS_S = 60.0
"""The lists are read again after this time even if nothing was heard: with 50 pages open, the most
that the desk does for pages at which nothing happens."""
TYPING_SHOWN_S = 12.0
FOLDER = Path(__file__).resolve().parent
CSS = (FOLDER / "workbench.css").read_text(encoding="utf-8")
SCRIPT = (FOLDER / "workbench.js").read_text(encoding="utf-8")


async def desk_page(request: Request) -> Response | None:
    """Build the page for agents and supervisors; `?conversation=` opens one."""
    visit = await admit(request, *DESK_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_head_html(f"<script>{SCRIPT}</script>")
    with frame(visit, active="desk"):
        # After the frame's: where both say something, this counts.
        ui.add_css(CSS)
        workbench = Workbench(visit)
    wanted = request.query_params.get("conversation")
    await (workbench.select(wanted) if wanted else workbench.lists.refresh())
    return None


class Workbench:
    """One agent's open page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._is_watched = True
        self._unread: dict[str, int] | None = None
        with box("k-desk"):
            self.lists = Lists(visit, self.select, self._claim_next)
            self.panel = ConversationPanel(
                visit,
                self._make_reply_box,
                on_change=self._conversation_read,
                on_leave=self._conversation_left,
            )
            self.aids = Aids(visit, self._use_suggestion, self._insert)
            self._palette = ScriptPalette(
                visit, known=lambda: self.aids.known(), on_use=self._use_suggestion
            )
            self._typing_end = ui.timer(
                TYPING_SHOWN_S, lambda: self._customer_types(False), active=False
            )
            ui.timer(CLOCK_S, self._tick)
            ui.timer(LISTS_S, lambda: self._refresh_lists.request(), immediate=False)
        ui.on("kefu_watched", lambda event: self._watched(event.args))
        fanout, client = visit.desk.fanout, visit.client
        self._refresh_lists = Refresher(client, self._read_lists)
        self._refresh_panel = Refresher(client, self._refresh_conversation, pause_s=0)
        self._desk_events = Listener(fanout, client, self._heard_desk)
        self._conversation_events = Listener(fanout, client, self._heard_conversation)
        self._desk_events.listen_to(DESK_CHANNEL)
        client.on_connect(self._begin)

    async def select(self, conversation_id: str) -> None:
        """Show a conversation in the middle and on the right."""
        with self._visit.errors_shown():
            self._conversation_events.listen_to(conversation_channel(conversation_id))
            self._customer_types(False)
            self.panel.colleagues.leave()
            self._visit.return_to(f"/desk?conversation={conversation_id}")
            self.lists.selected = conversation_id
            await self.panel.open(conversation_id)
        self._refresh_lists.request()

    def _begin(self) -> None:
        """Hand the page's script its words; again after a lost connection."""
        words = json.dumps(dict(texts("workbench")["script"]), ensure_ascii=False)
        with self._visit.client:
            ui.run_javascript(f'kefuDesk.begin({words}, "{self._visit.staff.id}")')
        self.panel.reply.begin_in_browser()
        self._refresh_lists.request()
        self._refresh_panel.request()

    def _make_reply_box(self) -> ReplyBox:
        with box("k-reply-tools"):
            scripts = action(t("workbench.scripts"), lambda: self._palette.open(), icon="bolt")
            scripts.classes("k-small").props("data-shortcut=/")
            scripts.props["title"] = t("workbench.scripts_title")
        return ReplyBox(
            self._visit,
            known=lambda: self.aids.known(),
            on_typing=lambda: self.panel.colleagues.typing(),
            on_sent=self._sent,
            on_kept=self._draft_kept,
        )

    def _draft_kept(self, conversation_id: str, is_there: bool) -> None:
        if self.lists.shows_draft(conversation_id) != is_there:
            self._refresh_lists.request()

    def _use_suggestion(self, script_id: str, text: str) -> None:
        if self.panel.reply.is_open:
            self.panel.reply.use_suggestion(script_id, text)
        else:
            self._visit.tell(t("console.suggestion_claim_first"), kind="warning")

    def _insert(self, text: str) -> None:
        if self.panel.reply.is_open:
            self.panel.reply.add(text)
        else:
            self._visit.tell(t("console.suggestion_claim_first"), kind="warning")

    async def _claim_next(self) -> None:
        waiting = self.lists.next_waiting
        if waiting is None:
            self._visit.tell(t("workbench.queue_empty"), kind="info")
            return
        gateway = self._visit.desk.gateway
        with self._visit.errors_shown():
            staff = await self._visit.staff_now()
            await gateway.claim(waiting.conversation_id, staff, expected_version=waiting.version)
            await self.select(waiting.conversation_id)
            self.panel.reply.focus()
        self._refresh_lists.request()

    async def _conversation_read(self, conversation: Conversation, messages: list[Message]) -> None:
        if any(message.sender == Sender.CUSTOMER for message in messages):
            self._customer_types(False)
        background_tasks.create(self._follow(conversation))

    async def _follow(self, conversation: Conversation) -> None:
        """Do what need not be waited for: mark as read, and refresh the right column."""
        with self._visit.errors_shown():
            await self._mark_read(conversation)
            await self.aids.refresh(conversation)

    async def _mark_read(self, conversation: Conversation) -> None:
        if not self._is_watched:
            return
        # What was left meanwhile is read up to what stood there.
        is_mine = conversation.assigned_to_id == self._visit.staff.id
        if is_mine and conversation.staff_read_seq < conversation.last_seq:
            gateway = self._visit.desk.gateway
            await gateway.staff_read(conversation.id, conversation.last_seq)
            # They may have been read a moment before, with the messages still new.
            self._refresh_lists.request()
        if self.lists.is_mentioned_in(conversation.id):
            await self._visit.write(
                lambda session, staff: mark_seen(session, staff, conversation.id)
            )
            self._refresh_lists.request()

    async def _watched(self, is_watched: object) -> None:
        self._is_watched = is_watched is True
        if self._is_watched and self.panel.conversation:
            with self._visit.errors_shown():
                await self._mark_read(self.panel.conversation)
            self._refresh_lists.request()

    def _conversation_left(self) -> None:
        self._conversation_events.stop()
        self.lists.selected = None
        self.aids.clear()
        self._refresh_lists.request()

    async def _read_lists(self) -> None:
        await self.lists.refresh()
        self._tell_news()

    def _tell_news(self) -> None:
        """Sound and notify when something of the agent's own is new: a message, a conversation."""
        unread = {one.conversation_id: one.unread for one in self.lists.mine}
        before, self._unread = self._unread, unread
        if before is None:
            return
        for conversation_id, count in unread.items():
            if self._is_before_eyes(conversation_id):
                continue
            if conversation_id not in before:
                self._alert(conversation_id, "news_assigned")
            elif count > before[conversation_id]:
                self._alert(conversation_id, "news_message")

    def _is_before_eyes(self, conversation_id: str) -> bool:
        current = self.panel.conversation
        return self._is_watched and current is not None and current.id == conversation_id

    def _alert(self, conversation_id: str, what: str) -> None:
        body = t(f"workbench.{what}", name=customer_name(conversation_id))
        values = (t("console.title"), body, conversation_id)
        arguments = ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
        with self._visit.client:
            ui.run_javascript(f"kefuDesk.alert({arguments})")

    async def _refresh_conversation(self) -> None:
        with self._visit.errors_shown():
            await self.panel.refresh()
        self._refresh_lists.request()

    def _sent(self) -> None:
        self._refresh_panel.request()

    def _tick(self) -> None:
        self.panel.colleagues.beat()
        self.aids.tick()

    def _heard_desk(self, event: Event) -> None:
        current = self.panel.conversation
        # The conversation on the screen has a channel of its own, which refreshes the lists too.
        is_current = current is not None and event.get("conversation_id") == current.id
        if not is_current and self.lists.concerns(event):
            self._refresh_lists.request()

    def _heard_conversation(self, event: Event) -> None:
        match event.get("type"):
            case "typing":
                if event.get("sender") == "customer":
                    self._customer_types(event.get("is_typing") is True)
            case "colleague":
                self.panel.colleagues.hear(event)
            case "read":
                if event.get("by") == "customer":
                    self.panel.show_read(int(event.get("seq", 0)))
            case _:
                self._refresh_panel.request()

    def _customer_types(self, is_typing: bool) -> None:
        self.panel.show_typing(is_typing)
        self._typing_end.active = is_typing
