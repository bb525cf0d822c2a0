"""The right column: one home, product or order, changed in a form; its history."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.models import CatalogRow
from desk.console.access import Visit, may_open
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, nothing, words
from desk.console.knowledge_pages.form import RowForm
from desk.console.knowledge_pages.history import show_history
from desk.console.knowledge_pages.row_list import summary
from desk.console.ticket.dialogs import Field, Values, fill_in
from desk.errors import Conflict, DeskError, InvalidInput
from desk.knowledge import editing, listing
from desk.knowledge.editing import REASON_LIMIT, REVEAL_ROLES, Entry
from desk.knowledge.listing import may_edit
from desk.locale import t


@dataclass(frozen=True, slots=True)
class Opened:
    """A row as it was read, with its history and how many orders name it."""

    row: CatalogRow
    history: Sequence[Entry]
    used: int


class RowEditor:
    """Shows a row; `on_saved` is called with its id after each change."""

    def __init__(self, visit: Visit, kind: str, on_saved: Callable[[int], Awaitable[None]]) -> None:
        self._visit, self._kind, self._on_saved = visit, kind, on_saved
        self._can_edit = may_edit(visit.staff)
        self._place = box("k-pane", tag="section")
        self._form: RowForm | None = None

    @property
    def has_unsaved(self) -> bool:
        """Whether something was typed that is not stored."""
        return self._form is not None and bool(self._form.changed())

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._form = None
        self._place.clear()
        with self._place:
            hint = "knowledge.pick_hint" if self._can_edit else "knowledge.pick_hint_reader"
            nothing(t("knowledge.pick"), t(hint), has_help=False)

    async def open(self, row_id: int | None) -> None:
        """Show a row, or an empty form for None."""
        if row_id is None:
            self._draw(None)
            return

        def read(session: Session, staff: Staff) -> Opened:
            row = listing.find(session, staff, self._kind, row_id)
            history = editing.history(session, staff, self._kind, row_id)
            return Opened(row, history, editing.used_by(session, row))

        with self._visit.errors_shown():
            self._draw(await self._visit.read(read))

    def _draw(self, opened: Opened | None) -> None:
        row = opened.row if opened else None
        cells = listing.masked_cells(self._kind, row) if row else {}
        is_open = self._can_edit and not (row and row.retired_at)
        self._place.clear()
        with self._place:
            with box("k-section", tag="section"):
                self._head(opened)
                self._form = RowForm(self._kind, cells, is_new=row is None, can_edit=is_open)
                if is_open:
                    self._foot(row)
            if opened:
                with box("k-section", tag="section"):
                    show_history(opened.history)

    def _head(self, opened: Opened | None) -> None:
        with box("k-editor-head"):
            if opened is None:
                words(t(f"knowledge.new_{self._kind}"), tag="h2")
                return
            row = opened.row
            words(summary(row)[0], tag="h2")
            if row.retired_at:
                words(t("knowledge.retired"), "k-chip is-warn")
            with box("k-head-actions"):
                if self._kind == "orders" and may_open(self._visit.staff, REVEAL_ROLES):
                    reveal = partial(self._reveal, row.id)
                    action(t("knowledge.reveal"), reveal, look="outline", classes="k-small")
                if self._can_edit:
                    key = "knowledge.restore" if row.retired_at else "knowledge.retire"
                    turn = partial(self._retire, opened)
                    action(t(key), turn, look="outline", classes="k-small")

    def _foot(self, row: CatalogRow | None) -> None:
        with box("k-editor-foot"):
            self._problem = words("", "k-problem", tag="p").props("role=alert")
            save = partial(self._save, row)
            action(t("knowledge.save"), save, look="unelevated color=primary")
            if row:
                self._again = action(
                    t("knowledge.reload"), partial(self.open, row.id), look="outline"
                )
                self._again.tooltip(t("knowledge.reload_hint"))
                self._again.set_visibility(False)

    async def _save(self, row: CatalogRow | None) -> None:
        form = self._form
        if form is None:
            return
        form.show_problems({})
        self._problem.set_text("")
        cells = form.cells() if row is None else form.changed()
        if not cells:
            self._visit.tell(t("knowledge.unchanged"), kind="info")
            return

        def work(session: Session, staff: Staff) -> int:
            if row is None:
                return editing.create(session, staff, self._kind, cells).id
            version = row.version
            return editing.update(session, staff, self._kind, row.id, cells, version=version).id

        with self._visit.errors_shown():
            try:
                row_id = await self._visit.write(work)
            except (InvalidInput, Conflict) as error:
                self._show_problem(form, error)
                return
            self._visit.tell(t("knowledge.created" if row is None else "knowledge.saved"))
            await self.open(row_id)
            await self._on_saved(row_id)

    def _show_problem(self, form: RowForm, error: DeskError) -> None:
        """What was typed stays in the form."""
        self._problem.set_text(t(error.key, **error.details))
        form.show_problems(error.details.get("cells", {}))
        if error.key.startswith("errors.knowledge_changed"):
            self._again.set_visibility(True)

    async def _retire(self, opened: Opened) -> None:
        row, is_retired = opened.row, opened.row.retired_at is None
        if is_retired:
            question = t("knowledge.retire_question")
            if opened.used:
                question += t("knowledge.retire_used", count=opened.used)
            if not await ask_yes(self._visit, title=t("knowledge.retire"), question=question):
                return

        def work(session: Session, staff: Staff) -> None:
            editing.retire(
                session, staff, self._kind, row.id, version=row.version, is_retired=is_retired
            )

        with self._visit.errors_shown():
            await self._visit.write(work)
            done = "knowledge.retired_done" if is_retired else "knowledge.restored_done"
            self._visit.tell(t(done))
            await self.open(row.id)
            await self._on_saved(row.id)

    async def _reveal(self, row_id: int) -> None:
        shown: dict[str, str] = {}

        async def work(values: Values) -> None:
            reason = values["reason"]
            shown.update(
                await self._visit.write(
                    lambda session, staff: editing.reveal_order(session, staff, row_id, reason)
                )
            )

        done = await fill_in(
            self._visit,
            title=t("knowledge.reveal"),
            fields=[Field("reason", t("knowledge.reveal_reason"), "line", limit=REASON_LIMIT)],
            submit=t("knowledge.reveal"),
            work=work,
            hint=t("knowledge.reveal_hint"),
        )
        if done and self._form is not None:
            self._form.fill({name: shown[name] for name in ("phone_last4", "tracking_no")})
