"""What the wording check says of the text in the input: words, reasons, better wordings."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from desk.console.elements import action, box, words
from desk.locale import t
from scripts_library.checking.verdict import Excused, Flag, Promise, Severity, Verdict

BETTER_SHOWN = 2

Adopt = Callable[[Flag, str], object]


def show_findings(verdict: Verdict, *, wordings: Callable[[str], str], adopt: Adopt) -> None:
    """Add the findings; nothing if there are none.

    `wordings` fills a better wording's fill-ins; `adopt` is called with the flag and the wording.
    """
    if not (verdict.flags or verdict.excused or verdict.promises):
        return
    with box("k-findings").props(f'role=region aria-label="{t("console.preview")}"'):
        for index, flag in sorted(
            enumerate(verdict.flags), key=lambda one: (-one[1].severity, one[1].start)
        ):
            _flag(index, flag, wordings, adopt)
        for excused in verdict.excused:
            _excused(excused)
        for promise in verdict.promises:
            _promise(promise)


def marks_of(verdict: Verdict | None) -> list[dict[str, Any]]:
    """Return what the browser underlines: `start` and `end` in code points, in order of `start`,
    `severity`, `reason`, and `index`, the place of the flag in the verdict."""
    flags = enumerate(verdict.flags if verdict else ())
    return [
        {
            "start": flag.start,
            "end": flag.end,
            "severity": flag.severity.label,
            "reason": flag.reason,
            "index": index,
        }
        for index, flag in sorted(flags, key=lambda one: (one[1].start, -one[1].severity))
    ]


def state_of(verdict: Verdict) -> tuple[str, str]:
    """Return the words and the look of the verdict as a whole, for the line under the input."""
    if verdict.worst is None:
        return t("console.clean"), "is-good"
    label = verdict.worst.label
    return t(f"review.severity.{label}"), f"is-{label}"


def show_flag_head(*, surface: str, severity: str, category: str, clause: str, reason: str) -> None:
    """Add the lines that say what is wrong with some words, and by which clause."""
    with box("k-finding-top"):
        words(t(f"review.severity.{severity}"), f"k-chip is-{severity}")
        words(f"「{surface}」", "k-finding-words")
        words(t(f"review.category.{category}"), "k-chip")
    words(reason, "k-finding-reason", tag="div")
    words(t("console.clause", clause=clause), "k-finding-clause", tag="div")


def _flag(index: int, flag: Flag, wordings: Callable[[str], str], adopt: Adopt) -> None:
    with box("k-finding"):
        show_flag_head(
            surface=flag.surface,
            severity=flag.severity.label,
            category=flag.category,
            clause=flag.clause,
            reason=flag.reason,
        )
        for wording in flag.better[:BETTER_SHOWN]:
            _better(index, flag, wordings(wording), adopt)


def _better(index: int, flag: Flag, wording: str, adopt: Adopt) -> None:
    with box("k-better"):
        words(wording, "k-better-text")
        button = action(
            t("console.adopt"), lambda: adopt(flag, wording), look="outline", classes="k-small"
        )
        # The script of the page presses it for the mark in the input.
        button.props["data-adopt"], button.props["data-wording"] = index, wording
        button.props(f"color={'negative' if flag.severity == Severity.BLOCK else 'primary'}")


def _excused(excused: Excused) -> ui.element:
    text = t("console.excused", surface=excused.surface, why=excused.why)
    return words(text, "k-aside", tag="div")


def _promise(promise: Promise) -> None:
    key = "console.promise" if promise.when_text else "console.promise_without_time"
    words(t(key, what=promise.what, when=promise.when_text), "k-aside", tag="div")
