"""The gate before a rule is published: what would get worse, and why (R-G3). Pure but for time.

Costs about ten seconds of one core: every rule's examples and all labelled sentences are checked.
What belongs to the rules in force is kept for the next time.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

from desk.rulebook.bodies import rule_of
from scripts_library.checking.checker import Checker
from scripts_library.checking.linting import lint
from scripts_library.checking.report import NONE, Labelled, read_wording
from scripts_library.checking.rules import RuleSet
from scripts_library.checking.ruleset_diff import Diff, diff
from scripts_library.checking.verdict import Severity

SHOWN = 10
"""Sentences named of those that got worse."""
_FILL_IN = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Change:
    """A category's labelled sentences: how many there are, how many were and would be flagged."""

    sentences: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason not to publish: `kind` is a key of `rules.gate_*`, `text` what it is about."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate found. `recall` is by category, `none` holds the false alarms; `lost` and
    `alarms` are labelled sentences that would get worse."""

    new_version: str
    failures: tuple[Failure, ...]
    recall: dict[str, Change]
    none: Change
    lost: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    past: dict[str, int] = field(default_factory=dict)

    @property
    def is_passed(self) -> bool:
        """Whether nothing speaks against publishing."""
        return not self.failures

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored: counts and labelled sentences, no past replies."""
        return {
            "passed": self.is_passed,
            "version": self.new_version,
            "failures": [[one.kind, one.text] for one in self.failures],
            "recall": {k: [c.sentences, c.before, c.after] for k, c in self.recall.items()},
            "none": [self.none.sentences, self.none.before, self.none.after],
            "lost": list(self.lost),
            "alarms": list(self.alarms),
            "past": self.past,
        }


def judge(
    old: RuleSet,
    new: RuleSet,
    rule_id: str,
    *,
    past: Sequence[str] = (),
    labelled: Sequence[Labelled] | None = None,
) -> tuple[GateReport, Diff]:
    """Compare the rules in force with a candidate that differs in one rule.

    Args:
        old: the rules in force.
        new: the candidate.
        rule_id: the rule that differs.
        past: replies that were sent, for what would have changed; they never fail the gate.
        labelled: labelled sentences, by default those of `data/wording`.

    Returns:
        The report, and what would have changed on the past replies.
    """
    items = _wording() if labelled is None else tuple(labelled)
    before, after = _known(old, items), _look(new, items)
    recall, none, lost, alarms = _compare(items, before.flagged, after.flagged)
    failures = [
        *(
            Failure(kind, f"{where}「{value}」{text}")
            for kind, where, value, text in _new(before, after)
        ),
        *_bad_wordings(new, rule_id),
        *(
            Failure("recall", name)
            for name, change in recall.items()
            if change.after < change.before
        ),
    ]
    if none.after > none.before:
        failures.append(Failure("false_alarms", str(none.after - none.before)))
    changed = diff(Checker(old), Checker(new), past)
    counts = {
        "replies": changed.replies,
        "newly": changed.newly_flagged,
        "no_longer": changed.no_longer_flagged,
    }
    report = GateReport(
        new.version, tuple(failures), recall, none, lost[:SHOWN], alarms[:SHOWN], counts
    )
    return report, changed


@dataclass(frozen=True, slots=True)
class _Look:
    findings: frozenset[tuple[str, str, str, str]]
    flagged: tuple[bool, ...]


_looks: dict[tuple[str, int], _Look] = {}
_looking = Lock()


def _known(rule_set: RuleSet, items: tuple[Labelled, ...]) -> _Look:
    """Return the look at the rules in force, kept for the next gate; only the last one is."""
    key = rule_set.version, hash(items)
    with _looking:
        if key not in _looks:
            look = _look(rule_set, items)
            _looks.clear()
            _looks[key] = look
        return _looks[key]


def _look(rule_set: RuleSet, items: Sequence[Labelled]) -> _Look:
    checker = Checker(rule_set)
    found = frozenset((one.kind, one.rule_id, one.value, one.message) for one in lint(checker))
    return _Look(found, tuple(_is_flagged(checker, text) for text, _ in items))


def _is_flagged(checker: Checker, text: str) -> bool:
    return any(flag.severity > Severity.HINT for flag in checker.check_by_rules(text)[0])


def _new(before: _Look, after: _Look) -> list[tuple[str, str, str, str]]:
    return sorted(after.findings - before.findings)


def _compare(
    items: Sequence[Labelled], before: Sequence[bool], after: Sequence[bool]
) -> tuple[dict[str, Change], Change, tuple[str, ...], tuple[str, ...]]:
    counts: dict[str, Counter[str]] = {}
    lost, alarms = [], []
    for (text, labels), was, would in zip(items, before, after, strict=True):
        count = counts.setdefault(labels[0], Counter())
        count.update(sentences=1, before=was, after=would)
        if labels[0] == NONE and would and not was:
            alarms.append(text)
        elif labels[0] != NONE and was and not would:
            lost.append(text)
    changes = {
        name: Change(count["sentences"], count["before"], count["after"])
        for name, count in counts.items()
    }
    none = changes.pop(NONE, Change(0, 0, 0))
    return changes, none, tuple(lost), tuple(alarms)


def _bad_wordings(rule_set: RuleSet, rule_id: str) -> list[Failure]:
    """Better wordings of the rule that would be flagged themselves."""
    rule, checker = rule_of(rule_set, rule_id), Checker(rule_set)
    wordings = rule.better if rule else ()
    return [
        Failure("better", one) for one in wordings if _is_flagged(checker, _FILL_IN.sub("", one))
    ]


@lru_cache(maxsize=1)
def _wording() -> tuple[Labelled, ...]:
    return tuple(read_wording())
