"""`/desk/qa/scorecards`: scoring whole conversations, and each agent's figures."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, customer_name, empty, moment, nothing, words
from desk.console.qa_chooser import Chooser
from desk.console.qa_list_page import list_and_detail, open_page
from desk.console.qa_score_parts import ScoreForm, averages
from desk.console.qa_shell import Keys
from desk.console.transcript import show_message
from desk.conversations.models import Message
from desk.locale import t
from desk.reviews import scoring
from desk.reviews.quality_settings import quality_settings
from desk.reviews.service import NOTE_LIMIT, messages_around

MESSAGES = 300
PERIODS = (30, 90, 0)
"""Days back; 0: all."""


async def scorecards_page(request: Request) -> Response | None:
    """Build the page for QA and leaders."""
    return await open_page(request, "scorecards", ScorecardsPage)


class ScorecardsPage:
    """One open page: what to score, the conversation with the form, and the figures."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._days = PERIODS[0]
        self._list_of = Chooser[scoring.Served](
            lambda row: f"{row.conversation_id}/{row.agent_id}", self.refresh
        )
        self._form: ScoreForm | None = None
        self._note: ui.textarea | None = None

    def keys(self) -> Keys:
        """Return the page's keys."""
        return Keys(self._list_of.keys())

    def build(self) -> None:
        """Add the page's parts."""
        self._list, self._detail = list_and_detail(self._list_of.choose)

    async def refresh(self) -> None:
        """Read what is to be scored and the figures again."""
        since = utc_now() - timedelta(days=self._days) if self._days else None

        def work(
            session: Session, staff: Staff
        ) -> tuple[list[scoring.Served], list[scoring.AgentFigures]]:
            return scoring.to_score(session, staff), scoring.figures(session, since=since)

        with self._visit.errors_shown():
            rows, figures = await self._visit.read(work)
            self._list_of.take(rows)
            self._list.clear()
            with self._list:
                self._figures(figures)
                words(t("quality.score_to_do"), "k-title", tag="h2").style("margin: 18px 0 6px")
                self._entries()
            await self._show()

    def _figures(self, figures: Sequence[scoring.AgentFigures]) -> None:
        with box("k-line"):
            words(t("quality.score_figures"), "k-title", tag="h2")
            periods = {days: t(f"quality.score_period_{days}") for days in PERIODS}
            select = ui.select(periods, value=self._days, label=t("quality.score_period"))
            select.props("outlined dense options-dense").style("width: 120px; margin-left: auto")
            select.on_value_change(self._turn)
        if not figures:
            words(t("quality.score_figures_empty"), "k-empty", tag="div")
            return
        names = [one.name for one in quality_settings().criteria]
        with box("k-table", tag="table").style("margin-top: 8px"):
            with box(tag="thead"), box(tag="tr"):
                head = [t(f"quality.score_{name}") for name in ("agent", "cards", "mean")]
                for name in (*head, *names):
                    words(name, tag="th").props("scope=col")
            with box(tag="tbody"):
                for one in figures:
                    with box(tag="tr").style("cursor: default"):
                        points = dict(averages(one.by_criterion))
                        cells = [one.agent_name, str(one.cards), f"{one.mean:g}"]
                        cells += [f"{points[n]:.1f}" if n in points else "—" for n in names]
                        for cell in cells:
                            words(cell, "k-cell-time", tag="td")

    async def _turn(self, event: object) -> None:
        self._days = int(getattr(event, "value", PERIODS[0]))
        await self.refresh()

    def _entries(self) -> None:
        if not self._list_of.rows:
            empty(t("quality.score_to_do_empty"))
        for row in self._list_of.rows:
            with self._list_of.entry(row), box("k-entry-top"):
                words(row.agent_name, "k-entry-name")
                words(customer_name(row.conversation_id), "k-cell-sub")
                words(t("quality.score_replies", count=row.replies), "k-chip")
                words(moment(row.last_at, utc_now()), "k-cell-sub")

    async def _show(self) -> None:
        row = self._list_of.chosen
        messages: Sequence[Message] = ()
        if row is not None:
            messages = await self._visit.read(
                lambda session, _: messages_around(session, row.conversation_id, 1, MESSAGES)
            )
            if not self._list_of.is_chosen(row):
                return
        self._detail.clear()
        self._form = self._note = None
        with self._detail:
            if row is None:
                nothing(t("quality.score_pick"), t("quality.score_pick_hint"), has_help=False)
                return
            with box("k-section", tag="section"):
                words(t("quality.score_of", agent=row.agent_name), "k-title", tag="h2")
                self._form = ScoreForm(self._told)
                self._total = words("", "k-card-why", tag="div")
                name = t("quality.score_note")
                self._note = ui.textarea(placeholder=name).classes("k-note")
                self._note.props(
                    f'outlined dense autogrow maxlength={NOTE_LIMIT} aria-label="{name}"'
                )
                with box("k-decide"):
                    action(t("quality.score_save"), self._save, look="unelevated color=primary")
                self._told()
            with box("k-section", tag="section"):
                words(t("console.transcript"), "k-title", tag="h2")
                with box("k-log"):
                    for message in messages:
                        show_message(message, utc_now())

    def _told(self) -> None:
        if self._form is None:
            return
        if self._form.missing:
            text = t("quality.score_total_open", count=self._form.missing)
        else:
            total = scoring.total_of(self._form.points, quality_settings())
            text = t("quality.score_total", total=f"{total:g}")
        self._total.set_text(text)

    async def _save(self) -> None:
        row, form = self._list_of.chosen, self._form
        if row is None or form is None:
            return
        points, note = dict(form.points), self._note.value if self._note else None

        def work(session: Session, staff: Staff) -> float:
            card = scoring.score(
                session,
                staff,
                conversation_id=row.conversation_id,
                agent_id=row.agent_id,
                points=points,
                note=note,
            )
            return card.total

        with self._visit.errors_shown():
            total = await self._visit.write(work)
            self._visit.tell(t("quality.score_saved", total=f"{total:g}"))
            await self.refresh()
