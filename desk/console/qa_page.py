"""`/desk/qa`: flagged replies, the reviewer's decisions by keyboard, and their export."""

import asyncio
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
from desk.console.elements import action, box, words
from desk.console.qa_detail import Actions, FlaggedDetail, Versions
from desk.console.qa_filters import Filters
from desk.console.qa_shell import Keys, qa_frame
from desk.console.qa_table import PAGE_SIZE, FlaggedTable
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews import service
from desk.reviews.exceptions import draft_for
from desk.reviews.export import export_xlsx, note_export
from desk.reviews.models import Decision, FlaggedReply
from desk.rulebook.publishing import rules_at
from scripts_library.checking.checker import Checker
from scripts_library.checking.verdict import Flag

EXPORT_LIMIT = 10_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def qa_page(request: Request) -> Response | None:
    """Build the page for QA and supervisors."""
    visit = await admit(request, *QA_ROLES)
    if isinstance(visit, Response):
        return visit
    agents = await visit.read(lambda session, _: list_staff(session, Role.AGENT, Role.SUPERVISOR))
    review = Review(visit)
    with qa_frame(visit, "flags", review.keys()):
        review.build(agents)
    await review.refresh()
    return None


class Review:
    """One reviewer's open page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._filter = service.Filter()
        self._page = 0
        self._total = 0
        self._selected: int | None = None
        self._ids: list[int] = []

    def build(self, agents: Sequence[Staff]) -> None:
        """Add the page's parts."""
        with box("k-qa"):
            with box("k-qa-list", tag="section"):
                Filters(agents, on_change=self._filtered)
                self._table = FlaggedTable(
                    on_select=self._select, on_page=self._turn, on_export=self._export
                )
            self._detail = FlaggedDetail(Actions(self._decide, self._draft, self._judge_by_then))

    def keys(self) -> Keys:
        """Return the page's keys."""
        return Keys(
            {
                "j": (t("quality.key_next"), lambda: self._step(1)),
                "k": (t("quality.key_previous"), lambda: self._step(-1)),
                "c": (t("review.decision.confirmed"), lambda: self._by_key(Decision.CONFIRMED)),
                "f": (t("review.decision.false_alarm"), lambda: self._by_key(Decision.FALSE_ALARM)),
                "o": (t("quality.key_coach"), lambda: self._by_key(Decision.COACH)),
            }
        )

    async def refresh(self) -> None:
        """Read the page of rows again."""
        query = asdict(self._filter)
        offset = self._page * PAGE_SIZE

        def work(session: Session, staff: Staff) -> tuple[service.Page, set[int]]:
            page = service.list_flagged(
                session, viewer=staff, limit=PAGE_SIZE, offset=offset, **query
            )
            return page, service.hidden_from(session, staff, page.rows)

        with self._visit.errors_shown():
            found, hidden = await self._visit.read(work)
            self._ids, self._total = [row.id for row in found.rows], found.total
            self._table.show(
                found.rows,
                total=found.total,
                page=self._page,
                selected=self._selected,
                hidden=frozenset(hidden),
            )

    def _filtered(self, chosen: service.Filter) -> None:
        self._filter, self._page = chosen, 0
        background_tasks.create(self.refresh())

    async def _turn(self, page: int) -> None:
        self._page = page
        await self.refresh()

    async def _step(self, by: int) -> None:
        """Choose the next row or the one before, over the edge of a page too."""
        place = self._ids.index(self._selected) + by if self._selected in self._ids else 0
        if place < 0 and self._page > 0:
            await self._turn(self._page - 1)
            place = len(self._ids) - 1
        elif place >= len(self._ids) and (self._page + 1) * PAGE_SIZE < self._total:
            await self._turn(self._page + 1)
            place = 0
        if 0 <= place < len(self._ids):
            await self._select(self._ids[place])

    async def _by_key(self, decision: Decision) -> None:
        if self._selected is None:
            return
        if decision == Decision.COACH and not self._detail.note.strip():
            self._detail.ask_for_note()
            self._visit.tell(t("quality.coach_how"), kind="info")
            return
        await self._decide(self._selected, decision.value, self._detail.note)

    async def _select(self, flagged_id: int) -> None:
        self._selected = flagged_id
        self._table.mark(flagged_id)
        await self._show(flagged_id)

    async def _show(self, flagged_id: int) -> None:
        def work(
            session: Session, staff: Staff
        ) -> tuple[FlaggedReply, list[Message], Message | None, str | None, bool]:
            row = service.find_flagged(session, flagged_id)
            return (
                row,
                service.context_of(session, flagged_id),
                service.sent_instead(session, row),
                service.suggested_script(session, row),
                bool(service.hidden_from(session, staff, [row])),
            )

        with self._visit.errors_shown():
            row, context, sent, script_id, is_hidden = await self._visit.read(work)
            if flagged_id != self._selected:
                # Another row was chosen while this one was read.
                return
            script = self._visit.desk.scripts.get(script_id) if script_id else None
            versions = Versions(sent.text if sent else None, script.text if script else None)
            self._detail.show(row, context, versions, is_hidden=is_hidden)

    async def _decide(self, flagged_id: int, decision: str, note: str) -> None:
        following = self._following(flagged_id)
        with self._visit.errors_shown():
            await self._visit.write(
                lambda session, staff: service.decide(session, staff, flagged_id, decision, note)
            )
            self._visit.tell(t("qa.saved"))
            await self.refresh()
            await self._select(following if following in self._ids else flagged_id)

    def _following(self, flagged_id: int) -> int | None:
        """Return the row below; the list may lose the one that is being decided."""
        place = self._ids.index(flagged_id) + 1 if flagged_id in self._ids else len(self._ids)
        return self._ids[place] if place < len(self._ids) else None

    async def _draft(self, flagged_id: int) -> None:
        base = self._visit.desk.rulebook.base

        def work(session: Session, staff: Staff) -> int | None:
            row = service.find_flagged(session, flagged_id)
            why = row.decision_note or t("quality.exception_why")
            drafts = draft_for(session, staff, base, row, why=why, origin="false_alarm")
            return drafts[0].id if drafts else None

        with self._visit.errors_shown():
            draft_id = await self._visit.write(work)
            if draft_id is None:
                self._visit.tell(t("quality.no_exception"), kind="warning")
                return
            with self._visit.client:
                ui.navigate.to(f"/desk/rules?draft={draft_id}")

    async def _judge_by_then(self, flagged_id: int) -> None:
        """Show what the rules of that day say of the reply."""
        with self._visit.errors_shown():
            row, rules = await self._visit.read(
                lambda session, _: (
                    row := service.find_flagged(session, flagged_id),
                    rules_at(session, row.ruleset_version),
                )
            )
            flags, _excused = await asyncio.to_thread(
                lambda: Checker(rules).check_by_rules(row.text)
            )
            self._show_then(row.ruleset_version, flags)

    def _show_then(self, version: str, flags: Sequence[Flag]) -> None:
        with self._visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
            words(t("quality.by_then"), "k-dialog-title", tag="h2")
            words(t("quality.by_then_hint", version=version), "k-dialog-text", tag="p")
            for flag in flags:
                said = f"{t(f'review.severity.{flag.severity.label}')}「{flag.surface}」"
                words(f"{said} {flag.reason}（{flag.clause}）", "k-change", tag="div")
            if not flags:
                words(t("quality.by_then_nothing"), tag="div")
            with box("k-dialog-foot"):
                action(t("quality.close"), dialog.close, look="unelevated color=primary")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _export(self) -> None:
        query = asdict(self._filter)

        def work(session: Session, staff: Staff) -> tuple[int, bytes | None]:
            rows = service.list_flagged(
                session, viewer=staff, limit=EXPORT_LIMIT, offset=0, **query
            ).rows
            hidden = service.hidden_from(session, staff, rows)
            return len(rows), export_xlsx(rows, hidden=hidden) if rows else None

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
