"""`/desk/knowledge/import`: a file is uploaded, looked at row by row, and then stored or not."""

import asyncio
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from nicegui import events, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.columns import TABLES
from desk.catalog.importer import read_content
from desk.console.access import Visit, admit
from desk.console.elements import action, box, name_upload, nothing, words
from desk.console.knowledge_pages.import_preview import ImportPreview
from desk.console.knowledge_pages.shell import keep, knowledge_frame
from desk.errors import InvalidInput
from desk.knowledge import exporting, importing
from desk.knowledge.exporting import Ending
from desk.knowledge.importing import Imported, Preview
from desk.knowledge.listing import EDIT_ROLES
from desk.locale import t

SIZE_LIMIT = 10 * 1024 * 1024
ACCEPTED = ".csv,.xlsx"


async def import_page(request: Request) -> Response | None:
    """Build the page; `?kind=` chooses what is imported."""
    visit = await admit(request, *EDIT_ROLES)
    if isinstance(visit, Response):
        return visit
    asked = request.query_params.get("kind", "")
    with knowledge_frame(visit, "import"), box("k-page-scroll"):
        ImportPage(visit, asked if asked in TABLES else "homes")
    return None


class ImportPage:
    """One open page; the file that was read stays with it until it is stored or left."""

    def __init__(self, visit: Visit, kind: str) -> None:
        self._visit, self._kind = visit, kind
        self._preview: Preview | None = None
        words(t("knowledge.import_title"), "k-dialog-title", tag="h2")
        hint = t("knowledge.import_hint", limit_mb=SIZE_LIMIT // 2**20)
        words(hint, "k-dialog-text", tag="p")
        with box("k-import-form"):
            with box("k-import-tools"):
                kinds = {name: t(f"knowledge.kind_{name}") for name in TABLES}
                select = ui.select(kinds, value=kind, label=t("knowledge.import_kind"))
                select.props("outlined dense options-dense").on_value_change(self._turn)
                endings: tuple[Ending, ...] = ("xlsx", "csv")
                for ending in endings:
                    label = t(f"knowledge.import_template_{ending}")
                    fetch = partial(self._template, ending)
                    action(label, fetch, look="outline", icon="download", classes="k-small")
            self._upload = ui.upload(
                max_file_size=SIZE_LIMIT,
                on_upload=self._take,
                on_rejected=self._too_large,
                auto_upload=True,
            ).props(f'flat bordered accept="{ACCEPTED}"')
            name_upload(self._upload, t("knowledge.import_drop"))
        self._place = box("")
        self._draw()

    def _draw(self) -> None:
        self._place.clear()
        with self._place:
            if self._preview is None:
                nothing(t("knowledge.import_empty_title"), t("knowledge.import_empty_hint"))
            else:
                ImportPreview(self._preview, on_confirm=self._confirm, on_cancel=self._leave)

    def _turn(self, event: Any) -> None:
        self._kind = event.value
        self._leave()

    def _leave(self) -> None:
        self._preview = None
        self._upload.reset()
        self._draw()

    def _template(self, ending: Ending) -> None:
        keep(self._visit, exporting.template(self._kind, ending))

    def _too_large(self) -> None:
        limit = SIZE_LIMIT // 2**20
        self._visit.tell(t("errors.import_too_large_here", limit_mb=limit), kind="negative")

    async def _take(self, event: events.UploadEventArguments) -> None:
        name, kind = event.file.name, self._kind
        raw = await event.file.read()
        self._upload.reset()
        if len(raw) > SIZE_LIMIT:
            self._too_large()
            return
        try:
            content = await asyncio.to_thread(read_content, raw, kind, filename=name)
        except InvalidInput as error:
            self._visit.tell(t(error.key, **error.details), kind="negative")
            return

        def compare(session: Session, staff: Staff) -> Preview:
            return importing.preview(session, staff, kind, content, filename=name)

        with self._visit.errors_shown():
            self._preview = await self._visit.read(compare)
            if not self._place.is_deleted:
                self._draw()

    async def _confirm(self) -> None:
        preview, checker = self._preview, self._visit.desk.checker
        if preview is None:
            return

        def work(session: Session, staff: Staff) -> Imported:
            return importing.confirm(session, staff, checker, preview)

        with self._visit.errors_shown():
            done = await self._visit.write(work)
            self._preview = None
            self._tell(done)
            self._draw()

    def _tell(self, done: Imported) -> None:
        if done.waits_for_approval:
            self._visit.tell(t("knowledge.import_done_faq", count=done.added + done.changed))
        else:
            text = t("knowledge.import_done", added=done.added, changed=done.changed)
            self._visit.tell(text)
