"""The form of an answer: its fields with the wording checked while it is written, and why."""

import asyncio
from collections.abc import Mapping
from typing import Any

from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.console.access import Visit
from desk.console.elements import words
from desk.console.knowledge_pages.form import RowForm
from desk.errors import Conflict, DeskError, InvalidInput
from desk.knowledge import faq
from desk.knowledge.faq import WHY_LIMIT
from desk.knowledge.models import FaqRevision
from desk.locale import t


class FaqForm:
    """The fields of one answer. `base_version` is that of the row it changes, None if new."""

    def __init__(
        self,
        visit: Visit,
        cells: Mapping[str, str],
        *,
        base_version: int | None,
        can_edit: bool = True,
        why: str = "",
    ) -> None:
        self._visit, self._base = visit, base_version
        self._form = RowForm(
            faq.KIND,
            cells,
            is_new=base_version is None,
            can_edit=can_edit,
            on_change=self._changed,
        )
        self._why: Any = None
        if can_edit:
            self._wording = words("", "k-card-why", tag="div").props("role=status")
            self._why = ui.input(t("knowledge.faq_why"), value=why).classes("w-full")
            self._why.props(f"outlined dense maxlength={WHY_LIMIT}")
            self._problem = words("", "k-problem", tag="p").props("role=alert")

    @property
    def has_unsaved(self) -> bool:
        """Whether something was typed that is not stored."""
        return bool(self._form.changed())

    async def write(self, *, is_submitted: bool) -> FaqRevision | None:
        """Store what stands in the form; None if it can't be, which the form then tells."""
        self._form.show_problems({})
        self._problem.set_text("")
        cells, why, checker = (
            self._form.cells(),
            str(self._why.value or ""),
            self._visit.desk.checker,
        )

        def work(session: Session, staff: Staff) -> FaqRevision:
            return faq.write(
                session,
                staff,
                checker,
                cells,
                why=why,
                base_version=self._base,
                is_submitted=is_submitted,
            )

        with self._visit.errors_shown():
            try:
                return await self._visit.write(work)
            except (InvalidInput, Conflict) as error:
                self._show_problem(error)
        return None

    def _show_problem(self, error: DeskError) -> None:
        said = t(error.key, **error.details)
        self._problem.set_text(said)
        field = error.details.get("field")
        known = {field: said} if field in ("answer", "phrasings", "valid_until") else {}
        self._form.show_problems(error.details.get("cells", known))

    def _changed(self, name: str) -> None:
        if name == "answer" and self._why is not None:
            background_tasks.create(self._check())

    async def _check(self) -> None:
        answer = self._form.cells()["answer"]
        if not answer.strip():
            self._wording.set_text("")
            return
        try:
            await asyncio.to_thread(faq.check_answer, self._visit.desk.checker, answer)
        except InvalidInput as error:
            self._wording.set_text(t("knowledge.wording_bad", **error.details))
        else:
            self._wording.set_text(t("knowledge.wording_ok"))
