"""The right column of the answers: what is in force, what waits for approval, the history."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.columns import TABLES, cells_of
from desk.catalog.models import Faq
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, moment, nothing, words
from desk.console.knowledge_pages.faq_form import FaqForm
from desk.console.knowledge_pages.history import show_changes, show_history
from desk.console.knowledge_pages.row_list import show_validity
from desk.console.ticket.dialogs import Field, Values, fill_in
from desk.errors import NotFound
from desk.knowledge import editing, faq, listing
from desk.knowledge.editing import Entry
from desk.knowledge.listing import may_edit
from desk.knowledge.models import FaqRevision, FaqState
from desk.locale import t


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer as it was read: the row in force (None while it is new), its wordings, history."""

    code: str
    row: Faq | None
    revisions: Sequence[FaqRevision]
    history: Sequence[Entry]


class FaqEditor:
    """Shows an answer by its code; `on_saved` is called with the code after each change."""

    def __init__(self, visit: Visit, on_saved: Callable[[str], Awaitable[None]]) -> None:
        self._visit, self._on_saved = visit, on_saved
        self._can_edit = may_edit(visit.staff)
        self._place = box("k-pane", tag="section")
        self._form: FaqForm | None = None

    @property
    def has_unsaved(self) -> bool:
        """Whether something was typed that is not stored."""
        return self._form is not None and self._form.has_unsaved

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._form = None
        self._place.clear()
        with self._place:
            hint = "knowledge.pick_hint_faq" if self._can_edit else "knowledge.pick_hint_reader"
            nothing(t("knowledge.pick"), t(hint), has_help=False)

    async def begin(self) -> None:
        """Show an empty form with a code that is free."""
        with self._visit.errors_shown():
            code = await self._visit.read(lambda session, _: faq.free_code(session))
            self._draw(Opened("", None, (), ()), {"code": code})

    async def open(self, code: str) -> None:
        """Show an answer, or a wording of one that nobody approved yet."""

        def read(session: Session, staff: Staff) -> Opened:
            try:
                row = listing.find_by_code(session, staff, faq.KIND, code)
            except NotFound:
                row = None
            history = editing.history(session, staff, faq.KIND, row.id) if row else ()
            found = faq.revisions(session, code) if self._can_edit else ()
            return Opened(code, row if isinstance(row, Faq) else None, found, history)

        with self._visit.errors_shown():
            opened = await self._visit.read(read)
            self._draw(opened, self._begun(opened))

    def _begun(self, opened: Opened) -> Mapping[str, str]:
        """One's own draft goes on where it was left; otherwise what is in force."""
        mine = (one for one in opened.revisions if one.author_id == self._visit.staff.id)
        draft = next((one for one in mine if one.state in faq.PENDING), None)
        if draft is not None:
            return draft.body
        return cells_of(faq.KIND, opened.row) if opened.row else {}

    def _draw(self, opened: Opened, cells: Mapping[str, str]) -> None:
        self._place.clear()
        waiting = [one for one in opened.revisions if one.state == FaqState.SUBMITTED]
        theirs_only = opened.row is None and any(not self._is_mine(one) for one in waiting)
        with self._place:
            for revision in waiting:
                with box("k-section", tag="section"):
                    self._approval(opened, revision)
            self._form = None
            if not theirs_only:
                with box("k-section", tag="section"):
                    self._edit(opened, cells)
            if opened.history:
                with box("k-section", tag="section"):
                    show_history(opened.history)
            if opened.revisions:
                with box("k-section", tag="section"):
                    _show_revisions(opened.revisions)

    def _edit(self, opened: Opened, cells: Mapping[str, str]) -> None:
        row = opened.row
        with box("k-editor-head"):
            words(row.question if row else t("knowledge.new_faq"), tag="h2")
            if row and row.retired_at:
                words(t("knowledge.retired"), "k-chip is-warn")
            elif row and row.valid_until:
                show_validity(row.valid_until)
            if row and self._can_edit and not row.retired_at:
                with box("k-head-actions"):
                    retire = partial(self._retire, row)
                    action(t("knowledge.retire"), retire, look="outline", classes="k-small")
        if self._can_edit:
            words(t("knowledge.faq_hint"), "k-card-why", tag="p")
        base = row.version if row else None
        self._form = FaqForm(self._visit, cells, base_version=base, can_edit=self._can_edit)
        if self._can_edit:
            with box("k-editor-foot"):
                submit, draft = partial(self._write, True), partial(self._write, False)
                action(t("knowledge.submit"), submit, look="unelevated color=primary")
                action(t("knowledge.save_draft"), draft, look="outline color=primary")

    def _approval(self, opened: Opened, revision: FaqRevision) -> None:
        at = moment(revision.created_at, utc_now())
        who = revision.author.display_name
        with box("k-line"):
            words(t("knowledge.revision_submitted"), "k-chip is-queued")
            words(t("knowledge.pending_by", who=who, at=at, why=revision.why), "k-card-why")
        row = opened.row
        before = listing.readable(faq.KIND, cells_of(faq.KIND, row)) if row else {}
        titles = {column.field: column.title for column in TABLES[faq.KIND].columns}
        cells = {name: " | ".join(str(cell).splitlines()) for name, cell in revision.body.items()}
        after = listing.readable(faq.KIND, cells)
        show_changes(
            {
                titles[name]: (before.get(name, ""), after.get(name, ""))
                for name in titles
                if before.get(name, "") != after.get(name, "")
            },
            is_new=row is None,
        )
        with box("k-decide"):
            if self._is_mine(revision):
                words(t("knowledge.own_submission"), "k-card-why")
                drop = partial(self._drop, revision)
                action(t("knowledge.drop"), drop, look="outline", classes="k-small")
            else:
                approve = partial(self._approve, revision)
                action(t("knowledge.approve"), approve, look="unelevated color=positive")
                action(t("knowledge.reject"), partial(self._reject, revision), look="outline")

    def _is_mine(self, revision: FaqRevision) -> bool:
        return revision.author_id == self._visit.staff.id

    async def _write(self, is_submitted: bool) -> None:
        if self._form is None:
            return
        revision = await self._form.write(is_submitted=is_submitted)
        if revision is not None:
            self._visit.tell(t("knowledge.submitted" if is_submitted else "knowledge.draft_saved"))
            await self._again(revision.code)

    async def _approve(self, revision: FaqRevision) -> None:
        checker = self._visit.desk.checker

        def work(session: Session, staff: Staff) -> None:
            faq.decide(session, staff, checker, revision.id, is_approved=True)

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t("knowledge.approved"))
            await self._again(revision.code)

    async def _reject(self, revision: FaqRevision) -> None:
        checker = self._visit.desk.checker

        async def work(values: Values) -> None:
            note = values["note"]
            await self._visit.write(
                lambda session, staff: faq.decide(
                    session, staff, checker, revision.id, is_approved=False, note=note
                )
            )

        fields = [Field("note", t("knowledge.reject_reason"), limit=faq.WHY_LIMIT)]
        label = t("knowledge.reject")
        if await fill_in(self._visit, title=label, fields=fields, submit=label, work=work):
            self._visit.tell(t("knowledge.rejected"))
            await self._again(revision.code)

    async def _drop(self, revision: FaqRevision) -> None:
        with self._visit.errors_shown():
            await self._visit.write(lambda session, staff: faq.drop(session, staff, revision.id))
            self._visit.tell(t("knowledge.dropped"))
            await self._again(revision.code)

    async def _retire(self, row: Faq) -> None:
        title, question = t("knowledge.retire"), t("knowledge.retire_question")
        if not await ask_yes(self._visit, title=title, question=question):
            return

        def work(session: Session, staff: Staff) -> None:
            editing.retire(session, staff, faq.KIND, row.id, version=row.version)

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t("knowledge.retired_done"))
            await self._again(row.code)

    async def _again(self, code: str) -> None:
        await self.open(code)
        await self._on_saved(code)


def _show_revisions(revisions: Sequence[FaqRevision]) -> None:
    words(t("knowledge.revisions"), "k-title", tag="h2")
    with box("k-history", tag="ul"):
        for one in revisions:
            with box(tag="li"):
                line = t(
                    "knowledge.revision_line",
                    state=t(f"knowledge.revision_{one.state}"),
                    who=one.author.display_name,
                    at=moment(one.created_at, utc_now()),
                    why=one.why,
                )
                words(line, tag="div")
                words(one.body.get("answer", ""), "k-version", tag="div")
                if one.note:
                    words(t("knowledge.revision_note", note=one.note), "k-cell-sub", tag="div")
