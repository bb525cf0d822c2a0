"""The table of flagged replies, a page at a time."""

from collections.abc import Callable, Sequence

from nicegui import ui

from desk.clock import utc_now
from desk.console.choosing import as_choice, hear_choices
from desk.console.elements import action, box, moment, nothing, words
from desk.console.marks import show_marked, spans_of
from desk.locale import t
from desk.reviews.models import FlaggedReply

PAGE_SIZE = 20
COLUMNS = ("time", "agent", "reply", "flags", "outcome", "decision")
LOOK_OF_DECISION = {"open": "is-queued", "confirmed": "is-block", "coach": "is-hint"}


class FlaggedTable:
    """Shows rows and tells which one was chosen or which page is wanted."""

    def __init__(
        self,
        *,
        on_select: Callable[[int], object],
        on_page: Callable[[int], object],
        on_export: Callable[[], object],
    ) -> None:
        self._on_page = on_page
        self._on_export = on_export
        self._lines: dict[int, ui.element] = {}
        self._hidden: frozenset[int] = frozenset()
        with box("k-qa-scroll"):
            self._place = box("")
        hear_choices(self._place, "flagged", lambda name: on_select(int(name)))
        self._foot = box("k-qa-foot")

    def show(
        self,
        rows: Sequence[FlaggedReply],
        *,
        total: int,
        page: int,
        selected: int | None,
        hidden: frozenset[int] = frozenset(),
    ) -> None:
        """Draw a page of rows; `page` counts from 0, of `hidden` ones no decision is shown."""
        self._lines.clear()
        self._hidden = hidden
        self._place.clear()
        with self._place:
            if rows:
                self._table(rows, selected)
            else:
                nothing(t("qa.empty_title"), t("qa.empty_hint"))
        pages = max(1, -(-total // PAGE_SIZE))
        self._foot.clear()
        with self._foot:
            words(t("qa.count", total=total, page=page + 1, pages=pages))
            with box("k-head-actions"):
                action(t("qa.export"), self._on_export, icon="download")
                back = action(t("qa.previous"), lambda: self._on_page(page - 1), look="outline")
                back.set_enabled(page > 0)
                on = action(t("qa.next"), lambda: self._on_page(page + 1), look="outline")
                on.set_enabled(page + 1 < pages)

    def mark(self, selected: int) -> None:
        """Show which row is chosen, and bring it into sight; the focus stays where it is."""
        for flagged_id, line in self._lines.items():
            _mark(line, flagged_id == selected)
        if selected in self._lines:
            self._lines[selected].run_method("scrollIntoView", {"block": "nearest"})

    def _table(self, rows: Sequence[FlaggedReply], selected: int | None) -> None:
        with box("k-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for name in COLUMNS:
                    words(t(f"qa.{name}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for row in rows:
                    self._row(row, is_selected=row.id == selected)

    def _row(self, row: FlaggedReply, *, is_selected: bool) -> None:
        line = box(tag="tr")
        line.props("tabindex=0")
        _mark(line, is_selected)
        self._lines[row.id] = line
        with as_choice(line, "flagged", row.id):
            words(moment(row.created_at, utc_now()), "k-cell-time", tag="td")
            words(row.agent.display_name, "k-cell-time", tag="td")
            with box(tag="td"):
                show_marked(row.text, spans_of(row.flags))
                if row.override_reason:
                    override = t("qa.override", reason=row.override_reason)
                    words(override, "k-cell-sub", tag="div")
            with box("k-cell-time", tag="td"):
                words(t(f"review.severity.{row.worst}"), f"k-chip is-{row.worst}")
                words("、".join(categories(row)), "k-cell-sub", tag="div")
            words(t(f"review.outcome.{row.outcome}"), "k-cell-time", tag="td")
            with box("k-cell-time", tag="td"):
                if row.id in self._hidden:
                    words(t("quality.blind_chip"), "k-chip is-hint")
                else:
                    show_decision(row.decision)


def _mark(line: ui.element, is_selected: bool) -> None:
    line.props(f'aria-selected="{str(is_selected).lower()}"')


def show_decision(decision: str) -> None:
    """Add the decision as a coloured chip."""
    look = LOOK_OF_DECISION.get(decision, "is-good")
    words(t(f"review.decision.{decision}"), f"k-chip {look}")


def categories(row: FlaggedReply) -> list[str]:
    """Return the Chinese names of a reply's categories, each once, in order of the text."""
    return [
        t(f"review.category.{name}") for name in dict.fromkeys(f["category"] for f in row.flags)
    ]
