"""Typed pinyin and look-alike digits as sounds: `ni wen wo`, `b知道`, `7人太甚`."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from scripts_library.text.folding import is_han
from scripts_library.text.sound_codes import (
    BREAK,
    LETTER_SOUNDS,
    sound,
    split_pinyin,
    syllable_code,
)

_HAN = "一-鿿"
_MEASURES = (
    "套室楼号万个点平年层居厅卫房月日米梯户成次栋期区分天小块元千百周路门线岁种人条张"
    "家间口位倍折中附村幢座季亿角多几下上左单环方开时公字来"
)
_LETTERS = re.compile("[a-z]+")
_LETTER_KINDS = re.compile(b"L+")
_DIGIT = re.compile(rf"(?:(?<=[{_HAN}])|^)[0-9](?=[{_HAN}])(?![{_MEASURES}])")


class Run(NamedTuple):
    """Typed letters or a digit, `text[start:end]`: their codes and how many letters each takes."""

    start: int
    end: int
    codes: str
    widths: tuple[int, ...]


class Sounds:
    """A sound text (see `scripts_library.text.sound_codes`) over a normalised text.

    Code `i` stands for `normalized.text[starts[i]:ends[i]]`; `typed` holds the indices that were
    typed as letters or digits.
    """

    __slots__ = ("__dict__", "_pieces", "text")

    def __init__(self, text: str, pieces: Sequence[tuple[int, int, tuple[int, ...]]]) -> None:
        """Pieces are `(start, end, widths)` in the normalised text; no widths: nothing typed."""
        self.text = text
        self._pieces = pieces

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where each code begins in the normalised text."""
        starts: list[int] = []
        for start, end, widths in self._pieces:
            starts += accumulate(widths[:-1], initial=start) if widths else range(start, end)
        return starts

    @cached_property
    def ends(self) -> Sequence[int]:
        """Where each code ends in the normalised text."""
        ends: list[int] = []
        for start, end, widths in self._pieces:
            steps = accumulate(widths, initial=start)
            ends += list(steps)[1:] if widths else range(start + 1, end + 1)
        return ends

    @cached_property
    def typed(self) -> frozenset[int]:
        """The indices of the codes that were typed as letters or digits."""
        typed: list[int] = []
        at = 0
        for start, end, widths in self._pieces:
            typed += range(at, at + len(widths))
            at += len(widths) or end - start
        return frozenset(typed)


def is_spelled(text: str, kinds: bytes) -> bool:
    """Tell whether a folded text holds letters or digits that may stand for sounds.

    Args:
        kinds: the classes of its characters, numerals as Han.
    """
    if b"DH" in kinds and _has_lone_digit(text, kinds):
        return True
    if b"L" in kinds:
        for match in _LETTER_KINDS.finditer(kinds):
            run = text[match.start() : match.end()]
            if run in LETTER_SOUNDS or split_pinyin(run):
                return True
    return False


def _has_lone_digit(text: str, kinds: bytes) -> bool:
    """Tell whether a single digit stands before Han that is no measure word."""
    padded = b"H" + kinds
    at = padded.find(b"HDH")
    while at >= 0:
        if text[at + 1] not in _MEASURES:
            return True
        at = padded.find(b"HDH", at + 1)
    return False


def plain_sounds(text: str) -> Sounds:
    """Return the sounds of a text in which nothing is typed."""
    return Sounds(sound(text), [(0, len(text), ())])


def spell_out(text: str) -> Sounds:
    """Return the sounds of a folded text, typed pinyin and look-alike digits included.

    A run of letters counts when it splits into pinyin syllables, a single letter or digit when it
    stands beside a Chinese character. Spaces between typed syllables are dropped.
    """
    plain = sound(text)
    codes: list[str] = []
    pieces: list[tuple[int, int, tuple[int, ...]]] = []
    at = 0
    for run in sorted((*_letter_runs(text), *_digit_runs(text))):
        if at < run.start and not (pieces and text[at : run.start].isspace()):
            codes.append(plain[at : run.start])
            pieces.append((at, run.start, ()))
        codes.append(run.codes)
        pieces.append((run.start, run.end, run.widths))
        at = run.end
    codes.append(plain[at:])
    pieces.append((at, len(text), ()))
    return Sounds("".join(codes), pieces)


def _letter_runs(text: str) -> Iterator[Run]:
    for match in _LETTERS.finditer(text):
        start, end = match.span()
        letters = match.group()
        syllables = split_pinyin(letters)
        if syllables is not None:
            codes = "".join(syllable_code(s) or BREAK for s in syllables)
            yield Run(start, end, codes, tuple(map(len, syllables)))
        elif letters in LETTER_SOUNDS and _is_beside_han(text, start, end):
            yield Run(start, end, syllable_code(LETTER_SOUNDS[letters]) or BREAK, (1,))


def _digit_runs(text: str) -> Iterator[Run]:
    for match in _DIGIT.finditer(text):
        sounds = LETTER_SOUNDS.get(match.group())
        if sounds:
            yield Run(*match.span(), syllable_code(sounds) or BREAK, (1,))


def _is_beside_han(text: str, start: int, end: int) -> bool:
    return is_han(text[start - 1 : start]) or is_han(text[end : end + 1])
