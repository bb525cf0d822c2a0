"""Scorecards on the pages: the card as it was given, and the form that gives one."""

from collections.abc import Callable, Mapping
from functools import partial

from nicegui import ui

from desk.console.elements import box, words
from desk.locale import t
from desk.reviews.quality_models import Scorecard
from desk.reviews.quality_settings import POINTS, Criterion, quality_settings


def criterion_name(criterion_id: str) -> str:
    """Return what a criterion is called; the id of one that the settings know no more."""
    found = (one.name for one in quality_settings().criteria if one.id == criterion_id)
    return next(found, criterion_id)


def show_card(card: Scorecard) -> None:
    """Add a card: total, points, and what the scorer wrote."""
    scored = t("quality.appeal_scored", person=card.scorer.display_name, total=f"{card.total:g}")
    words(scored, "k-card-why", tag="div")
    with box("k-line"):
        for name, (points, _weight) in card.marks.items():
            text = t("quality.score_point", name=criterion_name(name), points=points)
            words(text, "k-chip is-warn" if points < 3 else "k-chip")
    if card.note:
        words(t("qa.decided_note", note=card.note), "k-card-why", tag="div")


class ScoreForm:
    """Points for each criterion; `on_change` is called after each choice."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.points: dict[str, int] = {}
        self._buttons: dict[tuple[str, int], ui.element] = {}
        for criterion in quality_settings().criteria:
            self._line(criterion)

    @property
    def missing(self) -> int:
        """How many criteria have no points yet."""
        return len(quality_settings().criteria) - len(self.points)

    def _line(self, criterion: Criterion) -> None:
        with box("k-criterion"):
            words(criterion.name)
            group = box("k-points").props(f'role=radiogroup aria-label="{criterion.name}"')
            with group:
                for points in range(POINTS + 1):
                    button = words(str(points), tag="button").props("type=button role=radio")
                    button.props["aria-checked"] = "false"
                    said = t("quality.score_point", name=criterion.name, points=points)
                    button.props["aria-label"] = said
                    button.on("click", partial(self._give, criterion.id, points))
                    self._buttons[criterion.id, points] = button
            words(criterion.hint, "k-criterion-hint")

    def _give(self, criterion_id: str, points: int) -> None:
        self.points[criterion_id] = points
        for (name, value), button in self._buttons.items():
            if name == criterion_id:
                button.props(f'aria-checked="{str(value == points).lower()}"')
        self._on_change()


def averages(by_criterion: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return the mean points by the criteria's names, in the order of the settings."""
    known = [one.id for one in quality_settings().criteria if one.id in by_criterion]
    old = [name for name in by_criterion if name not in known]
    return [(criterion_name(name), by_criterion[name]) for name in (*known, *old)]
