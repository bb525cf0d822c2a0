"""The bar for the tickets that are ticked: one change to all of them."""

from collections.abc import Callable, Sequence

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.console.merging import brief_of
from desk.locale import t
from desk.tickets import merging, service
from desk.tickets.bulk import BulkResult, Change, change_many
from desk.tickets.domain import CATEGORIES, DEPARTMENTS, SEVERITIES
from desk.tickets.groups import TITLE_LIMIT
from desk.tickets.handling import CAUSE_LIMIT, Classification
from desk.tickets.models import TicketKind, TicketState
from desk.tickets.view import (
    category_name,
    department_name,
    kind_name,
    severity_name,
    state_name,
)

SPEAKERS = (Role.AGENT, Role.SUPERVISOR)
WORKERS = (*SPEAKERS, Role.DEPARTMENT)
ACTIONS = {
    "assign": WORKERS,
    "state": WORKERS,
    "reclassify": SPEAKERS,
    "note": WORKERS,
    "group": SPEAKERS,
    "merge": SPEAKERS,
}
NO_CHANGE = ""


class BulkBar:
    """Shown while something is ticked; `on_done` is called after a change."""

    def __init__(
        self,
        visit: Visit,
        staff: Sequence[Staff],
        *,
        selected: Sequence[str],
        on_clear: Callable[[], object],
        on_done: Callable[[], object],
    ) -> None:
        self._visit, self._selected, self._on_done = visit, selected, on_done
        is_handler = visit.staff.role == Role.DEPARTMENT
        people = [one for one in staff if not is_handler or one.id == visit.staff.id]
        self._people = {one.id: one.display_name for one in people}
        with box("k-bulk").props("role=toolbar") as self._place:
            self._count = words("", "k-bulk-count")
            for name, roles in ACTIONS.items():
                if has_role(visit.staff, *roles):
                    opener = getattr(self, f"_{name}")
                    action(t(f"tickets_page.bulk_{name}"), opener, look="outline")
            action(t("tickets_page.clear"), on_clear)
        self.refresh()

    def refresh(self) -> None:
        """Show how many are ticked, or nothing."""
        self._place.set_visibility(bool(self._selected))
        self._count.set_text(t("tickets_page.selected", count=len(self._selected)))

    def _assign(self) -> None:
        with self._dialog("assign") as form:
            first = self._visit.staff.id if self._visit.staff.id in self._people else None
            label = t("tickets_page.filter_recipient")
            chosen = ui.select(self._people, label=label, value=first, with_input=True)
            form.place(chosen)
            form.finish(lambda: Change(recipient_id=chosen.value) if chosen.value else None)

    def _state(self) -> None:
        states = {one.value: state_name(one) for one in TicketState if one != TicketState.OPEN}
        with self._dialog("state") as form:
            chosen = form.place(
                ui.select(states, label=t("tickets_page.filter_state"), value="in_progress")
            )
            said = form.place(ui.textarea(t("tickets_page.bulk_text")))
            form.finish(lambda: Change(state=chosen.value, text=(said.value or "").strip() or None))

    def _reclassify(self) -> None:
        choices = {
            "kind": {one.value: kind_name(one) for one in TicketKind},
            "category": {one: category_name(one) for one in CATEGORIES},
            "department": {one: department_name(one) for one in DEPARTMENTS},
            "severity": {one: severity_name(one) for one in SEVERITIES},
        }
        with self._dialog("reclassify") as form:
            fields = {}
            for name, options in choices.items():
                options = {NO_CHANGE: t("tickets_page.bulk_unchanged"), **options}
                label = t(f"tickets_page.filter_{name}")
                fields[name] = form.place(ui.select(options, label=label, value=NO_CHANGE))
            cause = form.place(ui.input(t("tickets_page.cause")).props(f"maxlength={CAUSE_LIMIT}"))
            said = form.place(ui.textarea(t("tickets_page.bulk_text")))

            def change() -> Change:
                values = {name: field.value or None for name, field in fields.items()}
                wanted = Classification(**values, cause=(cause.value or "").strip() or None)
                return Change(classification=wanted, text=(said.value or "").strip() or None)

            form.finish(change)

    def _note(self) -> None:
        with self._dialog("note") as form:
            said = form.place(ui.textarea(t("tickets_page.bulk_note_label")))
            form.finish(lambda: Change(note=said.value) if (said.value or "").strip() else None)

    def _group(self) -> None:
        with self._dialog("group") as form:
            title = form.place(ui.input(t("tickets_page.bulk_group_label")))
            title.props(f"maxlength={TITLE_LIMIT}")
            form.finish(
                lambda: Change(group_title=title.value) if (title.value or "").strip() else None
            )

    async def _merge(self) -> None:
        numbers = sorted(self._selected)
        with self._visit.errors_shown():
            briefs = await self._visit.read(
                lambda session, staff: [
                    brief_of(service.find_for_staff(session, number, staff), utc_now())
                    for number in numbers
                ]
            )
            self._ask_which_stays({brief.number: brief.line for brief in briefs})

    def _ask_which_stays(self, tickets: dict[str, str]) -> None:
        numbers = list(tickets)
        with self._dialog("merge") as form:
            words(t("tickets_page.bulk_target"), "k-card-why", tag="div")
            into = ui.radio(tickets, value=numbers[0]).classes("k-merge-choice")
            into.props(f'aria-label="{t("tickets_page.bulk_target")}"')
            said = form.place(ui.textarea(t("tickets_page.bulk_text")))

            async def merge() -> None:
                target, text = into.value, (said.value or "").strip() or None
                others = [one for one in numbers if one != target]
                with self._visit.errors_shown():
                    await self._visit.write(
                        lambda session, staff: _merge(session, staff, target, others, text)
                    )
                    form.close()
                    self._visit.tell(t("tickets_page.bulk_done", done=len(numbers)))
                    self._on_done()

            form.buttons(merge)

    def _dialog(self, name: str) -> "_Form":
        return _Form(self._visit, name, list(self._selected), self._show)

    def _show(self, result: BulkResult) -> None:
        failed = [outcome for outcome in result.outcomes if outcome.error]
        self._on_done()
        if not failed:
            self._visit.tell(t("tickets_page.bulk_done", done=result.done))
            return
        with self._visit.client, ui.dialog(value=True) as dialog, ui.card().classes("k-dialog"):
            title = t("tickets_page.bulk_partly", done=result.done, failed=len(failed))
            words(title, "k-dialog-title", tag="h2")
            with box("k-bulk-failed", tag="ul"):
                for outcome in failed:
                    with box(tag="li"):
                        words(outcome.number, "k-number")
                        words(outcome.error or "", "k-dialog-text")
            with box("k-dialog-foot"):
                action(t("tickets_page.bulk_close"), dialog.close, look="unelevated color=primary")


