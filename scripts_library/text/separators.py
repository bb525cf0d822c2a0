"""What people put between the characters of a phrase to hide it, and how to take it out.

Zero-width characters, symbols and emoji between characters, a mark or space after every character,
and runs of one character, which shrink to a single one.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

from scripts_library.text.classes import WEAK
from scripts_library.text.codes import Codes

_HAN = "一-鿿"
_WEAK = re.escape(WEAK)
_HIDDEN = re.compile(b"Z+")
_SYMBOLS = re.compile(b"[XB][XBS]*")
_SPACES = re.compile(b"S+")
_LONE_AFTER_SPACE = re.compile(b"SHH?(?!H)")
_CHAIN_HINT = re.compile(b"(?<!H)H{1,2}[WB]{1,3}H{1,2}[WB]{1,3}H")
_CHAIN = re.compile(
    rf"(?<![{_HAN}])(?:([{_HAN}])\1*[{_WEAK}]{{1,3}}){{2,}}([{_HAN}])\2*(?![{_HAN}])"
)
_CHAIN_MARK = re.compile(f"[{_WEAK}]+")
_INITIALS = re.compile(b"(?<![LD])L(?:[WB]L)+(?:[WB](?=H))?(?![LD])")
_RUN = re.compile(rf"([{_HAN}])\1{{2,}}")

Span = tuple[int, int]
Text = TypeVar("Text", str, bytes)


def may_have_separators(text: str, kinds: bytes, codes: Codes) -> bool:
    """Tell whether taking out separators may change a folded text; cheap, for every text.

    Args:
        kinds: the classes of its characters, numerals as Han.
        codes: its code points.
    """
    rare = kinds.translate(None, b"HDLWPO")
    if rare and (rare.strip(b"S") or _has_lone_character(kinds)):
        return True
    if b"HWHWH" in kinds or b"LWL" in kinds:
        return True
    return _may_have_runs(codes) and bool(_RUN.search(text))


def _has_lone_character(kinds: bytes) -> bool:
    """Tell whether one or two Han characters stand between a space and anything else."""
    return bool(_LONE_AFTER_SPACE.search(kinds) or _LONE_AFTER_SPACE.search(kinds[::-1]))


def find_separators(text: str, kinds: bytes, codes: Codes) -> list[Span]:
    """Return the spans to take out of a folded text in one round, in order, without overlap."""
    spans = _separators(text, kinds)
    if _may_have_runs(codes):
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


def _merged(spans: list[Span]) -> list[Span]:
    spans.sort()
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _may_have_runs(codes: Codes) -> bool:
    return b"\1\1" in (codes[1:] == codes[:-1]).tobytes()


def _separators(text: str, kinds: bytes) -> list[Span]:
    spans: list[Span] = []
    if b"Z" in kinds:
        spans += [m.span() for m in _HIDDEN.finditer(kinds)]
    if b"X" in kinds or b"B" in kinds:
        spans += _symbols(kinds)
    if (b"B" in kinds or b"WHW" in kinds or b"WHHW" in kinds) and _CHAIN_HINT.search(kinds):
        for chain in _CHAIN.finditer(text):
            spans += [m.span() for m in _CHAIN_MARK.finditer(text, chain.start(), chain.end())]
    if b"LWL" in kinds or b"LBL" in kinds:
        for initials in _INITIALS.finditer(kinds):
            spans += [(i, i + 1) for i in range(initials.start() + 1, initials.end(), 2)]
    if b"S" in kinds:
        spans += _single_spaces(text, kinds)
    return spans


def _symbols(kinds: bytes) -> Iterator[Span]:
    """Yield the symbols between two Han characters or between Han and letters or digits."""
    for match in _SYMBOLS.finditer(kinds):
        start, end = match.span()
        while kinds[start - 1 : start] == b"S":
            start -= 1
        before, after = kinds[start - 1 : start], kinds[end : end + 1]
        if before and after and (before + after in _JOINED):
            yield start, end


_JOINED = (b"HH", b"HD", b"HL", b"DH", b"LH")


def _single_spaces(text: str, kinds: bytes) -> Iterator[Span]:
    """Yield the spaces after or before a Han character (or a run of it) that stands alone."""
    for match in _SPACES.finditer(kinds):
        start, end = match.span()
        before, after = kinds[start - 1 : start], kinds[end : end + 1]
        follows = after in _JOINS_AFTER and before == b"H" and _starts_alone(text, kinds, start)
        if follows or (
            after == b"H"
            and (before in _JOINS_BEFORE or text[start - 1 : start] == "%")
            and _ends_alone(text, kinds, end)
        ):
            yield start, end


_JOINS_AFTER = (b"H", b"D", b"L")
_JOINS_BEFORE = (b"H", b"D", b"L")


def _starts_alone(text: str, kinds: bytes, end: int) -> bool:
    start = end - 1
    while start and text[start - 1] == text[end - 1]:
        start -= 1
    return kinds[start - 1 : start] != b"H" if start else True


def _ends_alone(text: str, kinds: bytes, start: int) -> bool:
    end = start + 1
    while text[end : end + 1] == text[start]:
        end += 1
    return kinds[end : end + 1] != b"H"
