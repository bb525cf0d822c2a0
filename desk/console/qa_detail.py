"""One flagged reply: what was found, what was said around it, and the reviewer's decision."""

from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from desk.clock import utc_now
from desk.console.adopting import with_slots
from desk.console.elements import action, box, moment, words
from desk.console.findings import show_flag_head
from desk.console.marks import show_marked, spans_of
from desk.console.qa_table import show_decision
from desk.console.transcript import show_message
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews.models import Decision, FlaggedReply

CHOICES = (
    (Decision.CONFIRMED, "negative"),
    (Decision.FALSE_ALARM, "positive"),
    (Decision.COACH, "info"),
)
NOTE_LIMIT = 500

Decide = Callable[[int, str, str], Awaitable[None]]


class FlaggedDetail:
    """The right column. `decide` gets the reply's id, the decision and the note."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._place = box("k-qa-detail", tag="aside")
        self.clear()

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._place.clear()
        with self._place, box("k-nothing"):
            words(t("qa.pick_title"), "k-nothing-title", tag="div")
            words(t("qa.pick_hint"), tag="div")

    def show(self, row: FlaggedReply, context: Sequence[Message]) -> None:
        """Show a flagged reply with the messages around it."""
        self._place.clear()
        with self._place:
            with box("k-section", tag="section"):
                self._reply(row)
            with box("k-section", tag="section"):
                self._judgement(row)
            with box("k-section", tag="section"):
                words(t("qa.found"), "k-title", tag="h2")
                _flags(row)
            with box("k-section", tag="section"):
                words(t("qa.context"), "k-title", tag="h2")
                with box("k-log"):
                    for message in context:
                        show_message(message, utc_now(), is_marked=message.id == row.message_id)

    def _reply(self, row: FlaggedReply) -> None:
        words(t("qa.reply_of", agent=row.agent.display_name), "k-title", tag="h2")
        show_marked(row.text, spans_of(row.flags), "k-verdict-text")
        with box("k-ticket-top").style("margin-top: 8px"):
            words(t(f"review.outcome.{row.outcome}"), "k-chip")
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
        with box("k-decide"):
            for decision, color in CHOICES:
                self._choice(row, decision, color, note)

    def _choice(self, row: FlaggedReply, decision: Decision, color: str, note: ui.textarea) -> None:
        look = "unelevated" if row.decision == decision else "outline"
        action(
            t(f"review.decision.{decision.value}"),
            lambda: self._decide(row.id, decision.value, note.value or ""),
            look=f"{look} color={color}",
        )


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


def _flags(row: FlaggedReply) -> None:
    for flag in row.flags:
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
