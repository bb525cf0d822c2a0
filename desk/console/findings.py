"""What the wording check says of the text in the input: marked words, reasons, better wordings."""

from collections.abc import Callable

from nicegui import ui

from desk.console.elements import action, box, words
from desk.console.marks import Span, show_marked
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
        if verdict.flags:
            spans = [Span(flag.start, flag.end, flag.severity.label) for flag in verdict.flags]
            show_marked(verdict.text, spans)
        for flag in sorted(verdict.flags, key=lambda flag: (-flag.severity, flag.start)):
            _flag(flag, wordings, adopt)
        for excused in verdict.excused:
            _excused(excused)
        for promise in verdict.promises:
            _promise(promise)


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


def _flag(flag: Flag, wordings: Callable[[str], str], adopt: Adopt) -> None:
    with box("k-finding"):
        show_flag_head(
            surface=flag.surface,
            severity=flag.severity.label,
            category=flag.category,
            clause=flag.clause,
            reason=flag.reason,
        )
        for wording in flag.better[:BETTER_SHOWN]:
            _better(flag, wordings(wording), adopt)


def _better(flag: Flag, wording: str, adopt: Adopt) -> None:
    with box("k-better"):
        words(wording, "k-better-text")
        button = action(
            t("console.adopt"), lambda: adopt(flag, wording), look="outline", classes="k-small"
        )
        button.props(f"color={'negative' if flag.severity == Severity.BLOCK else 'primary'}")


def _excused(excused: Excused) -> ui.element:
    text = t("console.excused", surface=excused.surface, why=excused.why)
    return words(text, "k-aside", tag="div")


def _promise(promise: Promise) -> None:
    key = "console.promise" if promise.when_text else "console.promise_without_time"
    words(t(key, what=promise.what, when=promise.when_text), "k-aside", tag="div")
