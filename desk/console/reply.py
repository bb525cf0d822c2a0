"""The agent's input: checked while typing, sent only when its wording may go out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

from nicegui import background_tasks, ui

from desk.console.access import Visit
from desk.console.adopting import adopt, find_again, has_open_slot, with_slots
from desk.console.confirming import ask_for_reason
from desk.console.elements import action, box, words
from desk.console.findings import show_findings, state_of
from desk.console.suggesting import is_edited
from desk.conversations.domain import MESSAGE_LIMIT
from desk.locale import t
from desk.reviews.ledger import note_outcome
from desk.reviews.replies import ReplyResult, ReplyStatus
from scripts_library.checking.verdict import Flag, Severity, Verdict

PAUSE_S = 0.25
"""The check begins when nothing was typed for this long."""
TYPING_EVERY_S = 3.0
# Puts the cursor on the first place still to be filled in, or at the end.
FOCUS_SCRIPT = """
const place = getHtmlElement(%d);
const input = place.matches("textarea") ? place : place.querySelector("textarea");
input.focus();
const slot = input.value.match(/【请填写：[^】]*】/);
const start = slot ? slot.index : input.value.length;
input.setSelectionRange(start, slot ? start + slot[0].length : start);
"""


@dataclass(slots=True)
class Draft:
    """A reply being written. `client_id` stays until it is sent, so a second click can't double
    it; `script_id` and `suggested` tell which suggestion it began with."""

    client_id: str
    text: str = ""
    script_id: str | None = None
    suggested: str = ""

    @classmethod
    def begin(cls) -> "Draft":
        return cls(uuid4().hex)


class ReplyBox:
    """Input, findings and send button for one conversation at a time; keeps drafts apart."""

    def __init__(
        self,
        visit: Visit,
        *,
        known: Callable[[], dict[str, str]],
        on_sent: Callable[[], None],
    ) -> None:
        self._visit = visit
        self._known = known
        self._on_sent = on_sent
        self._drafts: dict[str, Draft] = {}
        self._conversation_id = ""
        self._check: asyncio.Task[None] | None = None
        self._verdict: Verdict | None = None
        self._is_sending = False
        self._typing_told_at = 0.0
        self._build()
        visit.client.on_delete(self._stop_check)

    @property
    def draft(self) -> Draft:
        """The draft of the conversation on the screen."""
        return self._drafts.setdefault(self._conversation_id, Draft.begin())

    def show(self, conversation_id: str) -> None:
        """Switch to a conversation: its draft comes back."""
        self._conversation_id = conversation_id
        self._place.visible = True
        self._set(self.draft.text)

    def hide(self) -> None:
        """Take the input away: this conversation is not ours to answer."""
        self._stop_check()
        self._conversation_id = ""
        self._place.visible = False

    @property
    def is_open(self) -> bool:
        """Whether there is a conversation to answer."""
        return bool(self._conversation_id)

    def use_suggestion(self, script_id: str, text: str) -> None:
        """Put a suggestion in; it replaces an earlier unchanged one, and follows own words."""
        draft = self.draft
        is_free = draft.text.strip() in ("", draft.suggested)
        draft.script_id, draft.suggested = script_id, text
        self._set(text if is_free else f"{draft.text.rstrip()}\n{text}")
        self._focus()

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

    def _set(self, text: str) -> None:
        """Show a text that was not typed, and check it at once."""
        self._input.value = text
        self.draft.text = text
        self._begin_check(pause_s=0)

    def _focus(self) -> None:
        with self._visit.client:
            ui.run_javascript(FOCUS_SCRIPT % self._input.id)

    async def _typed(self, text: str) -> None:
        if text == self.draft.text:
            return
        self.draft.text = text
        self._begin_check(pause_s=PAUSE_S)
        await self._tell_typing(bool(text.strip()))

    async def _tell_typing(self, is_typing: bool) -> None:
        """Let the customer see it, at most every few seconds."""
        now = monotonic()
        if is_typing and now - self._typing_told_at < TYPING_EVERY_S:
            return
        self._typing_told_at = now if is_typing else 0.0
        conversation_id = self._conversation_id
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
        verdict = await asyncio.to_thread(self._visit.desk.checker.check, text[: MESSAGE_LIMIT * 2])
        self._show_verdict(verdict)

    def _show_verdict(self, verdict: Verdict | None) -> None:
        self._verdict = verdict
        if self._findings.is_deleted:
            return
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
            self._set(adopt(text, start, start + len(flag.surface), wording))
            self._focus()

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

    async def _send(self, conversation_id: str, draft: Draft, text: str) -> None:
        result = await self._try(conversation_id, draft, text, None)
        if result.status == ReplyStatus.NEEDS_REASON and result.verdict:
            reason = await ask_for_reason(self._visit, result.verdict)
            if reason is None:
                return
            result = await self._try(conversation_id, draft, text, reason)
        if result.status == ReplyStatus.BLOCKED:
            self._show_verdict(result.verdict)
            self._visit.tell(t("console.sent_blocked"), kind="negative")
        elif result.status == ReplyStatus.SENT:
            await self._sent(conversation_id, draft, text)

    async def _try(
        self, conversation_id: str, draft: Draft, text: str, reason: str | None
    ) -> ReplyResult:
        staff = await self._visit.staff_now()
        return await self._visit.desk.gateway.reply(
            conversation_id,
            staff,
            client_id=draft.client_id,
            text=text,
            override_reason=reason,
            script_id=draft.script_id if text == draft.suggested.strip() else None,
        )

    async def _sent(self, conversation_id: str, draft: Draft, text: str) -> None:
        if draft.script_id and is_edited(draft.suggested, text):
            await self._note_edited(conversation_id, draft.script_id)
            self._visit.desk.suggester.learn(draft.script_id, "", "edited")
        elif draft.script_id and text == draft.suggested.strip():
            self._visit.desk.suggester.learn(draft.script_id, "", "used")
        self._drafts.pop(conversation_id, None)
        if conversation_id == self._conversation_id:
            self._set("")
        self._typing_told_at = 0.0
        await self._visit.desk.gateway.typing(conversation_id, "agent", False)
        self._on_sent()

    async def _note_edited(self, conversation_id: str, script_id: str) -> None:
        await self._visit.write(
            lambda session, staff: note_outcome(
                session,
                staff,
                conversation_id=conversation_id,
                script_ids=[script_id],
                outcome="edited",
            )
        )
