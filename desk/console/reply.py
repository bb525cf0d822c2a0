"""The agent's input: checked while typing, sent only when its wording may go out."""

import asyncio
import json
from collections.abc import Callable
from time import monotonic
from uuid import uuid4

from nicegui import background_tasks, ui

from desk.console.access import Visit
from desk.console.adopting import adopt, find_again, has_open_slot, with_slots
from desk.console.confirming import ask_for_reason
from desk.console.drafting import Drafts
from desk.console.elements import action, box, words
from desk.console.findings import marks_of, show_findings, state_of
from desk.conversations.domain import MESSAGE_LIMIT, clean_text
from desk.conversations.drafts import Begun
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews.edits import outcome_of
from desk.reviews.replies import ReplyResult, ReplyStatus
from scripts_library.checking.verdict import Flag, Severity, Verdict

PAUSE_S = 0.05
"""The check begins when nothing was typed for this long."""
TYPING_EVERY_S = 3.0
CHECKED = MESSAGE_LIMIT * 2
"""Code points that are looked at; a longer text can't be sent anyway."""


class ReplyBox:
    """Input, findings and send button for one conversation at a time; keeps drafts apart.

    `on_typing` hears whenever the agent goes on typing, `on_sent` when a reply went out, `on_kept`
    of which conversation a draft was written, and whether there is one now.
    """

    def __init__(
        self,
        visit: Visit,
        *,
        known: Callable[[], dict[str, str]],
        on_typing: Callable[[], None],
        on_sent: Callable[[], None],
        on_kept: Callable[[str, bool], None],
    ) -> None:
        self._visit = visit
        self._known = known
        self._on_typing = on_typing
        self._on_sent = on_sent
        self._on_kept = on_kept
        self._drafts = Drafts(visit, self._kept)
        self._conversation_id = ""
        self._check: asyncio.Task[None] | None = None
        self._verdict: Verdict | None = None
        self._is_sending = False
        self._typing_told_at = 0.0
        self._build()
        visit.client.on_delete(self._stop_check)

    @property
    def draft(self) -> Begun:
        """The draft of the conversation on the screen."""
        return self._drafts.of(self._conversation_id)

    def take_draft(self, conversation_id: str, kept: Begun | None, *, read_at: float) -> None:
        """Take over the draft that the database has of a conversation."""
        self._drafts.take(conversation_id, kept, read_at=read_at)

    def show(self, conversation_id: str) -> None:
        """Switch to a conversation: its draft comes back."""
        if conversation_id == self._conversation_id:
            return
        self._conversation_id = conversation_id
        self._place.visible = True
        self._set(self.draft.text)
        self.begin_in_browser()

    def begin_in_browser(self) -> None:
        """Tell the page's script what is on the screen: what it still has of it comes back."""
        if self.is_open:
            self._in_browser("shown", self._conversation_id, self.draft.text)

    def hide(self) -> None:
        """Take the input away: this conversation is not ours to answer."""
        self._stop_check()
        self._conversation_id = ""
        self._place.visible = False

    @property
    def is_open(self) -> bool:
        """Whether there is a conversation to answer."""
        return bool(self._conversation_id)

    def heard(self, messages: list[Message]) -> None:
        """Heed what has come: a draft that another window has sent is done."""
        if self.is_open and self._drafts.heard(self._conversation_id, messages):
            self._set("")
            self._in_browser("forget", self._conversation_id)

    def use_suggestion(self, script_id: str, text: str) -> None:
        """Put a script in; it replaces an earlier unchanged one, and follows own words."""
        draft = self.draft
        is_free = draft.text.strip() in ("", draft.suggested.strip())
        draft.script_id, draft.suggested = script_id, text
        self._put(text if is_free else f"{draft.text.rstrip()}\n{text}")

    def add(self, text: str) -> None:
        """Put a text that is no script behind what stands there."""
        before = self.draft.text.rstrip()
        self._put(f"{before}\n{text}" if before else text)

    def focus(self) -> None:
        """Put the cursor on the first place still to be filled in, or at the end."""
        self._in_browser("focus")

    def _build(self) -> None:
        with box("k-reply-box") as self._place:
            self._input = ui.textarea(on_change=lambda event: self._typed(event.value or ""))
            self._input.props(
                f'outlined autogrow dense aria-label="{t("console.reply_label")}" '
                f'placeholder="{t("console.reply_placeholder")}"'
            ).classes("k-input")
            self._input.on("keydown.ctrl.enter", self.send)
            self._findings = box("k-findings-place")
            with box("k-reply-foot"):
                with box("k-reply-state").props("role=status"):
                    self._state = words("")
                words(t("console.reply_shortcut"), "k-shortcut")
                self._button = action(t("console.send"), self.send, look="unelevated", icon="send")
                self._button.props("color=primary")

    def _in_browser(self, function: str, *values: object) -> None:
        if self._visit.client.has_socket_connection:
            arguments = ", ".join(json.dumps(value, ensure_ascii=False) for value in values)
            with self._visit.client:
                ui.run_javascript(f"kefuDesk.{function}({arguments})")

    def _kept(self, conversation_id: str, text: str) -> None:
        self._in_browser("kept", conversation_id, text)
        self._on_kept(conversation_id, bool(text.strip()))

    def _put(self, text: str) -> None:
        self._set(text)
        self._in_browser("forget", self._conversation_id)
        self._drafts.changed(self._conversation_id)
        self.focus()

    def _set(self, text: str) -> None:
        """Show a text that was not typed, and check it at once."""
        self._input.value = text
        self.draft.text = text
        self._begin_check(pause_s=0)

    async def _typed(self, text: str) -> None:
        if text == self.draft.text or not self.is_open:
            return
        self.draft.text = text
        self._drafts.changed(self._conversation_id)
        self._begin_check(pause_s=PAUSE_S)
        await self._tell_typing(bool(text.strip()))

    async def _tell_typing(self, is_typing: bool) -> None:
        """Let the customer and colleagues see it, at most every few seconds."""
        now = monotonic()
        if is_typing and now - self._typing_told_at < TYPING_EVERY_S:
            return
        self._typing_told_at = now if is_typing else 0.0
        conversation_id = self._conversation_id
        if is_typing:
            self._on_typing()
        with self._visit.errors_shown():
            await self._visit.staff_now()
            await self._visit.desk.gateway.typing(conversation_id, "agent", is_typing)

    def _begin_check(self, *, pause_s: float) -> None:
        self._stop_check()
        self._verdict = None
        self._show_button()
        self._check = background_tasks.create(self._check_soon(self.draft.text, pause_s))

    def _stop_check(self) -> None:
        if self._check:
            self._check.cancel()
            self._check = None

    async def _check_soon(self, text: str, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        if not text.strip():
            self._show_verdict(None)
            return
        verdict = await asyncio.to_thread(self._visit.desk.checker.check, text[:CHECKED])
        self._show_verdict(verdict)

    def _show_verdict(self, verdict: Verdict | None) -> None:
        self._verdict = verdict
        if self._findings.is_deleted:
            return
        self._in_browser("mark", verdict.text if verdict else "", marks_of(verdict))
        self._findings.clear()
        text, look = state_of(verdict) if verdict else ("", "")
        self._state.set_text(text)
        self._state.classes(replace=f"k-chip {look}" if text else "")
        self._state.props["title"] = "；".join(verdict.notes) if verdict else ""
        if verdict:
            with self._findings:
                show_findings(verdict, wordings=self._wording, adopt=self._adopt)
        self._show_button()

    def _show_button(self) -> None:
        is_blocked = self._verdict is not None and self._verdict.worst == Severity.BLOCK
        self._button.set_text(t("console.send_blocked" if is_blocked else "console.send"))
        self._button.set_enabled(
            bool(self.draft.text.strip()) and not is_blocked and not self._is_sending
        )

    def _wording(self, wording: str) -> str:
        return with_slots(wording, self._known())

    def _adopt(self, flag: Flag, wording: str) -> None:
        text = self.draft.text
        start = find_again(text, flag.start, flag.surface)
        if start is not None:
            self._put(adopt(text, start, start + len(flag.surface), wording))

    async def send(self) -> None:
        """Send the draft: refused while blocked, unfilled or too long; a warning asks for a
        reason. The backend checks the wording again."""
        text = self.draft.text.strip()
        if not text or self._is_sending or not self._may_send(text):
            return
        self._is_sending = True
        self._show_button()
        try:
            with self._visit.errors_shown():
                await self._send(self._conversation_id, self.draft, text)
        finally:
            self._is_sending = False
            self._show_button()

    def _may_send(self, text: str) -> bool:
        problem = None
        if has_open_slot(text):
            problem = t("console.slots_open")
        elif len(text) > MESSAGE_LIMIT:
            problem = t("console.too_long", limit=MESSAGE_LIMIT)
        if problem:
            self._visit.tell(problem, kind="warning")
        return problem is None

    async def _send(self, conversation_id: str, draft: Begun, text: str) -> None:
        result = await self._try(conversation_id, draft, text, None)
        if result.status == ReplyStatus.NEEDS_REASON and result.verdict:
            reason = await ask_for_reason(self._visit, result.verdict)
            if reason is None:
                return
            result = await self._try(conversation_id, draft, text, reason)
        if result.status == ReplyStatus.BLOCKED:
            self._show_verdict(result.verdict)
            self._visit.tell(t("console.sent_blocked"), kind="negative")
        elif result.message and result.verdict is None and result.message.text != clean_text(text):
            # Another window has sent this draft as it was then: this is a message of its own.
            draft.client_id = uuid4().hex
            self._visit.tell(t("workbench.sent_elsewhere"), kind="warning")
        elif result.status == ReplyStatus.SENT:
            await self._sent(conversation_id, draft, text)

    async def _try(
        self, conversation_id: str, draft: Begun, text: str, reason: str | None
    ) -> ReplyResult:
        staff = await self._visit.staff_now()
        return await self._visit.desk.gateway.reply(
            conversation_id,
            staff,
            client_id=draft.client_id,
            text=text,
            override_reason=reason,
            script_id=draft.script_id,
            suggested=draft.suggested or None,
        )

    async def _sent(self, conversation_id: str, draft: Begun, text: str) -> None:
        if draft.script_id and (found := outcome_of(draft.suggested, text)):
            self._visit.desk.suggester.learn(draft.script_id, "", "edited" if found[1] else "used")
        rest = self._drafts.sent(conversation_id, text)
        self._in_browser("forget", conversation_id)
        if conversation_id == self._conversation_id:
            self._set(rest)
        self._typing_told_at = 0.0
        await self._visit.desk.gateway.typing(conversation_id, "agent", False)
        self._on_sent()
