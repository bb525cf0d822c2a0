"""One script in the workbench: the form with its wording check, approval, and its history."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from nicegui import background_tasks
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import LEADER_ROLES, Visit, may_open
from desk.console.elements import action, box, moment, nothing, words
from desk.console.qa_shell import show_versions
from desk.console.scripts_form import ScriptForm
from desk.errors import DeskError
from desk.locale import t
from desk.reviews.script_usage import Usage
from desk.rulebook import scripts
from desk.rulebook.models import RevisionState, ScriptRevision
from desk.rulebook.scripts import Body
from scripts_library.suggesting.script import Script


class ScriptEditor:
    """The right column. `on_saved` is called with the script's id after each change."""

    def __init__(self, visit: Visit, on_saved: Callable[[str | None], Awaitable[None]]) -> None:
        self._visit = visit
        self._on_saved = on_saved
        self._place = box("k-pane", tag="section")
        self._form: ScriptForm | None = None

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._place.clear()
        self._form = None
        with self._place:
            nothing(t("scripts.pick"), t("scripts.pick_hint"), has_help=False)

    def show(
        self,
        script_id: str,
        body: Body,
        *,
        is_new: bool,
        history: Sequence[ScriptRevision] = (),
        usage: Usage | None = None,
    ) -> None:
        """Show a script: the body in force, or the beginning of a new one."""
        self._place.clear()
        waiting = [one for one in history if one.state == RevisionState.SUBMITTED]
        own_draft = next(
            (
                one
                for one in history
                if one.state == RevisionState.DRAFT and one.author_id == self._visit.staff.id
            ),
            None,
        )
        with self._place:
            for revision in waiting:
                with box("k-section", tag="section"):
                    self._approval(revision, body)
            with box("k-section", tag="section"):
                proposed = waiting[0].body if waiting else None
                shown = (own_draft.body if own_draft else None) or body or proposed or {}
                self._form = ScriptForm(script_id, shown, is_new=is_new, on_change=self._changed)
                self._wording = words("", "k-card-why", tag="div")
                with box("k-line").style("margin-top: 10px"):
                    submit, draft = partial(self._write, True), partial(self._write, False)
                    look = "unelevated color=primary"
                    action(t("scripts.submit"), submit, look=look)
                    action(t("scripts.save_draft"), draft, look="outline color=primary")
                    if not is_new:
                        withdraw = partial(self._withdraw, script_id)
                        action(t("scripts.withdraw"), withdraw, look="flat color=negative")
                if usage is not None:
                    words(usage_text(usage), "k-cell-sub", tag="div")
            if not is_new:
                with box("k-section", tag="section"):
                    self._history(script_id, history)

    def _approval(self, revision: ScriptRevision, body: Body) -> None:
        with box("k-line"):
            words(t("scripts.state_submitted"), "k-chip is-queued")
            if revision.body is None:
                words(t("scripts.withdrawn"), "k-chip is-block")
        at = moment(revision.created_at, utc_now())
        person = revision.author.display_name
        said = t("scripts.pending_by", person=person, at=at, why=revision.why)
        words(said, "k-card-why", tag="div")
        if revision.body is not None:
            now, new = t("scripts.pending_now"), t("scripts.pending_new")
            show_versions(now, body.get("text", ""), new, revision.body["text"])
        is_theirs = revision.author_id == self._visit.staff.id
        if may_open(self._visit.staff, LEADER_ROLES) and not is_theirs:
            with box("k-decide"):
                approve, reject = (partial(self._decide, revision.id, one) for one in (True, False))
                action(t("scripts.approve"), approve, look="unelevated color=positive")
                action(t("scripts.reject"), reject, look="outline color=negative")

    def _history(self, script_id: str, history: Sequence[ScriptRevision]) -> None:
        words(t("scripts.history"), "k-title", tag="h2")
        if not history:
            words(t("scripts.history_empty"), "k-empty", tag="div")
            return
        is_leader = may_open(self._visit.staff, LEADER_ROLES)
        published = [one for one in history if one.state == RevisionState.PUBLISHED]
        with box("k-history", tag="ul"):
            for revision in history:
                with box(tag="li"):
                    line = t(
                        "scripts.history_line",
                        number=revision.number,
                        state=t(f"scripts.state_{revision.state}"),
                        person=revision.author.display_name,
                        at=moment(revision.created_at, utc_now()),
                    )
                    words(line, tag="div")
                    words(revision.why, "k-cell-sub", tag="div")
                    text = revision.body["text"] if revision.body else t("scripts.withdrawn")
                    words(text, "k-version", tag="div")
                    if is_leader and revision in published[1:]:
                        restore = partial(self._restore, script_id, revision.body)
                        action(t("scripts.restore"), restore, look="outline", classes="k-small")
        own = next((s for s in self._visit.desk.rulebook.own_scripts if s.id == script_id), None)
        if is_leader and published and own is not None:
            restore = partial(self._restore, script_id, scripts.body_of(own))
            action(t("scripts.restore_own"), restore, look="outline", classes="k-small")

    def _changed(self) -> None:
        background_tasks.create(self._check())

    async def _check(self) -> None:
        form = self._form
        if form is None or not form.text.strip():
            return
        checker = self._visit.desk.checker
        script = Script("a.b", "", "", form.text)
        try:
            await asyncio.to_thread(scripts.check_wording, checker, script)
        except DeskError as error:
            problems = error.details.get("problems", t(error.key, **error.details))
            self._wording.set_text(t("scripts.wording_bad", problems=problems))
        else:
            self._wording.set_text(t("scripts.wording_ok"))

    async def _write(self, is_submitted: bool) -> None:
        form = self._form
        if form is None:
            return
        told = "scripts.submitted" if is_submitted else "scripts.draft_saved"
        await self._store(form.script_id, form.body(), form.why, is_submitted, told)

    async def _withdraw(self, script_id: str) -> None:
        why = self._form.why if self._form else ""
        await self._store(script_id, None, why, True, "scripts.withdraw_sent")

    async def _store(
        self, script_id: str, body: Body | None, why: str, is_submitted: bool, told: str
    ) -> None:
        checker = self._visit.desk.checker

        def work(session: Session, staff: Staff) -> None:
            scripts.write(
                session,
                staff,
                checker,
                script_id=script_id,
                body=body,
                why=why,
                is_submitted=is_submitted,
            )

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t(told))
            await self._on_saved(script_id)

    async def _decide(self, revision_id: int, is_approved: bool) -> None:
        checker = self._visit.desk.checker

        def work(session: Session, staff: Staff) -> str:
            revision = scripts.decide(session, staff, checker, revision_id, is_approved=is_approved)
            return revision.script_id

        with self._visit.errors_shown():
            script_id = await self._visit.write(work)
            if is_approved:
                await self._visit.desk.rulebook.announce()
            self._visit.tell(t("scripts.approved" if is_approved else "scripts.rejected"))
            await self._on_saved(script_id)

    async def _restore(self, script_id: str, body: Body | None) -> None:
        checker = self._visit.desk.checker
        why = self._form.why if self._form else ""

        def work(session: Session, staff: Staff) -> None:
            scripts.restore(session, staff, checker, script_id=script_id, body=body, why=why)

        with self._visit.errors_shown():
            await self._visit.write(work)
            await self._visit.desk.rulebook.announce()
            self._visit.tell(t("scripts.restored"))
            await self._on_saved(script_id)


def usage_text(usage: Usage) -> str:
    """Return a script's usage in words."""
    if not usage.shown and usage.is_unused and not usage.rejected:
        return t("scripts.usage_none")
    text = t(
        "scripts.usage",
        shown=usage.shown,
        used=usage.used,
        edited=usage.edited,
        rejected=usage.rejected,
    )
    if usage.distance is None:
        return text
    return f"{text}，{t('scripts.usage_distance', percent=f'{usage.distance:.0%}')}"
