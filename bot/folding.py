"""Fold a customer's message to one plain form and keep the way back to the original.

Width, letter case, Traditional characters, invisible characters, white space and repeated
punctuation are folded. Everything later in the pipeline reads the folded text; offsets that leave
the pipeline are code points of the original.
"""

import unicodedata
from dataclasses import dataclass

from scripts_library.text.chinese import to_simplified

LONGEST_RUN = 3
"""A character repeated more often than this (「好好好好好」) is cut to so many."""

_PUNCTUATION = {"、": ",", "﹑": ",", "~": "~", "〜": "~", "…": "…", "‘": "'", "’": "'"}


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `starts[i]`, `ends[i]` bound the original code points of its character i."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original half-open span of a non-empty folded span."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold a text of any length and any Unicode; never raises. Folding twice equals once."""
    pieces = [(char, i) for i, original in enumerate(text) for char in _fold_character(original)]
    simplified = _simplify("".join(char for char, _ in pieces))
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    run = 0
    for char, (_, i) in zip(simplified, pieces, strict=True):
        run = run + 1 if chars and chars[-1] == char else 1
        if run > _longest_run(char):
            ends[-1] = i + 1
            continue
        chars.append(char)
        starts.append(i)
        ends.append(i + 1)
    return Folded("".join(chars), tuple(starts), tuple(ends))


def _fold_character(char: str) -> str:
    if char.isspace():
        return " "
    if char in _PUNCTUATION:
        return _PUNCTUATION[char]
    category = unicodedata.category(char)
    if category in ("Cf", "Cc", "Cs", "Co", "Cn") or "\ufe00" <= char <= "\ufe0f":
        return ""
    folded = unicodedata.normalize("NFKC", char).lower()
    return "".join(" " if c.isspace() else c for c in folded if unicodedata.category(c) != "Cf")


def _simplify(text: str) -> str:
    """Simplified characters at the same length: by words if that keeps it, else one by one."""
    whole = to_simplified(text)
    if len(whole) == len(text):
        return whole
    return "".join(s if len(s := to_simplified(c)) == 1 else c for c in text)


def _longest_run(char: str) -> int:
    if char.isdigit():
        return 10_000
    if char == " " or unicodedata.category(char)[0] in "PS":
        return 1
    return LONGEST_RUN
