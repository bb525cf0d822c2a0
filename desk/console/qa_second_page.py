"""`/desk/qa/second`: judging again without seeing the first decision, and how far both agree."""

from collections.abc import Sequence
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import box, moment, nothing, words
from desk.console.marks import show_marked, spans_of
from desk.console.qa_chooser import Chooser
from desk.console.qa_detail import CHOICES, NOTE_LIMIT, show_flags
from desk.console.qa_list_page import decision_buttons, list_and_detail, open_page
from desk.console.qa_shell import Keys, show_context
from desk.conversations.domain import preview
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews import second, service
from desk.reviews.agreement import Agreement
from desk.reviews.exceptions import draft_agreed
from desk.reviews.models import Decision
from desk.reviews.quality_models import SecondJudgement


async def second_page(request: Request) -> Response | None:
    """Build the page for QA and leaders."""
    return await open_page(request, "second", SecondPage)


class SecondPage:
    """One open page: figures, what waits, and the one being judged."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._list_of = Chooser[second.Blind](lambda row: str(row.id), self.refresh)
        self._note: ui.textarea | None = None

    def keys(self) -> Keys:
        """Return the page's keys."""
        return Keys(
            {
                **self._list_of.keys(),
                "c": (t("review.decision.confirmed"), lambda: self._by_key(Decision.CONFIRMED)),
                "f": (t("review.decision.false_alarm"), lambda: self._by_key(Decision.FALSE_ALARM)),
                "o": (t("quality.key_coach"), lambda: self._by_key(Decision.COACH)),
            }
        )

    def build(self) -> None:
        """Add the page's parts."""
        self._facts = box("k-figures")
        self._list, self._detail = list_and_detail(self._list_of.choose)

    async def refresh(self) -> None:
        """Read everything again."""

        def work(
            session: Session, staff: Staff
        ) -> tuple[second.BlindPage, Agreement, list[SecondJudgement]]:
            return (
                second.waiting(session, staff),
                second.agreement(session),
                second.disagreements(session, staff),
            )

        with self._visit.errors_shown():
            page, agreement, apart = await self._visit.read(work)
            self._list_of.take(page.rows)
            self._facts.clear()
            with self._facts:
                _figures(agreement, page.total)
            self._list.clear()
            with self._list:
                self._waiting()
                _disagreements(apart)
            await self._show()

    def _waiting(self) -> None:
        if not self._list_of.rows:
            nothing(t("quality.second_empty"), t("quality.second_empty_hint"))
            return
        for row in self._list_of.rows:
            with self._list_of.entry(row):
                with box("k-entry-top"):
                    words(row.agent_name, "k-entry-name")
                    words(moment(row.created_at, utc_now()), "k-cell-sub")
                words(preview(row.text), "k-entry-text", tag="div")

    async def _show(self) -> None:
        row = self._list_of.chosen
        context: list[Message] = []
        if row is not None:
            context = await self._visit.read(
                lambda session, _: service.context_of(session, row.flagged_id)
            )
            if not self._list_of.is_chosen(row):
                return
        self._detail.clear()
        self._note = None
        with self._detail:
            if row is None:
                nothing(t("quality.second_pick"), t("quality.second_pick_hint"), has_help=False)
                return
            with box("k-section", tag="section"):
                words(t("qa.reply_of", agent=row.agent_name), "k-title", tag="h2")
                show_marked(row.text, spans_of(row.flags), "k-verdict-text")
                words(t(f"review.outcome.{row.outcome}"), "k-chip")
                if row.override_reason:
                    words(t("qa.override", reason=row.override_reason), "k-card-why", tag="div")
            with box("k-section", tag="section"):
                self._judgement(row)
            with box("k-section", tag="section"):
                words(t("qa.found"), "k-title", tag="h2")
                show_flags(row.flags)
            with box("k-section", tag="section"):
                show_context(context)

    def _judgement(self, row: second.Blind) -> None:
        words(t("qa.judge"), "k-title", tag="h2")
        note = ui.textarea(placeholder=t("qa.note")).classes("k-note")
        note.props(f'outlined dense autogrow maxlength={NOTE_LIMIT} aria-label="{t("qa.note")}"')
        note.on("keydown.ctrl.enter", lambda: self._judge(row.id, Decision.COACH))
        self._note = note
        choices = [
            (decision, t(f"review.decision.{decision.value}"), color, key)
            for decision, color, key in CHOICES
        ]
        decision_buttons(choices, partial(self._judge, row.id))

    async def _by_key(self, decision: Decision) -> None:
        row = self._list_of.chosen
        if row is None or self._note is None:
            return
        if decision == Decision.COACH and not (self._note.value or "").strip():
            self._note.run_method("focus")
            self._visit.tell(t("quality.coach_how"), kind="info")
            return
        await self._judge(row.id, decision)

    async def _judge(self, second_id: int, decision: Decision) -> None:
        note = (self._note.value or "") if self._note else ""
        base = self._visit.desk.rulebook.base

        def work(session: Session, staff: Staff) -> tuple[bool, int]:
            row = second.judge_again(session, staff, second_id, decision.value, note)
            why = row.second_note or t("quality.exception_why")
            drafts = draft_agreed(session, staff, base, row, why=why)
            return row.first_decision == row.second_decision, len(drafts)

        with self._visit.errors_shown():
            is_same, drafts = await self._visit.write(work)
            self._visit.tell(t("quality.second_same" if is_same else "quality.second_apart"))
            if drafts:
                self._visit.tell(t("quality.second_drafted", count=drafts))
        await self.refresh()


def _figures(agreement: Agreement, waiting: int) -> None:
    kappa = agreement.kappa
    value = t("quality.kappa_none") if kappa is None else f"{kappa:.2f}"
    for name, text in (
        ("kappa", value),
        ("kappa_pairs", str(agreement.pairs)),
        ("kappa_observed", f"{agreement.observed:.0%}" if agreement.pairs else "—"),
    ):
        with box():
            words(f"{t(f'quality.{name}')} ")
            words(text, tag="b")
    words(t("quality.second_count", total=waiting), "k-chip is-queued")
    words(t(f"quality.kappa_level_{agreement.level}"), "k-figures-hint")
    words(f"{t('quality.kappa_what')}{t('quality.second_hint')}", "k-figures-hint")


def _disagreements(apart: Sequence[SecondJudgement]) -> None:
    words(t("quality.apart_title"), "k-title", tag="h2").style("margin: 18px 0 6px")
    if not apart:
        words(t("quality.apart_empty"), "k-cell-sub")
    for row in apart:
        with box("k-change"):
            words(preview(row.flagged.text), tag="div")
            text = t(
                "quality.apart_line",
                first=row.first_by.display_name,
                first_decision=t(f"review.decision.{row.first_decision}"),
                second=row.second_by.display_name if row.second_by else "",
                second_decision=t(f"review.decision.{row.second_decision}"),
                final=t(f"review.decision.{row.flagged.decision}"),
            )
            words(text, "k-cell-sub", tag="div")
