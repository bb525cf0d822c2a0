"""What people put between the characters of a phrase to hide it, and how to take it out.

Zero-width characters, symbols and emoji between characters, a mark or space after every character,
and runs of one character, which shrink to a single one.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeVar

from daachorse import DoubleArrayAhoCorasick

from scripts_library.text.classes import WEAK
from scripts_library.text.sound_codes import SOUNDLESS

_HAN = "一-鿿"
_WEAK = re.escape(WEAK)
_HIDDEN = re.compile("Z+")
_SYMBOLS = re.compile("[XB][XBS]*")
_SPACES = re.compile("S+")
_LONE_CHARACTER = re.compile("S(?:(?=H)(?!HHH)|(?<=HS)(?<!HHHS))")
"""A space with one or two Han characters on a side, and anything else beyond them."""

_PART_OF_CHAIN = re.compile("WHH?W{1,3}H")
_CHAIN_HINT = re.compile("(?<!H)H{1,2}W{1,3}H{1,2}W{1,3}H")
_CHAIN = re.compile(
    rf"(?<![{_HAN}])(?:([{_HAN}])\1*[{_WEAK}]{{1,3}}){{2,}}([{_HAN}])\2*(?![{_HAN}])"
)
_CHAIN_MARK = re.compile(f"[{_WEAK}]+")
_INITIALS = re.compile("(?<![LD])L(?:(?:[WB]L)+(?:[WB](?=H))?|(?:SL){2,})(?![LD])")
_RUN = re.compile(rf"([{_HAN}])\1{{2,}}")

Span = tuple[int, int]
Text = TypeVar("Text", str, bytes)


def may_have_separators(text: str, kinds: str, rare: str, *, may_repeat: bool) -> bool:
    """Tell whether taking out separators may change a folded text; cheap, for every text.

    Args:
        text: the folded text.
        kinds: the classes of its characters, numerals as Han.
        rare: the rare ones of them (see `classes.rare_classes`).
        may_repeat: one sound may stand three times in a row (see `may_have_runs`).
    """
    if rare:
        if rare.strip("LS") or ("L" in rare and ("LWL" in kinds or "LSLSL" in kinds)):
            return True
        if "S" in rare and _LONE_CHARACTER.search(kinds):
            return True
    if "HWHWH" in kinds:
        return True
    return may_repeat and bool(_RUN.search(text))


def find_separators(text: str, kinds: str, echo: bytes) -> list[Span]:
    """Return the spans to take out of a folded text in one round, in order, without overlap."""
    spans = _separators(text, kinds)
    if may_have_runs(echo):
        spans += [(m.start() + 1, m.end()) for m in _RUN.finditer(text)]
    return _merged(spans) if len(spans) > 1 else spans


def cut(text: Text, spans: Sequence[Span]) -> Text:
    """Return the text without the spans."""
    at = 0
    pieces = []
    for start, end in spans:
        pieces.append(text[at:start])
        at = end
    pieces.append(text[at:])
    return text[:0].join(pieces)


def cut_list(items: Sequence[int], spans: Sequence[Span]) -> list[int]:
    """Return the items without the spans."""
    at = 0
    kept: list[int] = []
    for start, end in spans:
        kept += items[at:start]
        at = end
    kept += items[at:]
    return kept


def _merged(spans: list[Span]) -> list[Span]:
    spans.sort()
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


RUNS = [bytes([code]) * 3 for code in range(1, SOUNDLESS + 1)]
"""Three Han characters of one sound in a row, as echoes (see `sound_codes.echo_table`)."""


def may_have_runs(echo: bytes) -> bool:
    """Tell whether one of `RUNS` occurs in the echo of a text."""
    return bool(_runs().find(echo))


@cache
def _runs() -> DoubleArrayAhoCorasick:
    return DoubleArrayAhoCorasick(RUNS)


def _separators(text: str, kinds: str) -> list[Span]:
    spans: list[Span] = []
    if "Z" in kinds:
        spans += [m.span() for m in _HIDDEN.finditer(kinds)]
    if "X" in kinds or "B" in kinds:
        spans += _symbols(kinds)
    marks = kinds.replace("B", "W")
    if _PART_OF_CHAIN.search(marks) and _CHAIN_HINT.search(marks):
        for chain in _CHAIN.finditer(text):
            spans += [m.span() for m in _CHAIN_MARK.finditer(text, chain.start(), chain.end())]
    if "L" in kinds and ("LWL" in kinds or "LBL" in kinds or "LSLSL" in kinds):
        for initials in _INITIALS.finditer(kinds):
            spans += [(i, i + 1) for i in range(initials.start() + 1, initials.end(), 2)]
    if "S" in kinds:
        spans += _single_spaces(text, kinds)
    return spans


def _symbols(kinds: str) -> Iterator[Span]:
    """Yield the symbols between two Han characters or between Han and letters or digits."""
    for match in _SYMBOLS.finditer(kinds):
        start, end = match.span()
        while kinds[start - 1 : start] == "S":
            start -= 1
        before, after = kinds[start - 1 : start], kinds[end : end + 1]
        if before and after and (before + after in _JOINED):
            yield start, end


_JOINED = ("HH", "HD", "HL", "DH", "LH")


def _single_spaces(text: str, kinds: str) -> Iterator[Span]:
    """Yield the spaces after or before a Han character (or a run of it) that stands alone."""
    for match in _SPACES.finditer(kinds):
        start, end = match.span()
        before, after = kinds[start - 1 : start], kinds[end : end + 1]
        follows = after in _JOINS_AFTER and before == "H" and _starts_alone(text, kinds, start)
        if follows or (
            after == "H"
            and (before in _JOINS_BEFORE or text[start - 1 : start] == "%")
            and _ends_alone(text, kinds, end)
        ):
            yield start, end


_JOINS_AFTER = ("H", "D", "L")
_JOINS_BEFORE = ("H", "D", "L")


def _starts_alone(text: str, kinds: str, end: int) -> bool:
    start = end - 1
    while start and text[start - 1] == text[end - 1]:
        start -= 1
    return kinds[start - 1 : start] != "H" if start else True


def _ends_alone(text: str, kinds: str, start: int) -> bool:
    end = start + 1
    while text[end : end + 1] == text[start]:
        end += 1
    return kinds[end : end + 1] != "H"
