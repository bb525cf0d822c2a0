"""One flagged reply: what was found, what was said around it, and the reviewer's decision."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from desk.clock import utc_now
from desk.console.adopting import with_slots
from desk.console.elements import action, box, detail_panel, moment, nothing, words
from desk.console.findings import show_flag_head
from desk.console.marks import show_marked, spans_of
from desk.console.qa_shell import show_context, show_versions
from desk.console.qa_table import show_decision
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews.models import Decision, FlaggedReply

CHOICES = (
    (Decision.CONFIRMED, "negative", "c"),
    (Decision.FALSE_ALARM, "positive", "f"),
    (Decision.COACH, "info", "o"),
)
NOTE_LIMIT = 500

Decide = Callable[[int, str, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Versions:
    """The other wordings of a flagged reply, as far as there are any: what was sent in place of a
    blocked try, and the text of the script that a sent one began with."""

    sent: str | None = None
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Actions:
    """What can be done with a flagged reply; each gets its id."""

    decide: Decide
    draft: Callable[[int], Awaitable[None]]
    judge_by_then: Callable[[int], Awaitable[None]]


class FlaggedDetail:
    """The right column."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions
        self._note: ui.textarea | None = None
        self._place = detail_panel()
        self.clear()

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._place.clear()
        with self._place:
            nothing(t("qa.pick_title"), t("qa.pick_hint"), has_help=False)

    @property
    def note(self) -> str:
        """What is written in the note's field."""
        return (self._note.value or "") if self._note else ""

    def ask_for_note(self) -> None:
        """Put the cursor into the note's field: coaching needs one."""
        if self._note:
            self._note.run_method("focus")

    def show(
        self,
        row: FlaggedReply,
        context: Sequence[Message],
        versions: Versions,
        *,
        is_hidden: bool,
    ) -> None:
        """Show a flagged reply with its other wordings and the messages around it.

        `is_hidden`: somebody else judges it a second time, so nothing of the decision is shown.
        """
        self._place.clear()
        self._note = None
        with self._place:
            with box("k-section", tag="section"):
                self._reply(row, is_hidden)
                self._versions(row, versions)
            with box("k-section", tag="section"):
                if is_hidden:
                    words(t("quality.blind_elsewhere"), "k-card-why", tag="div")
                else:
                    self._judgement(row)
            with box("k-section", tag="section"):
                words(t("qa.found"), "k-title", tag="h2")
                show_flags(row.flags)
            with box("k-section", tag="section"):
                show_context(context, marked=row.message_id)

    def _versions(self, row: FlaggedReply, versions: Versions) -> None:
        if versions.sent is not None:
            blocked, sent = t("quality.version_blocked"), t("quality.version_sent")
            show_versions(blocked, row.text, sent, versions.sent)
        if versions.script is not None:
            script, reply = t("quality.version_script"), t("quality.version_reply")
            show_versions(script, versions.script, reply, row.text)

    def _reply(self, row: FlaggedReply, is_hidden: bool) -> None:
        words(t("qa.reply_of", agent=row.agent.display_name), "k-title", tag="h2")
        show_marked(row.text, spans_of(row.flags), "k-verdict-text")
        with box("k-ticket-top").style("margin-top: 8px"):
            words(t(f"review.outcome.{row.outcome}"), "k-chip")
            if not is_hidden:
                show_decision(row.decision)
            words(moment(row.created_at, utc_now()), "k-cell-sub")
            words(t("qa.ruleset", version=row.ruleset_version), "k-cell-sub")
        if row.override_reason:
            words(t("qa.override", reason=row.override_reason), "k-card-why", tag="div")

    def _judgement(self, row: FlaggedReply) -> None:
        words(t("qa.judge"), "k-title", tag="h2")
        if row.decided_by and row.decided_at:
            _earlier_decision(row)
        note = ui.textarea(placeholder=t("qa.note"), value=row.decision_note or "")
        note.props(f'outlined dense autogrow maxlength={NOTE_LIMIT} aria-label="{t("qa.note")}"')
        note.classes("k-note")
        note.on("keydown.ctrl.enter", lambda: self._coach(row.id))
        self._note = note
        with box("k-decide"):
            for decision, color, key in CHOICES:
                self._choice(row, decision, color, key)
        with box("k-line").style("margin-top: 8px"):
            if row.decision == Decision.FALSE_ALARM:
                action(
                    t("quality.draft_exception"),
                    lambda: self._actions.draft(row.id),
                    icon="rule",
                    classes="k-small",
                )
            action(
                t("quality.by_then"),
                lambda: self._actions.judge_by_then(row.id),
                icon="history",
                classes="k-small",
            )

    async def _coach(self, flagged_id: int) -> None:
        await self._actions.decide(flagged_id, Decision.COACH.value, self.note)

    def _choice(self, row: FlaggedReply, decision: Decision, color: str, key: str) -> None:
        look = "unelevated" if row.decision == decision else "outline"
        button = action(
            t(f"review.decision.{decision.value}"),
            lambda: self._actions.decide(row.id, decision.value, self.note),
            look=f"{look} color={color}",
        )
        button.props(f"data-shortcut={key}").tooltip(t("quality.key", press=key))


def _earlier_decision(row: FlaggedReply) -> None:
    assert row.decided_by and row.decided_at
    text = t(
        "qa.decided",
        person=row.decided_by.display_name,
        at=moment(row.decided_at, utc_now()),
        decision=t(f"review.decision.{row.decision}"),
    )
    words(text, "k-card-why", tag="div")
    if row.decision_note:
        words(t("qa.decided_note", note=row.decision_note), "k-card-why", tag="div")


def show_flags(flags: Sequence[Mapping[str, Any]]) -> None:
    """Add what was found, each with its clause, reason and a better wording."""
    for flag in flags:
        with box("k-finding"):
            show_flag_head(
                surface=flag["surface"],
                severity=flag["severity"],
                category=flag["category"],
                clause=flag["clause"],
                reason=flag["reason"],
            )
            for wording in flag["better"][:1]:
                words(with_slots(wording, {}), "k-better-text", tag="div")
