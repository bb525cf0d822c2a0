"""`/desk/knowledge/faq`: the approved answers, and the wordings that wait for approval."""

from collections.abc import Sequence
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.models import CatalogRow
from desk.console.access import Visit, admit
from desk.console.choosing import as_choice, hear_choices
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, words
from desk.console.knowledge_pages.faq_editor import FaqEditor
from desk.console.knowledge_pages.row_list import RowList
from desk.console.knowledge_pages.shell import knowledge_frame
from desk.knowledge import faq, listing
from desk.knowledge.listing import READ_ROLES, may_edit
from desk.knowledge.models import FaqRevision, FaqState
from desk.locale import t


async def faq_page(request: Request) -> Response | None:
    """Build the page."""
    visit = await admit(request, *READ_ROLES)
    if isinstance(visit, Response):
        return visit
    with knowledge_frame(visit, "faq"), box("k-qa is-wide"):
        page = FaqPage(visit)
    await page.refresh()
    return None


class FaqPage:
    """One open page: what waits, the answers, and the chosen one."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._pending: Sequence[FaqRevision] = ()
        self._list = RowList(visit, faq.KIND, on_choose=self._choose, before=self._draw_pending)
        hear_choices(self._list.place, "revision", self._open)
        self._editor = FaqEditor(visit, on_saved=self._saved)
        self._editor.clear()
        self._code: str | None = None

    async def refresh(self) -> None:
        """Read what waits and the answers again."""
        if may_edit(self._visit.staff):
            with self._visit.errors_shown():
                self._pending = await self._visit.read(faq.pending)
        await self._list.refresh()

    def _draw_pending(self) -> bool:
        if not self._pending:
            return False
        theirs = [one for one in self._pending if self._is_theirs(one)]
        with box("k-list-head"):
            words(t("knowledge.pending", count=len(self._pending)), "k-title", tag="h2")
            if len(theirs) > 1:
                approve = partial(self._approve_all, [one.id for one in theirs])
                action(t("knowledge.approve_all"), approve, look="outline", classes="k-small")
        for revision in self._pending:
            entry = box("k-entry", tag="button").props("type=button")
            entry.props["aria-current"] = "true" if revision.code == self._code else "false"
            with as_choice(entry, "revision", revision.code):
                with box("k-entry-top"):
                    words(str(revision.body.get("question", "")), "k-entry-name")
                    words(t(f"knowledge.revision_{revision.state}"), "k-chip is-queued")
                words(str(revision.body.get("answer", "")), "k-entry-text", tag="div")
                with box("k-entry-foot"):
                    words(revision.code)
                    words(revision.author.display_name)
        with box("k-list-head"):
            words(t("knowledge.kind_faq"), "k-title", tag="h2")
        return True

    def _is_theirs(self, revision: FaqRevision) -> bool:
        is_submitted = revision.state == FaqState.SUBMITTED
        return is_submitted and revision.author_id != self._visit.staff.id

    async def _choose(self, row_id: int | None) -> None:
        if row_id is None:
            if await self._may_leave():
                self._code = None
                self._list.mark(None)
                await self._editor.begin()
            return

        def read(session: Session, staff: Staff) -> CatalogRow:
            return listing.find(session, staff, faq.KIND, row_id)

        with self._visit.errors_shown():
            row = await self._visit.read(read)
            await self._open(getattr(row, "code", ""), row_id)

    async def _open(self, code: str, row_id: int | None = None) -> None:
        if await self._may_leave():
            self._code = code
            await self._editor.open(code)
            self._list.mark(row_id)

    async def _may_leave(self) -> bool:
        if not self._editor.has_unsaved:
            return True
        title, question = t("knowledge.unsaved_title"), t("knowledge.unsaved")
        return await ask_yes(self._visit, title=title, question=question)

    async def _saved(self, code: str) -> None:
        self._code = code
        await self.refresh()

    async def _approve_all(self, ids: Sequence[int]) -> None:
        title = t("knowledge.approve_all_title")
        question = t("knowledge.approve_all_question", count=len(ids))
        if not await ask_yes(self._visit, title=title, question=question):
            return
        checker = self._visit.desk.checker

        def work(session: Session, staff: Staff) -> tuple[int, list[str]]:
            return faq.approve_all(session, staff, checker, ids)

        with self._visit.errors_shown():
            done, left = await self._visit.write(work)
            if left:
                names = "、".join(left)
                text = t("knowledge.approve_all_left", done=done, left=names)
                self._visit.tell(text, kind="warning")
            else:
                self._visit.tell(t("knowledge.approve_all_done", done=done))
            await self.refresh()
