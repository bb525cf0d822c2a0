"""One rule or draft in the workbench: the form, a live test, the gate, and publishing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, moment, nothing, words
from desk.console.marks import Span, show_marked
from desk.console.rules_form import RuleForm
from desk.console.rules_gate import show_changes, show_gate
from desk.errors import DeskError
from desk.locale import t
from desk.rulebook import drafts, gate, publishing
from desk.rulebook.bodies import Body, Overlay
from desk.rulebook.models import DraftState, RuleDraft
from desk.rulebook.past import past_replies
from scripts_library.checking.checker import Checker
from scripts_library.checking.rules import RuleSet
from scripts_library.checking.ruleset_diff import Change
from scripts_library.checking.verdict import Verdict

TRY_LIMIT = 2000


class RuleEditor:
    """The right column. `on_saved` is called with the draft's id after each change of it."""

    def __init__(self, visit: Visit, on_saved: Callable[[int | None], Awaitable[None]]) -> None:
        self._visit = visit
        self._on_saved = on_saved
        self._place = box("k-pane", tag="section")
        self._draft: RuleDraft | None = None
        self._form: RuleForm | None = None
        self._changes: Sequence[Change] = ()
        self._tried: tuple[str, Checker] | None = None

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._place.clear()
        self._form = None
        with self._place:
            nothing(t("rules.pick"), t("rules.pick_hint"), has_help=False)

    def show(
        self, rule_id: str, body: Body | None, draft: RuleDraft | None, rules: RuleSet
    ) -> None:
        """Show a rule in force (no draft), a new one (no id), or a draft; `rules` are in force."""
        if draft is None or self._draft is None or draft.id != self._draft.id:
            self._changes = ()
        self._draft, self._rules, self._tried = draft, rules, None
        self._is_removal = draft is not None and draft.body is None
        self._place.clear()
        with self._place:
            with box("k-section", tag="section"):
                if draft is not None:
                    self._head(draft)
                if self._is_removal:
                    words(t("rules.removing", rule=rule_id), "k-card-why", tag="div")
                    self._form = None
                else:
                    why = draft.why if draft else ""
                    self._form = RuleForm(
                        rule_id, body or {}, why, is_new=not rule_id, on_change=self._changed
                    )
                self._buttons(rule_id)
            if not self._is_removal:
                with box("k-section", tag="section"):
                    self._trial()
            if draft is not None:
                with box("k-section", tag="section"):
                    key = drafts.gate_key(draft, rules.version)
                    show_gate(draft.gate, is_current=draft.gate_for == key)
                    show_changes(self._changes)

    def _head(self, draft: RuleDraft) -> None:
        with box("k-line"):
            words(t(f"rules.state_{draft.state}"), "k-chip is-queued")
            words(t(f"rules.origin_{draft.origin}"), "k-chip")
            at = moment(draft.updated_at, utc_now())
            words(t("rules.by", person=draft.author.display_name, at=at), "k-cell-sub")
        if publishing.needs_second_person(self._rules, draft):
            words(t("rules.second_person"), "k-card-why", tag="div")

    def _buttons(self, rule_id: str) -> None:
        draft = self._draft
        with box("k-line").style("margin-top: 10px"):
            if not self._is_removal:
                action(t("rules.save"), self._save, look="outline color=primary")
            if draft is not None:
                action(t("rules.check"), self._check, look="outline color=primary")
                action(t("rules.publish"), self._publish, look="unelevated color=primary")
                if draft.state == DraftState.OPEN:
                    action(t("rules.submit"), self._submit)
                action(t("rules.drop"), self._drop, look="flat color=negative")
            elif rule_id:
                action(t("rules.remove"), self._remove, look="flat color=negative")

    def _trial(self) -> None:
        words(t("rules.try"), "k-title", tag="h2")
        self._trial_text = ui.textarea(t("rules.try_hint"), on_change=self._changed)
        self._trial_text.props(f"outlined dense autogrow debounce=400 maxlength={TRY_LIMIT}")
        self._trial_text.classes("w-full")
        self._trial_result = box("")

    def _changed(self) -> None:
        background_tasks.create(self._try())

    async def _try(self) -> None:
        """Judge the typed text by the rules with the form's rule in them."""
        form, text = self._form, str(self._trial_text.value or "")
        if form is None or not text.strip():
            return
        try:
            checker = await self._candidate(form.body())
            verdict = await asyncio.to_thread(checker.check, text)
        except DeskError as error:
            self._trial_result.clear()
            with self._trial_result:
                words(t(error.key, **error.details), "k-card-why", tag="div")
            return
        self._trial_result.clear()
        with self._trial_result:
            _verdict(verdict)

    async def _candidate(self, body: Body) -> Checker:
        """Return a checker of the rules in force with this one; kept until the form changes."""
        overlay, base = await self._overlay(), self._visit.desk.rulebook.base
        key = str(body)
        if self._tried is None or self._tried[0] != key:

            def build() -> Checker:
                checked = drafts.checked_body(base, overlay, body)
                laid = drafts.laid_rule_set(base, overlay, checked.get("id", ""), checked)
                return Checker(laid)

            self._tried = (key, await asyncio.to_thread(build))
        return self._tried[1]

    async def _overlay(self) -> Overlay:
        return await self._visit.read(lambda session, _: publishing.published(session))

    async def _save(self) -> None:
        form = self._form
        if form is None:
            return
        with self._visit.errors_shown():
            await self._store(form.rule_id, form.body(), form.why)
            self._visit.tell(t("rules.saved"))

    async def _remove(self) -> None:
        form = self._form
        if form is not None:
            with self._visit.errors_shown():
                await self._store(form.rule_id, None, form.why)

    async def _store(self, rule_id: str, body: Body | None, why: str) -> None:
        base = self._visit.desk.rulebook.base
        draft_id = self._draft.id if self._draft else None

        def work(session: Session, staff: Staff) -> int:
            overlay = publishing.published(session)
            draft = drafts.save_draft(
                session,
                staff,
                base,
                overlay,
                rule_id=rule_id,
                body=body,
                why=why,
                draft_id=draft_id,
            )
            return draft.id

        await self._on_saved(await self._visit.write(work))

    async def _check(self) -> None:
        """Put the stored draft before the gate; what is typed but not saved does not count."""
        draft = self._draft
        if draft is None:
            return
        base = self._visit.desk.rulebook.base
        with self._visit.errors_shown():
            self._visit.tell(t("rules.checking"), kind="info")
            overlay, past = await self._visit.read(
                lambda session, staff: (
                    publishing.published(session),
                    past_replies(session, staff),
                )
            )
            old = publishing.fitting(overlay, base)
            new = publishing.fitting(overlay.with_change(base, draft.rule_id, draft.body), base)
            report, changed = await asyncio.to_thread(
                lambda: gate.judge(old, new, draft.rule_id, past=past)
            )
            key = drafts.gate_key(draft, old.version)

            def keep(session: Session, staff: Staff) -> None:
                drafts.keep_gate(session, staff, draft.id, report.as_json(), key=key)

            await self._visit.write(keep)
            self._changes = changed.changes
            told = "rules.checked_passed" if report.is_passed else "rules.checked_failed"
            self._visit.tell(t(told), kind="positive" if report.is_passed else "warning")
            await self._on_saved(draft.id)

    async def _publish(self) -> None:
        draft, base = self._draft, self._visit.desk.rulebook.base
        if draft is None:
            return

        def work(session: Session, staff: Staff) -> str:
            return publishing.publish(session, staff, draft.id, base).version

        with self._visit.errors_shown():
            version = await self._visit.write(work)
            await self._visit.desk.rulebook.announce()
            self._visit.tell(t("rules.published", version=version))
            await self._on_saved(None)

    async def _submit(self) -> None:
        await self._settle(drafts.submit_draft, "rules.submitted", is_kept=True)

    async def _drop(self) -> None:
        await self._settle(drafts.drop_draft, "rules.dropped", is_kept=False)

    async def _settle(
        self,
        step: Callable[[Session, Staff, int], RuleDraft],
        told: str,
        *,
        is_kept: bool,
    ) -> None:
        draft = self._draft
        if draft is None:
            return

        def work(session: Session, staff: Staff) -> None:
            step(session, staff, draft.id)

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t(told))
            await self._on_saved(draft.id if is_kept else None)


def _verdict(verdict: Verdict) -> None:
    show_marked(
        verdict.text, [Span(flag.start, flag.end, flag.severity.label) for flag in verdict.flags]
    )
    for flag in verdict.flags:
        said = f"{t(f'review.severity.{flag.severity.label}')}「{flag.surface}」{flag.reason}"
        words(f"{said}（{flag.rule_id}）", "k-cell-sub", tag="div")
    for excused in verdict.excused:
        said = t("rules.try_excused", surface=excused.surface, why=excused.why)
        words(said, "k-cell-sub", tag="div")
    if not verdict.flags:
        words(t("rules.try_clean"), "k-chip is-good")
