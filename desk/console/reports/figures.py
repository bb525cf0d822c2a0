"""The key figures as cards, in groups."""

from desk.console.elements import box, words
from desk.console.reports.numbers import show_number
from desk.locale import t
from desk.reports.model import Figure, Report
from desk.reports.view import GROUPS, Change, change, figure_name


def show_figures(found: Report) -> None:
    """Add the groups of cards that this person may see."""
    for group, keys in GROUPS.items():
        figures = [found.figures[key] for key in keys if key in found.figures]
        if not figures:
            continue
        with box("k-figures", tag="section"):
            words(t(f"report.group.{group}"), "k-reports-sub", tag="h2")
            with box(f"k-cards is-{len(figures)}"):
                for figure in figures:
                    _card(figure)


def _card(figure: Figure) -> None:
    name = figure_name(figure.key)
    with box("k-figure").props(f"data-figure={figure.key}"):
        words(name, "k-figure-name", tag="div")
        show_number(figure.number, name=name, look="k-figure-value")
        moved = change(figure)
        if moved:
            _change(moved)
        elif figure.key == "overdue_now":
            words(t("report.at_this_moment"), "k-figure-change", tag="div")
        if figure.year_before is not None:
            year = change(figure, from_year=True)
            if year:
                _change(year)


def _change(moved: Change) -> None:
    with box(f"k-figure-change is-{moved.trend}"):
        words(moved.text)
        if moved.trend != "even":
            words(t(f"report.change.{moved.trend}"), "k-trend")
