"""What a change of the rules would have altered on past replies (`kefu rules diff`, R-G3)."""

from collections.abc import Iterable
from dataclasses import dataclass

from scripts_library.checking.checker import Checker
from scripts_library.checking.rules import Rule
from scripts_library.checking.verdict import Flag, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """A reply that two rule sets judge differently; `index` counts replies from 0.

    `added` and `removed` are the flags only the new or only the old set has; `old_worst` and
    `new_worst` the worst severity each gives.
    """

    index: int
    text: str
    added: tuple[Flag, ...]
    removed: tuple[Flag, ...]
    old_worst: Severity | None
    new_worst: Severity | None


@dataclass(frozen=True, slots=True)
class Diff:
    """The difference of two rule sets: by rules, and by what they say of the replies."""

    old_version: str
    new_version: str
    rules_added: tuple[str, ...]
    rules_removed: tuple[str, ...]
    rules_changed: tuple[str, ...]
    replies: int
    changes: tuple[Change, ...]

    @property
    def newly_flagged(self) -> int:
        """How many replies the new set flags (warn or block) and the old did not."""
        return sum(not _is_hard(c.old_worst) and _is_hard(c.new_worst) for c in self.changes)

    @property
    def no_longer_flagged(self) -> int:
        """How many replies the old set flagged (warn or block) and the new does not."""
        return sum(_is_hard(c.old_worst) and not _is_hard(c.new_worst) for c in self.changes)


def diff(old: Checker, new: Checker, replies: Iterable[str]) -> Diff:
    """Return how `new` differs from `old`, on the rules themselves and on the replies.

    Empty replies are passed over. Costs two checks a reply.
    """
    before = {rule.id: rule for rule in old.rule_set.rules}
    after = {rule.id: rule for rule in new.rule_set.rules}
    texts = [text for text in replies if text.strip()]
    changes = [
        change
        for index, text in enumerate(texts)
        if (change := _compare(index, old.check(text), new.check(text)))
    ]
    shared = before.keys() & after.keys()
    return Diff(
        old_version=old.version,
        new_version=new.version,
        rules_added=tuple(sorted(after.keys() - before.keys())),
        rules_removed=tuple(sorted(before.keys() - after.keys())),
        rules_changed=tuple(sorted(i for i in shared if _says(before[i]) != _says(after[i]))),
        replies=len(texts),
        changes=tuple(changes),
    )


def _compare(index: int, old: Verdict, new: Verdict) -> Change | None:
    before = {_key(flag): flag for flag in old.flags}
    after = {_key(flag): flag for flag in new.flags}
    added = tuple(flag for key, flag in after.items() if key not in before)
    removed = tuple(flag for key, flag in before.items() if key not in after)
    if not added and not removed:
        return None
    return Change(index, new.text, added, removed, old.worst, new.worst)


def _key(flag: Flag) -> tuple[int, int, str, Severity]:
    return flag.start, flag.end, flag.rule_id, flag.severity


def _says(rule: Rule) -> tuple[object, ...]:
    """Return what a rule says, without the place it is written at."""
    exceptions = tuple((e.pattern, e.why, e.within) for e in rule.exceptions)
    return (
        rule.category, rule.severity, rule.clause, rule.reason, rule.better, rule.patterns,
        exceptions, rule.detector, rule.by_sound, rule.whole_words, rule.no_context,
    )  # fmt: skip


def _is_hard(severity: Severity | None) -> bool:
    return severity is not None and severity > Severity.HINT
