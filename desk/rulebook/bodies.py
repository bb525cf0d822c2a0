"""A rule as plain data, and the published changes as one more pack over the program's own. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scripts_library.checking.packs import overlay_rule_set
from scripts_library.checking.rules import Rule, RuleSet

PACK = "published.yml"
SIZE_LIMIT = 60_000
"""Characters of one rule as JSON."""
TEXTS = ("id", "category", "severity", "clause", "reason")
LISTS = ("better", "patterns")
SWITCHES = {"by_sound": True, "whole_words": False, "no_context": False}
"""Switches of a rule with what they are when the pack says nothing."""
MEANING = "meaning"
"""The detector of rules that a trained model applies; patterns and exceptions do nothing there."""

Body = dict[str, Any]
"""A rule with the keys of a pack; empty parts are left out."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """All published changes together: whole rules by id, and the ids taken out."""

    changed: Mapping[str, Body] = field(default_factory=dict)
    removed: Sequence[str] = ()

    def with_change(self, base: RuleSet, rule_id: str, body: Body | None) -> "Overlay":
        """Return the overlay after one more change; `body` None takes the rule out.

        A rule that says again what the program's own says is no change any more.
        """
        changed = {key: value for key, value in self.changed.items() if key != rule_id}
        removed = [one for one in self.removed if one != rule_id]
        own = next((rule for rule in base.rules if rule.id == rule_id), None)
        if body is None and own:
            removed.append(rule_id)
        elif body is not None and (own is None or body_of(own) != body):
            changed[rule_id] = body
        return Overlay(changed, sorted(removed))

    def lay(self, base: RuleSet) -> RuleSet:
        """Return the rule set; `base` itself when nothing is changed.

        Raises:
            LexiconError: a rule is malformed; names every problem.
        """
        if not self.changed and not self.removed:
            return base
        rules = [self.changed[key] for key in sorted(self.changed)]
        content = json.dumps({"rules": rules}, ensure_ascii=False, sort_keys=True).encode()
        return overlay_rule_set(base, PACK, content, removed=self.removed)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"changed": dict(self.changed), "removed": list(self.removed)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Overlay":
        """Read what `as_json` gave."""
        return cls(dict(stored["changed"]), list(stored["removed"]))


def body_of(rule: Rule) -> Body:
    """Return a rule as plain data, the same for equal rules."""
    body: Body = {
        "id": rule.id,
        "category": rule.category,
        "severity": rule.severity.label,
        "clause": rule.clause,
        "reason": rule.reason,
        "better": list(rule.better),
        "patterns": list(rule.patterns),
        "exceptions": [
            {"pattern": one.pattern, "why": one.why, "within": one.within}
            for one in rule.exceptions
        ],
        "examples": {"must": list(rule.must), "must_not": list(rule.must_not)},
        "detector": rule.detector,
        "by_sound": rule.by_sound,
        "whole_words": rule.whole_words,
        "no_context": rule.no_context,
    }
    return tidy(body)


def tidy(body: Mapping[str, Any]) -> Body:
    """Return a body without surrounding spaces, empty lines, empty parts and defaults.

    What has the wrong form is kept, for the pack's reader to complain of.
    """
    found: Body = {name: _text(body.get(name)) for name in TEXTS if _text(body.get(name))}
    for name in LISTS:
        found[name] = _lines(body.get(name))
    found["exceptions"] = [
        {name: _text(one.get(name)) for name in ("pattern", "why", "within") if one.get(name)}
        for one in body.get("exceptions") or ()
        if any(_text(value) for value in one.values())
    ]
    examples = body.get("examples") or {}
    found["examples"] = {
        name: lines for name in ("must", "must_not") if (lines := _lines(examples.get(name)))
    }
    found["detector"] = _text(body.get("detector"))
    for name, default in SWITCHES.items():
        if body.get(name) is not None and body[name] != default:
            found[name] = body[name]
    return {name: value for name, value in found.items() if value not in ("", [], {}, None)}


def rule_of(rule_set: RuleSet, rule_id: str) -> Rule | None:
    """Return a rule by its id."""
    return next((rule for rule in rule_set.rules if rule.id == rule_id), None)


def is_blocking(*bodies: Body | None) -> bool:
    """Tell whether any of these forms of a rule stops replies."""
    return any(body is not None and body.get("severity") == "block" for body in bodies)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _lines(value: object) -> list[str]:
    items = value if isinstance(value, list | tuple) else [value]
    return [text for item in items if (text := _text(item))]
