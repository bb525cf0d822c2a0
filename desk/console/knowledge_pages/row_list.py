"""The left column: rows of one kind, searched and page by page; new ones, import and export."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import background_tasks, ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.models import CatalogRow, Faq, Home, Product
from desk.clock import to_local, utc_now
from desk.console.access import Visit
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import action, box, nothing, words
from desk.console.knowledge_pages.exports import ask_export
from desk.console.knowledge_pages.shell import Pager
from desk.knowledge import listing
from desk.knowledge.listing import Page, Wanted, may_edit
from desk.locale import t
from desk.tickets.places import place_text

PAGE_SIZE = 30


class RowList:
    """One kind's rows; tells which is chosen (its id), or that a new one is wanted (None).

    `before` draws what stands above the rows in `place`, e.g. what waits for approval.
    """

    def __init__(
        self,
        visit: Visit,
        kind: str,
        *,
        on_choose: Callable[[int | None], Awaitable[None]],
        before: Callable[[], bool] = lambda: False,
    ) -> None:
        self._visit, self._kind = visit, kind
        self._on_choose, self._before = on_choose, before
        self._wanted = Wanted()
        self._found = Page((), 0)
        self.chosen: int | None = None
        with box("k-pane", tag="section").props(f'aria-label="{t(f"knowledge.kind_{kind}")}"'):
            with box("k-pane-search"):
                self._tools()
            self.place = box("k-pane-scroll")
            hear_choices(self.place, "row", lambda name: on_choose(int(name)))
            self._pager = Pager(PAGE_SIZE, self.refresh)

    async def refresh(self) -> None:
        """Read the page of rows again."""
        wanted, offset = self._wanted, self._pager.offset

        def read(session: Session, staff: Staff) -> Page:
            return listing.search(
                session, staff, self._kind, wanted, limit=PAGE_SIZE, offset=offset
            )

        with self._visit.errors_shown():
            found = await self._visit.read(read)
            if wanted is not self._wanted or self.place.is_deleted:
                return
            self._found = found
            self.draw()

    def draw(self) -> None:
        """Draw the rows that were read."""
        self.place.clear()
        with self.place:
            is_filled = self._before()
            if not self._found.rows and not is_filled:
                self._nothing()
            for row in self._found.rows:
                self._entry(row)
        self._pager.show(self._found.total)

    def mark(self, row_id: int | None) -> None:
        """Show which row is open on the right."""
        self.chosen = row_id
        self.draw()

    def _tools(self) -> None:
        field = ui.input(on_change=lambda event: self._search(event.value or ""))
        field.props(
            f'outlined dense clearable debounce=250 placeholder="{t("knowledge.search")}" '
            f'aria-label="{t("knowledge.search_short")}"'
        ).classes("is-search")
        names = ["active", "retired", "all"]
        if self._kind == "faq":
            names.insert(1, "expired")
        states = {name: t(f"knowledge.state_{name}") for name in names}
        state = ui.select(states, value="active", label=t("knowledge.state"))
        state.props("outlined dense options-dense").on_value_change(self._filter)
        if may_edit(self._visit.staff):
            look, small = "outline color=primary", "k-small"
            new = partial(self._on_choose, None)
            action(t("knowledge.new"), new, icon="add", look=look, classes=small)
            action(t("knowledge.import"), self._import, look="outline", classes=small)
            action(t("knowledge.export"), self._export, look="outline", classes=small)

    def _nothing(self) -> None:
        if self._wanted != Wanted():
            nothing(t("knowledge.none_found"), t("knowledge.none_found_hint"), has_help=False)
            return
        can_edit = may_edit(self._visit.staff)
        hint = t("knowledge.empty_hint" if can_edit else "knowledge.empty_hint_reader")
        nothing(t(f"knowledge.empty_{self._kind}"), hint)

    def _entry(self, row: CatalogRow) -> None:
        entry = box("k-entry", tag="button").props("type=button")
        entry.props["aria-current"] = "true" if row.id == self.chosen else "false"
        as_choice(entry, "row", row.id)
        name, text, chip, foot = summary(row)
        if row.retired_at:
            entry.classes("is-retired")
        with entry:
            with box("k-entry-top"):
                words(name, "k-entry-name")
                if row.retired_at:
                    words(t("knowledge.retired"), "k-chip is-warn")
                elif chip:
                    words(chip, "k-chip")
            words(text, "k-entry-text", tag="div")
            with box("k-entry-foot"):
                words(foot)
                if isinstance(row, Faq) and row.valid_until:
                    show_validity(row.valid_until)

    def _search(self, typed: str) -> None:
        self._want(Wanted(typed, self._wanted.state))

    def _filter(self, event: Any) -> None:
        self._want(Wanted(self._wanted.text, event.value))

    def _want(self, wanted: Wanted) -> None:
        self._wanted, self._pager.page = wanted, 0
        background_tasks.create(self.refresh())

    def _import(self) -> None:
        ui.navigate.to(f"/desk/knowledge/import?kind={self._kind}")

    async def _export(self) -> None:
        await ask_export(self._visit, self._kind, self._wanted)


def show_validity(day: Any) -> None:
    """Add the last day of an answer, marked once it is over."""
    is_over = day < to_local(utc_now()).date()
    key = "knowledge.expired" if is_over else "knowledge.valid_until"
    words(t(key, day=day.isoformat()), "k-overdue" if is_over else "")


def summary(row: CatalogRow) -> tuple[str, str, str, str]:
    """Return a row in a few words: name, text, chip, foot. Nothing of customers."""
    if isinstance(row, Home):
        name = f"{place_text(row.estate, row.building)} {row.layout}"
        return (
            name,
            row.overview or row.location or "",
            row.status,
            f"{row.code} · {row.area_m2:g}㎡",
        )
    if isinstance(row, Product):
        return row.name, row.features or row.material, row.kind, row.code
    if isinstance(row, Faq):
        return row.question, row.answer, "", row.code
    return row.order_no, f"{row.product_name} · {row.quantity}", row.status, f"{row.ordered_on}"
