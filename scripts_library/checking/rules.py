"""What a rule pack says, as values: rules, exceptions and contexts."""

from dataclasses import dataclass
from typing import Any

from scripts_library.checking.verdict import Severity


@dataclass(frozen=True, slots=True)
class Pardon:
    """A wording that lets a hit pass; `within` tells how near it must be.

    `hit`: overlaps the hit; `sentence`: anywhere in its sentence; `text`: anywhere in the text.
    """

    pattern: str
    why: str
    within: str
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack, validated, with folded patterns."""

    id: str
    category: str
    severity: Severity
    clause: str
    reason: str
    better: tuple[str, ...]
    patterns: tuple[str, ...]
    exceptions: tuple[Pardon, ...]
    detector: str | None
    by_sound: bool
    whole_words: bool
    no_context: bool
    must: tuple[str, ...]
    must_not: tuple[str, ...]
    file: str
    line: int
    pattern_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A context rule over tokens that excuses hits of some categories.

    `place`: `before` (ends before the hit, in its clause), `after` (starts after it, in the text),
    `cover` (overlaps it), `around` (quotation marks about it). `tokens` are patterns for spaCy's
    `Matcher`, `phrases` go to its `PhraseMatcher`.
    """

    id: str
    categories: frozenset[str]
    place: str
    reach: int
    why: str
    tokens: tuple[tuple[dict[str, Any], ...], ...]
    phrases: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A whole set of packs. `version` is a digest of the files, equal for equal content."""

    rules: tuple[Rule, ...]
    contexts: tuple[Context, ...]
    words: dict[str, tuple[str, ...]]
    jieba_words: tuple[str, ...]
    version: str
