"""The script workbench's gaps: questions that wait for a script."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from desk.console.elements import action, box, nothing, words
from desk.locale import t
from desk.reviews.gaps import GapGroup
from scripts_library.suggesting.script import topic_names

Step = Callable[[GapGroup], Awaitable[None]]


def show_gaps(groups: Sequence[GapGroup], *, write: Step, dismiss: Step) -> None:
    """Add the groups, the largest first."""
    words(t("scripts.gaps_hint"), "k-empty", tag="div")
    if not groups:
        nothing(t("scripts.gaps_empty"), t("scripts.gaps_empty_hint"))
    for group in groups:
        with box("k-section", tag="section"):
            name = topic_names().get(group.topic or "", t("scripts.gap_no_topic"))
            with box("k-entry-top"):
                words(name, "k-entry-name")
                words(str(group.total), "k-count")
            words(t("scripts.gap_group", none=group.none, own=group.own), "k-cell-sub", tag="div")
            with box("k-list-plain", tag="ul"):
                for example in group.examples:
                    words(example, tag="li")
            with box("k-line").style("margin-top: 6px"):
                begin, leave = partial(write, group), partial(dismiss, group)
                action(t("scripts.gap_write"), begin, look="outline", classes="k-small")
                action(t("scripts.gap_dismiss"), leave, classes="k-small")
