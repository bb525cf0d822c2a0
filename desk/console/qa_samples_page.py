"""`/desk/qa/samples`: replies that nothing flagged, drawn at random or by risk, never mixed."""

from collections.abc import Sequence
from functools import partial

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import box, moment, nothing, words
from desk.console.qa_chooser import Chooser
from desk.console.qa_list_page import decision_buttons, list_and_detail, open_page
from desk.console.qa_shell import Keys, show_context
from desk.console.tabs import Tabs
from desk.conversations.domain import preview
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews import sampling
from desk.reviews.quality_models import DrawKind, Finding
from desk.reviews.service import AFTER, BEFORE, messages_around
from scripts_library.checking.verdict import CATEGORIES

KINDS = (DrawKind.RANDOM, DrawKind.RISK)
NOTE_LIMIT = 500


async def samples_page(request: Request) -> Response | None:
    """Build the page for QA and leaders."""
    return await open_page(request, "samples", SamplesPage)


class SamplesPage:
    """One open page: one of the two samples, its figures, and the reply being looked at."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._kind = KINDS[0]
        self._list_of = Chooser[sampling.Sample](lambda row: str(row.id), self.refresh)
        self._category: ui.select | None = None
        self._note: ui.textarea | None = None

    def keys(self) -> Keys:
        """Return the page's keys."""
        return Keys(
            {
                **self._list_of.keys(),
                "g": (t("quality.sample_fine"), lambda: self._by_key(Finding.FINE)),
                "m": (t("quality.sample_missed"), lambda: self._by_key(Finding.MISSED)),
            }
        )

    def build(self) -> None:
        """Add the page's parts."""
        names = {kind.value: t(f"quality.sample_{kind.value}") for kind in KINDS}
        self._tabs = Tabs(names, self._turn)
        self._facts = box("k-figures")
        self._list, self._detail = list_and_detail(self._list_of.choose)

    async def refresh(self) -> None:
        """Read the open sample again."""
        kind = self._kind

        def work(
            session: Session, staff: Staff
        ) -> tuple[sampling.SamplePage, sampling.SampleFigures]:
            page = sampling.list_samples(session, staff, kind)
            return page, sampling.figures(session, kind)

        with self._visit.errors_shown():
            page, figures = await self._visit.read(work)
            if kind != self._kind:
                return
            self._list_of.take(page.rows)
            self._tabs.show(kind)
            self._facts.clear()
            with self._facts:
                _figures(figures)
            self._list.clear()
            with self._list:
                self._entries()
            await self._show()

    async def _turn(self, kind: str) -> None:
        self._kind = DrawKind(kind)
        self._list_of.forget()
        await self.refresh()

    def _entries(self) -> None:
        if not self._list_of.rows:
            nothing(t("quality.sample_empty"), t("quality.sample_empty_hint"))
        for row in self._list_of.rows:
            with self._list_of.entry(row):
                with box("k-entry-top"):
                    words(row.agent.display_name, "k-entry-name")
                    for sign in row.reasons:
                        words(t(f"quality.sign_{sign}"), "k-chip is-warn")
                    words(moment(row.message.created_at, utc_now()), "k-cell-sub")
                words(preview(row.message.text), "k-entry-text", tag="div")

    async def _show(self) -> None:
        row = self._list_of.chosen
        context: Sequence[Message] = ()
        if row is not None:
            place = row.message.seq
            context = await self._visit.read(
                lambda session, _: messages_around(
                    session, row.conversation_id, place - BEFORE, place + AFTER
                )
            )
            if not self._list_of.is_chosen(row):
                return
        self._detail.clear()
        self._category = self._note = None
        with self._detail:
            if row is None:
                nothing(t("quality.sample_pick"), t("quality.sample_pick_hint"), has_help=False)
                return
            with box("k-section", tag="section"):
                words(t("quality.sample_of", agent=row.agent.display_name), "k-title", tag="h2")
                words(row.message.text, "k-verdict-text", tag="div")
                _origin(row)
            with box("k-section", tag="section"):
                self._judgement(row.id)
            with box("k-section", tag="section"):
                show_context(context, marked=row.message_id)

    def _judgement(self, sample_id: int) -> None:
        words(t("qa.judge"), "k-title", tag="h2")
        names = {name: t(f"review.category.{name}") for name in CATEGORIES}
        self._category = ui.select(names, label=t("quality.sample_category"))
        self._category.props("outlined dense options-dense").classes("w-full")
        name = t("quality.sample_note")
        self._note = ui.textarea(placeholder=name).classes("k-note")
        self._note.props(f'outlined dense autogrow maxlength={NOTE_LIMIT} aria-label="{name}"')
        choices = (
            (Finding.FINE, t("quality.sample_fine"), "positive", "g"),
            (Finding.MISSED, t("quality.sample_missed"), "negative", "m"),
        )
        decision_buttons(choices, partial(self._decide, sample_id))

    async def _by_key(self, finding: Finding) -> None:
        row = self._list_of.chosen
        if row is None or self._category is None:
            return
        if finding == Finding.MISSED and not self._category.value:
            self._category.run_method("showPopup")
            return
        await self._decide(row.id, finding)

    async def _decide(self, sample_id: int, finding: Finding) -> None:
        kind = self._kind
        category = self._category.value if self._category else None
        note = self._note.value if self._note else None

        def work(session: Session, staff: Staff) -> None:
            sampling.decide_sample(
                session, staff, kind, sample_id, finding=finding, category=category, note=note
            )

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t("quality.sample_saved"))
        await self.refresh()


def _origin(row: sampling.Sample) -> None:
    draw = row.draw
    text = t(
        "quality.sample_draw",
        day=f"{draw.day.month}月{draw.day.day}日",
        seed=draw.seed,
        population=draw.population,
        drawn=draw.drawn,
    )
    words(text, "k-cell-sub", tag="div")
    if row.weight != 1:
        words(t("quality.sample_weight", weight=f"{row.weight:g}"), "k-cell-sub", tag="div")


def _figures(figures: sampling.SampleFigures) -> None:
    missed = figures.missed
    rate = "—" if missed.value is None else f"{missed.value:.1%}"
    name = "sample_rate" if figures.is_unbiased else "sample_rate_risk"
    for key, text in (
        (name, rate),
        ("sample_judged", str(missed.total)),
        ("sample_open", str(figures.open)),
    ):
        with box():
            words(f"{t(f'quality.{key}')} ")
            words(text, tag="b")
    if figures.is_unbiased and missed.total:
        interval = t("quality.sample_interval", low=f"{missed.low:.1%}", high=f"{missed.high:.1%}")
        words(interval)
    words(t(f"quality.sample_hint_{figures.kind}"), "k-figures-hint")
