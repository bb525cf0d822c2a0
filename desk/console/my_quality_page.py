"""`/desk/my-quality`: an agent's own flags and scores, and the appeals against them."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import DESK_ROLES, Visit, admit
from desk.console.elements import action, box, empty, moment, words
from desk.console.marks import show_marked, spans_of
from desk.console.qa_appeals_page import show_state
from desk.console.qa_score_parts import show_card
from desk.console.qa_shell import CSS
from desk.console.qa_table import show_decision
from desk.console.theme import frame
from desk.conversations.domain import preview
from desk.locale import t
from desk.reviews import appeals, own
from desk.reviews.models import FlaggedReply
from desk.reviews.quality_models import Appeal, Scorecard
from desk.reviews.quality_settings import quality_settings
from desk.reviews.service import NOTE_LIMIT

Appealed = dict[int | None, Appeal]


async def my_quality_page(request: Request) -> Response | None:
    """Build the page for whoever talks to customers."""
    visit = await admit(request, *DESK_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    with frame(visit, active="my_quality"), box("k-qa-page", tag="main"):
        page = MyQuality(visit)
    await page.refresh()
    return None


class MyQuality:
    """One person's open page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._facts = box("k-figures")
        self._body = box("k-own")

    async def refresh(self) -> None:
        """Read everything again."""
        with self._visit.errors_shown():
            found = await self._visit.read(own.quality_of)
            appealed_flags: Appealed = {
                one.flagged_id: one for one in found.appeals if one.flagged_id
            }
            appealed_cards: Appealed = {
                one.scorecard_id: one for one in found.appeals if one.scorecard_id
            }
            self._facts.clear()
            with self._facts:
                _figures(found)
            self._body.clear()
            with self._body:
                self._flags(found.flags, appealed_flags)
                self._cards(found.cards, appealed_cards)
                _appeals(found.appeals)

    def _flags(self, flags: Sequence[FlaggedReply], appealed: Appealed) -> None:
        with _part("mine_flags"):
            if not flags:
                empty(t("quality.mine_flags_empty"))
                return
            with box("k-table", tag="table"):
                _head("time", "reply", "decision", "note", "state")
                with box(tag="tbody"):
                    for row in flags:
                        with box(tag="tr"):
                            words(moment(row.created_at, utc_now()), "k-cell-time", tag="td")
                            with box(tag="td"):
                                show_marked(row.text, spans_of(row.flags))
                            with box("k-cell-time", tag="td"):
                                show_decision(row.decision)
                            words(row.decision_note or "", tag="td")
                            with box("k-cell-time", tag="td"):
                                self._state(
                                    appealed.get(row.id),
                                    own.may_appeal(row.decision, row.decided_at, utc_now()),
                                    partial(_object_to_flag, row.id),
                                )

    def _cards(self, cards: Sequence[Scorecard], appealed: Appealed) -> None:
        with _part("mine_cards"):
            if not cards:
                words(t("quality.mine_cards_empty"), "k-empty", tag="div")
                return
            with box("k-table", tag="table"):
                _head("time", "total", "note", "state")
                with box(tag="tbody"):
                    for card in cards:
                        with box(tag="tr"):
                            words(moment(card.served_at, utc_now()), "k-cell-time", tag="td")
                            words(f"{card.total:g}", "k-cell-time", tag="td")
                            with box(tag="td"):
                                show_card(card)
                            with box("k-cell-time", tag="td"):
                                self._state(
                                    appealed.get(card.id),
                                    own.may_appeal_card(card, utc_now()),
                                    partial(_object_to_card, card.id),
                                )

    def _state(
        self,
        appeal: Appeal | None,
        may_appeal: bool,
        send: Callable[[Session, Staff, str], object],
    ) -> None:
        if appeal is not None:
            show_state(appeal.state)
        elif may_appeal:
            action(
                t("quality.appeal_ask"), partial(self._ask, send), look="outline", classes="k-small"
            )

    def _ask(self, send: Callable[[Session, Staff, str], object]) -> None:
        with self._visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
            words(t("quality.appeal_ask_title"), "k-dialog-title", tag="h2")
            words(t("quality.appeal_ask_hint"), "k-dialog-text", tag="p")
            name = t("quality.appeal_reason")
            reason = ui.textarea(name).classes("w-full")
            reason.props(f"outlined autofocus maxlength={NOTE_LIMIT}")

            async def submit() -> None:
                text = reason.value or ""
                with self._visit.errors_shown():
                    await self._visit.write(lambda session, staff: send(session, staff, text))
                    dialog.close()
                    self._visit.tell(t("quality.appeal_sent"))
                    await self.refresh()

            with box("k-dialog-foot"):
                action(t("quality.cancel"), dialog.close)
                action(t("quality.appeal_ask_send"), submit, look="unelevated color=primary")
        dialog.on("hide", dialog.delete)
        dialog.open()


def _object_to_flag(flagged_id: int, session: Session, staff: Staff, reason: str) -> object:
    return appeals.appeal_flag(session, staff, flagged_id, reason)


def _object_to_card(card_id: int, session: Session, staff: Staff, reason: str) -> object:
    return appeals.appeal_card(session, staff, card_id, reason)


def _part(name: str) -> ui.element:
    section = box(tag="section")
    with section:
        words(t(f"quality.{name}"), "k-own-head", tag="h2")
    return section


def _head(*names: str) -> None:
    with box(tag="thead"), box(tag="tr"):
        for name in names:
            words(t(f"quality.{name}"), tag="th").props("scope=col")


def _figures(found: own.OwnQuality) -> None:
    valid = [card.total for card in found.cards if card.withdrawn_at is None]
    decisions = [row.decision for row in found.flags]
    for name, text in (
        ("mine_confirmed", str(decisions.count("confirmed"))),
        ("mine_coach", str(decisions.count("coach"))),
        ("mine_score", f"{fmean(valid):.1f}" if valid else "—"),
    ):
        with box():
            words(f"{t(f'quality.{name}')} ")
            words(text, tag="b")
    words(t("quality.mine_hint", days=quality_settings().appeal_days), "k-figures-hint")


def _appeals(rows: Sequence[Appeal]) -> None:
    with _part("appeal_mine"):
        if not rows:
            words(t("quality.mine_appeals_empty"), "k-empty", tag="div")
            return
        with box("k-table", tag="table"):
            _head("time", "about", "note", "state")
            with box(tag="tbody"):
                for row in rows:
                    with box(tag="tr"):
                        words(moment(row.created_at, utc_now()), "k-cell-time", tag="td")
                        words(preview(row.reason), tag="td")
                        words(row.decision_note or "", tag="td")
                        with box("k-cell-time", tag="td"):
                            show_state(row.state)
