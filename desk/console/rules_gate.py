"""What the gate said of a draft: why it may not be published, and what would change."""

from collections.abc import Mapping, Sequence
from typing import Any

from desk.console.elements import box, words
from desk.locale import t
from scripts_library.checking.ruleset_diff import Change

CHANGES_SHOWN = 20


def show_gate(gate: Mapping[str, Any] | None, *, is_current: bool) -> None:
    """Add the stored report; `is_current`: it is about this very draft on the rules in force."""
    words(t("rules.gate"), "k-title", tag="h2")
    if gate is None:
        words(t("rules.gate_none"), "k-empty", tag="div")
        return
    if not is_current:
        words(t("rules.gate_old"), "k-chip is-warn")
    if gate["passed"]:
        words(t("rules.gate_passed"), "k-card-why", tag="div")
    else:
        words(t("rules.gate_failed"), "k-chip is-block")
        with box("k-list-plain", tag="ul"):
            for kind, text in gate["failures"]:
                said = t(f"review.category.{text}") if kind == "recall" else text
                words(t(f"rules.gate_{kind}", text=said), tag="li")
    _table(gate)
    for name in ("lost", "alarms"):
        if gate[name]:
            words(t(f"rules.gate_{name}"), "k-title", tag="h3").style("margin-top: 10px")
            with box("k-list-plain", tag="ul"):
                for sentence in gate[name]:
                    words(sentence, tag="li")
    words(t("rules.gate_past", **gate["past"]), "k-card-why", tag="div")


def show_changes(changes: Sequence[Change]) -> None:
    """Add the past replies that would be judged differently."""
    if not changes:
        return
    words(t("rules.gate_more"), "k-title", tag="h3").style("margin-top: 10px")
    for change in changes[:CHANGES_SHOWN]:
        with box("k-change"):
            words(change.text, tag="div")
            with box("k-line"):
                for flag in change.added:
                    words(f"+ {flag.rule_id}「{flag.surface}」", "k-chip is-block")
                for flag in change.removed:
                    words(f"− {flag.rule_id}「{flag.surface}」", "k-chip is-good")


def _table(gate: Mapping[str, Any]) -> None:
    rows = [
        (t(f"review.category.{name}"), *counts)
        for name, counts in gate["recall"].items()
        if counts[1] != counts[2]
    ]
    innocent = gate["none"]
    if innocent[1] != innocent[2]:
        rows.append((t("rules.gate_innocent"), *innocent))
    if not rows:
        total = innocent[0] + sum(counts[0] for counts in gate["recall"].values())
        words(t("rules.gate_same", count=f"{total:,}"), "k-card-why", tag="div")
        return
    with box("k-table", tag="table").style("margin-top: 8px"):
        with box(tag="thead"), box(tag="tr"):
            for name in ("category", "count", "before", "after"):
                words(t(f"rules.gate_table_{name}"), tag="th").props("scope=col")
        with box(tag="tbody"):
            for row in rows:
                with box(tag="tr").style("cursor: default"):
                    for cell in row:
                        words(str(cell), "k-cell-time", tag="td")
