"""`/desk/qa/appeals`: agents' objections, decided by somebody who had no part in the judgement."""

from functools import partial

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, moment, nothing, words
from desk.console.marks import show_marked, spans_of
from desk.console.qa_chooser import Chooser
from desk.console.qa_detail import show_flags
from desk.console.qa_list_page import list_and_detail, open_page
from desk.console.qa_score_parts import show_card
from desk.console.qa_shell import Keys, show_context
from desk.console.tabs import Tabs
from desk.conversations.domain import preview
from desk.conversations.models import Message
from desk.fanout import NOTICE_CHANNEL
from desk.locale import t
from desk.reviews import appeals, service
from desk.reviews.quality_models import Appeal, AppealState
from desk.reviews.service import NOTE_LIMIT

LOOKS = {"open": "is-queued", "upheld": "is-good", "rejected": "is-block"}


async def appeals_page(request: Request) -> Response | None:
    """Build the page for QA and leaders."""
    return await open_page(request, "appeals", AppealsPage)


def show_state(state: str) -> None:
    """Add an appeal's state as a coloured chip."""
    words(t(f"quality.appeal_{state}"), f"k-chip {LOOKS[state]}")


class AppealsPage:
    """One open page: the appeals of one state, and the chosen one with what it is about."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._state = AppealState.OPEN
        self._list_of = Chooser[Appeal](lambda row: str(row.id), self.refresh)
        self._note: ui.textarea | None = None

    def keys(self) -> Keys:
        """Return the page's keys."""
        return Keys(
            {
                **self._list_of.keys(),
                "n": (t("quality.appeal_key_note"), self._write),
            }
        )

    def build(self) -> None:
        """Add the page's parts."""
        names = {state.value: t(f"quality.appeal_{state.value}") for state in AppealState}
        self._tabs = Tabs(names, self._turn)
        self._list, self._detail = list_and_detail(self._list_of.choose)

    async def refresh(self) -> None:
        """Read the appeals again."""
        state = self._state.value
        with self._visit.errors_shown():
            page = await self._visit.read(
                lambda session, staff: appeals.list_appeals(session, staff, state=state)
            )
            if state != self._state:
                return
            self._list_of.take(page.rows)
            self._tabs.show(state, {state: page.total})
            self._list.clear()
            with self._list:
                self._entries()
            await self._show()

    async def _turn(self, state: str) -> None:
        self._state = AppealState(state)
        self._list_of.forget()
        await self.refresh()

    def _entries(self) -> None:
        if not self._list_of.rows:
            is_open = self._state == AppealState.OPEN
            title = t("quality.appeal_empty" if is_open else "quality.appeal_empty_done")
            nothing(title, t("quality.appeal_empty_hint"))
        for row in self._list_of.rows:
            with self._list_of.entry(row):
                with box("k-entry-top"):
                    words(row.agent.display_name, "k-entry-name")
                    words(_about(row), "k-chip")
                    words(moment(row.created_at, utc_now()), "k-cell-sub")
                words(preview(row.reason), "k-entry-text", tag="div")

    async def _write(self) -> None:
        if self._note:
            self._note.run_method("focus")

    async def _show(self) -> None:
        row = self._list_of.chosen
        context: list[Message] = []
        may_decide = False
        if row is not None:

            def work(session: Session, staff: Staff) -> tuple[list[Message], bool]:
                may = staff.id != row.agent_id and staff.id not in appeals.judges_of(session, row)
                around = service.context_of(session, row.flagged_id) if row.flagged_id else []
                return around, may

            context, may_decide = await self._visit.read(work)
            if not self._list_of.is_chosen(row):
                return
        self._detail.clear()
        self._note = None
        with self._detail:
            if row is None:
                nothing(t("quality.appeal_pick"), t("quality.appeal_pick_hint"), has_help=False)
                return
            with box("k-section", tag="section"):
                words(t("quality.appeal_reason"), "k-title", tag="h2")
                words(row.reason, "k-verdict-text", tag="div")
                show_state(row.state)
                if row.decision_note:
                    answer = t("quality.mine_answer", note=row.decision_note)
                    words(answer, "k-card-why", tag="div")
            if row.state == AppealState.OPEN:
                with box("k-section", tag="section"):
                    self._decision(row.id, may_decide)
            _subject(row)
            if context:
                with box("k-section", tag="section"):
                    show_context(context)

    def _decision(self, appeal_id: int, may_decide: bool) -> None:
        words(t("qa.judge"), "k-title", tag="h2")
        if not may_decide:
            words(t("quality.appeal_not_you"), "k-card-why", tag="div")
            return
        name = t("quality.appeal_note")
        self._note = ui.textarea(placeholder=name).classes("k-note")
        self._note.props(f'outlined dense autogrow maxlength={NOTE_LIMIT} aria-label="{name}"')
        with box("k-decide"):
            for is_upheld, color in ((True, "positive"), (False, "negative")):
                action(
                    t("quality.appeal_uphold" if is_upheld else "quality.appeal_reject"),
                    partial(self._decide, appeal_id, is_upheld),
                    look=f"outline color={color}",
                )

    async def _decide(self, appeal_id: int, is_upheld: bool) -> None:
        note = (self._note.value or "") if self._note else ""
        base = self._visit.desk.rulebook.base

        def work(session: Session, staff: Staff) -> int:
            decided = appeals.decide_appeal(
                session, staff, base, appeal_id, is_upheld=is_upheld, note=note
            )
            return len(decided.drafts)

        with self._visit.errors_shown():
            drafts = await self._visit.write(work)
            await self._visit.desk.fanout.publish(NOTICE_CHANNEL, {"type": "notices"})
            key = "quality.appeal_saved_drafts" if drafts else "quality.appeal_saved"
            self._visit.tell(t(key, count=drafts))
            await self.refresh()


def _about(row: Appeal) -> str:
    kind = "quality.appeal_about_flag" if row.flagged_id else "quality.appeal_about_card"
    return t(kind)


def _subject(row: Appeal) -> None:
    with box("k-section", tag="section"):
        words(_about(row), "k-title", tag="h2")
        if row.flagged is not None:
            show_marked(row.flagged.text, spans_of(row.flagged.flags), "k-verdict-text")
            if row.flagged.decided_by:
                said = t(
                    "quality.appeal_judged",
                    person=row.flagged.decided_by.display_name,
                    decision=t(f"review.decision.{row.flagged.decision}"),
                )
                words(said, "k-card-why", tag="div")
            if row.flagged.decision_note:
                words(t("qa.decided_note", note=row.flagged.decision_note), "k-card-why", tag="div")
            show_flags(row.flagged.flags)
        if row.scorecard is not None:
            show_card(row.scorecard)
