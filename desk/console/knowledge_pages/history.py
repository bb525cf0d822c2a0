"""The history of a row: who changed what, and when."""

from collections.abc import Mapping, Sequence

from desk.clock import utc_now
from desk.console.elements import box, moment, words
from desk.knowledge.editing import Entry
from desk.locale import t


def show_history(entries: Sequence[Entry]) -> None:
    """Add the changes, the newest first."""
    words(t("knowledge.history"), "k-title", tag="h2")
    if not entries:
        words(t("knowledge.history_empty"), "k-empty", tag="div")
        return
    with box("k-history", tag="ul"):
        for entry in entries:
            with box(tag="li"):
                who = entry.who or t("knowledge.by_command")
                did = t(f"knowledge.action_{entry.action}")
                at = moment(entry.at, utc_now())
                with box("k-line"):
                    words(t("knowledge.history_line", who=who, at=at, action=did))
                    if entry.who:
                        words(t(f"knowledge.origin_{entry.origin}"), "k-chip")
                show_changes(entry.changes)


def show_changes(changes: Mapping[str, tuple[str, str]], *, is_new: bool = False) -> None:
    """Add what stood in each column before and what after; of something new only the latter."""
    if not changes:
        return
    nothing = t("knowledge.nothing")
    with box("k-change-row", tag="dl"):
        for title, (before, after) in changes.items():
            words(t("knowledge.change_line", column=title), tag="dt")
            with box(tag="dd"):
                if is_new:
                    words(after)
                    continue
                words(before or nothing, "k-gone", tag="del")
                words(" → ")
                words(after or nothing, "k-came", tag="ins")
