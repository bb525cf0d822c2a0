"""`/desk/knowledge/examples`: examples for the training, approved by another person."""

from collections.abc import Sequence
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.intents import intent_names
from desk.clock import utc_now
from desk.console.access import Visit, admit
from desk.console.elements import action, box, moment, nothing, words
from desk.console.knowledge_pages.shell import keep, knowledge_frame
from desk.console.tabs import Tabs
from desk.knowledge import examples
from desk.knowledge.exporting import File
from desk.knowledge.listing import EDIT_ROLES
from desk.knowledge.models import ExampleState, TrainingExample
from desk.locale import t

COLUMNS = ("example_text", "example_intent_column", "example_author", "example_decide")


async def examples_page(request: Request) -> Response | None:
    """Build the page."""
    visit = await admit(request, *EDIT_ROLES)
    if isinstance(visit, Response):
        return visit
    with knowledge_frame(visit, "examples"), box("k-page-scroll"):
        page = ExamplesPage(visit)
    await page.refresh()
    return None


class ExamplesPage:
    """One open page: examples of one state."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._state = visit, ExampleState.PROPOSED
        words(t("knowledge.nav_examples"), "k-dialog-title", tag="h2")
        words(t("knowledge.examples_hint"), "k-dialog-text", tag="p")
        with box("k-import-head"):
            names = {state.value: t(f"knowledge.example_state_{state}") for state in ExampleState}
            self._tabs = Tabs(names, self._turn, classes="k-tabs k-line")
            with box("k-head-actions"):
                fetch = action(
                    t("knowledge.examples_download"), self._fetch, look="outline", icon="download"
                )
                fetch.classes("k-small")
        self._place = box("")

    async def refresh(self) -> None:
        """Read the examples again."""
        state = self._state

        def read(session: Session, staff: Staff) -> Sequence[TrainingExample]:
            return examples.listed(session, staff, state)

        with self._visit.errors_shown():
            rows = await self._visit.read(read)
            if state == self._state and not self._place.is_deleted:
                self._draw(rows)

    def _draw(self, rows: Sequence[TrainingExample]) -> None:
        self._tabs.show(self._state)
        self._place.clear()
        with self._place:
            if not rows:
                nothing(
                    t(f"knowledge.examples_none_{self._state}"), t("knowledge.examples_none_hint")
                )
                return
            with box("k-table", tag="table"):
                with box(tag="thead"), box(tag="tr"):
                    for name in COLUMNS:
                        words(t(f"knowledge.{name}"), tag="th").props("scope=col")
                with box(tag="tbody"):
                    for row in rows:
                        self._row(row)

    def _row(self, row: TrainingExample) -> None:
        with box(tag="tr"):
            words(row.text, tag="td")
            words(intent_names().get(row.intent, row.intent), "k-cell-time", tag="td")
            with box("k-cell-time", tag="td"):
                words(row.author.display_name)
                words(moment(row.created_at, utc_now()), "k-cell-sub", tag="div")
            with box("k-cell-time", tag="td"):
                if row.state == ExampleState.PROPOSED:
                    self._decide_buttons(row)
                elif row.decided_by:
                    words(row.decided_by.display_name)

    def _decide_buttons(self, row: TrainingExample) -> None:
        with box("k-line"):
            is_mine = row.author_id == self._visit.staff.id
            if not is_mine:
                approve = partial(self._decide, row.id, True)
                action(t("knowledge.example_approve"), approve, look="outline color=positive")
            key = "knowledge.example_take_back" if is_mine else "knowledge.example_reject"
            action(t(key), partial(self._decide, row.id, False), look="outline")

    async def _turn(self, state: str) -> None:
        self._state = ExampleState(state)
        await self.refresh()

    async def _decide(self, example_id: int, is_approved: bool) -> None:
        def work(session: Session, staff: Staff) -> None:
            examples.decide(session, staff, example_id, is_approved=is_approved)

        with self._visit.errors_shown():
            await self._visit.write(work)
            done = "knowledge.example_approved" if is_approved else "knowledge.example_rejected"
            self._visit.tell(t(done))
        await self.refresh()

    async def _fetch(self) -> None:
        with self._visit.errors_shown():
            content = await self._visit.read(lambda session, _: examples.approved_file(session))
            keep(self._visit, File(examples.REVIEWED.name, content.encode()))
