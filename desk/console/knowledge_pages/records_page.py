"""`/desk/knowledge`: homes, products and orders, looked up and kept."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response

from desk.console.access import Visit, admit
from desk.console.confirming import ask_yes
from desk.console.elements import box
from desk.console.knowledge_pages.row_editor import RowEditor
from desk.console.knowledge_pages.row_list import RowList
from desk.console.knowledge_pages.shell import knowledge_frame
from desk.knowledge.listing import READ_ROLES
from desk.locale import t

Builder = Callable[[Request], Awaitable[Response | None]]


def records_page(kind: str) -> Builder:
    """Return the page of one kind of rows."""

    async def page(request: Request) -> Response | None:
        visit = await admit(request, *READ_ROLES)
        if isinstance(visit, Response):
            return visit
        with knowledge_frame(visit, kind), box("k-qa is-wide"):
            records = Records(visit, kind)
        await records.list.refresh()
        return None

    return page


class Records:
    """One open page: the list and what is chosen of it."""

    def __init__(self, visit: Visit, kind: str) -> None:
        self._visit = visit
        self.list = RowList(visit, kind, on_choose=self._choose)
        self._editor = RowEditor(visit, kind, on_saved=self._saved)
        self._editor.clear()

    async def _choose(self, row_id: int | None) -> None:
        if self._editor.has_unsaved:
            title, question = t("knowledge.unsaved_title"), t("knowledge.unsaved")
            if not await ask_yes(self._visit, title=title, question=question):
                return
        await self._editor.open(row_id)
        self.list.mark(row_id)

    async def _saved(self, row_id: int) -> None:
        self.list.chosen = row_id
        await self.list.refresh()
