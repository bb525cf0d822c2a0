"""`/desk/qa`: flagged replies, the reviewer's decisions, and their export."""

from collections.abc import Sequence
from dataclasses import asdict

from fastapi import Request
from fastapi.responses import Response
from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import list_staff
from desk.clock import to_local, utc_now
from desk.console.access import QA_ROLES, Visit, admit
from desk.console.elements import box
from desk.console.qa_detail import FlaggedDetail
from desk.console.qa_filters import Filters
from desk.console.qa_table import PAGE_SIZE, FlaggedTable
from desk.console.theme import frame
from desk.locale import t
from desk.reviews import service
from desk.reviews.export import export_xlsx, note_export

EXPORT_LIMIT = 10_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def qa_page(request: Request) -> Response | None:
    """Build the page for QA and supervisors."""
    visit = await admit(request, *QA_ROLES)
    if isinstance(visit, Response):
        return visit
    agents = await visit.read(lambda session, _: list_staff(session, Role.AGENT, Role.SUPERVISOR))
    with frame(visit, active="qa"):
        review = Review(visit, agents)
    await review.refresh()
    return None


class Review:
    """One reviewer's open page."""

    def __init__(self, visit: Visit, agents: Sequence[Staff]) -> None:
        self._visit = visit
        self._filter = service.Filter()
        self._page = 0
        self._selected: int | None = None
        with box("k-qa"):
            with box("k-qa-list", tag="section"):
                Filters(agents, on_change=self._filtered)
                self._table = FlaggedTable(
                    on_select=self._select, on_page=self._turn, on_export=self._export
                )
            self._detail = FlaggedDetail(self._decide)

    async def refresh(self) -> None:
        """Read the page of rows again."""
        query = asdict(self._filter)
        offset = self._page * PAGE_SIZE
        with self._visit.errors_shown():
            found = await self._visit.read(
                lambda session, _: service.list_flagged(
                    session, limit=PAGE_SIZE, offset=offset, **query
                )
            )
            self._table.show(
                found.rows, total=found.total, page=self._page, selected=self._selected
            )

    def _filtered(self, chosen: service.Filter) -> None:
        self._filter, self._page = chosen, 0
        background_tasks.create(self.refresh())

    async def _turn(self, page: int) -> None:
        self._page = page
        await self.refresh()

    async def _select(self, flagged_id: int) -> None:
        self._selected = flagged_id
        self._table.mark(flagged_id)
        await self._show(flagged_id)

    async def _show(self, flagged_id: int) -> None:
        with self._visit.errors_shown():
            row, context = await self._visit.read(
                lambda session, _: (
                    service.find_flagged(session, flagged_id),
                    service.context_of(session, flagged_id),
                )
            )
            self._detail.show(row, context)

    async def _decide(self, flagged_id: int, decision: str, note: str) -> None:
        with self._visit.errors_shown():
            await self._visit.write(
                lambda session, staff: service.decide(session, staff, flagged_id, decision, note)
            )
            self._visit.tell(t("qa.saved"))
            await self._show(flagged_id)
        await self.refresh()

    async def _export(self) -> None:
        query = asdict(self._filter)

        def work(session: Session, _staff: Staff) -> tuple[int, bytes | None]:
            rows = service.list_flagged(session, limit=EXPORT_LIMIT, offset=0, **query).rows
            return len(rows), export_xlsx(rows) if rows else None

        with self._visit.errors_shown():
            count, content = await self._visit.read(work)
            if content is not None:
                await self._visit.write(lambda session, staff: note_export(session, staff, count))
            else:
                self._visit.tell(t("qa.export_empty"), kind="warning")
                return
            name = t("qa.export_name", day=f"{to_local(utc_now()):%Y%m%d}")
            with self._visit.client:
                ui.download.content(content, name, XLSX)