class _Form:
    """A dialog that asks for one change and makes it."""

    def __init__(
        self,
        visit: Visit,
        name: str,
        numbers: Sequence[str],
        on_result: Callable[[BulkResult], object],
    ) -> None:
        self._visit, self._numbers, self._on_result = visit, numbers, on_result
        with visit.client:
            self._dialog = ui.dialog(value=True)
        with self._dialog:
            self._card = ui.card().classes("k-dialog")
        with self._card:
            title = t(f"tickets_page.bulk_{name}_title", count=len(numbers))
            words(title, "k-dialog-title", tag="h2")
            words(t(f"tickets_page.bulk_{name}_hint"), "k-dialog-text", tag="p")

    def __enter__(self) -> "_Form":
        self._card.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._card.__exit__()

    def place(self, field: ui.element):  # type: ignore[no-untyped-def]
        """Give a field the look of the dialog and return it."""
        return field.props("outlined dense").classes("w-full")

    def finish(self, change: Callable[[], Change | None]) -> None:
        """Add the buttons; `change` returns None while something is missing."""

        async def apply() -> None:
            wanted = change()
            if wanted is None:
                return
            with self._visit.errors_shown():
                result = await self._visit.write(
                    lambda session, staff: change_many(session, staff, self._numbers, wanted)
                )
                self.close()
                self._on_result(result)

        self.buttons(apply)

    def buttons(self, apply: Callable[[], object]) -> None:
        """Add the buttons to go back and to go on."""
        with box("k-dialog-foot"):
            action(t("console.cancel"), self.close)
            action(t("tickets_page.bulk_do"), apply, look="unelevated color=primary")

    def close(self) -> None:
        """Take the dialog away."""
        self._dialog.close()
        self._dialog.delete()


def _merge(
    session: Session, staff: Staff, target: str, others: Sequence[str], text: str | None
) -> None:
    into = service.find_for_staff(session, target, staff)
    found = [service.find_for_staff(session, number, staff) for number in others]
    merging.merge(session, staff, into, found, text=text)
