"""Values the checker hands out. Offsets are code points of the original text, half-open."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

BREACHES = (
    "rude_opening",
    "ignorance",
    "refusal",
    "buck_passing",
    "impatience",
    "condescension",
    "provocation",
    "off_duty",
    "insult",
    "overpromise",
    "absolute_claim",
    "privacy_leak",
    "solicitation",
)
"""The thirteen categories of breaches (requirements R-C3 to R-C5), in the order of the columns of
the paraphrase model."""

CATEGORIES = (*BREACHES, "vague")
"""All categories a rule may have; `vague` gives hints only."""


class Severity(IntEnum):
    """How hard a flag is; a greater value is worse.

    `BLOCK` asks for a rewrite, `WARN` for a confirmation with a reason, `HINT` is shown only.
    """

    HINT = 1
    WARN = 2
    BLOCK = 3

    @property
    def label(self) -> str:
        """The word used in packs, JSON and the command line: hint, warn or block."""
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> "Severity":
        """Return the severity of a label; raises `KeyError` for an unknown one."""
        return cls[label.upper()]


@dataclass(frozen=True, slots=True)
class Flag:
    """One wording to change: `text[start:end] == surface`, found by `rule_id`.

    Attributes:
        rule_id: the stable id of the rule, `<category>.<name>`.
        category: one of `CATEGORIES`.
        severity: how hard it is.
        clause: the rule book or law, and which article.
        reason: why it hurts, for the agent to read.
        better: better wordings, with fill-ins such as `{customer_title}`.
    """

    start: int
    end: int
    rule_id: str
    category: str
    severity: Severity
    clause: str
    reason: str
    better: tuple[str, ...]
    surface: str

    def to_dict(self) -> dict[str, Any]:
        """Return the flag as JSON values, keys as `kefu check` prints them."""
        return {
            "rule": self.rule_id,
            "category": self.category,
            "severity": self.severity.label,
            "start": self.start,
            "end": self.end,
            "clause": self.clause,
            "reason": self.reason,
            "better": list(self.better),
            "surface": self.surface,
        }


@dataclass(frozen=True, slots=True)
class Excused:
    """A hit that was considered and let pass, and why."""

    start: int
    end: int
    rule_id: str
    surface: str
    why: str

    def to_dict(self) -> dict[str, Any]:
        """Return the excuse as JSON values."""
        return {
            "rule": self.rule_id,
            "start": self.start,
            "end": self.end,
            "surface": self.surface,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment in a reply: what is promised and, as written, for when ("" if no time)."""

    start: int
    end: int
    what: str
    when_text: str

    def to_dict(self) -> dict[str, Any]:
        """Return the promise as JSON values."""
        return {
            "start": self.start,
            "end": self.end,
            "what": self.what,
            "when_text": self.when_text,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker says about one text.

    `flags`, `excused` and `promises` are sorted by start, then longest first. `notes` names
    stages that could not run (for instance a missing model).
    """

    text: str
    flags: tuple[Flag, ...]
    excused: tuple[Excused, ...]
    promises: tuple[Promise, ...]
    ruleset_version: str
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the flags; None when there are none."""
        return max((flag.severity for flag in self.flags), default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values, as `kefu check` prints it (without the text)."""
        return {
            "flags": [flag.to_dict() for flag in self.flags],
            "excused": [item.to_dict() for item in self.excused],
            "promises": [item.to_dict() for item in self.promises],
            "ruleset_version": self.ruleset_version,
            "notes": list(self.notes),
        }
