"""Typed pinyin and look-alike digits as sounds: `ni wen wo`, `b知道`, `7人太甚`."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from scripts_library.text.sound_codes import (
    BREAK,
    LETTER_SOUNDS,
    split_pinyin,
    syllable_code,
)
from scripts_library.text.view import View

HAN = "一-鿿〇"
"""What counts as Han, numerals included, in a set of characters."""

_MEASURES = (
    "套室楼号万个点平年层居厅卫房月日米梯户成次栋期区分天小块元千百周路门线岁种人条张"
    "家间口位倍折中附村幢座季亿角多几下上左单环方开时公字来波组圈批趟遍轮段的后到至"
)
SPELLING_LETTERS = 2
"""A single letter is an abbreviation more often than a sound."""

_LETTERS = re.compile("L+")
_LONE_DIGIT = re.compile(rf"[0-9](?=[{HAN}])(?![{_MEASURES}])(?:(?<=[{HAN}].)|(?<=\A.))")


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

    @cached_property
    def spelled_runs(self) -> Sequence[range]:
        """The indices of each run of two letters or more that spells one or more syllables."""
        runs: list[range] = []
        at = 0
        for start, end, widths in self._pieces:
            size = len(widths) or end - start
            if widths and end - start >= SPELLING_LETTERS:
                runs.append(range(at, at + size))
            at += size
        return runs


def is_spelled(text: str, kinds: str) -> bool:
    """Tell whether a folded text holds letters or digits that may stand for sounds.

    Args:
        kinds: the classes of its characters, numerals as Han.
    """
    if ("HDH" in kinds or kinds.startswith("DH")) and _LONE_DIGIT.search(text):
        return True
    if "L" in kinds:
        for match in _LETTERS.finditer(kinds):
            run = text[match.start() : match.end()]
            if run in LETTER_SOUNDS or split_pinyin(run):
                return True
    return False


def plain_sounds(view: View) -> Sounds:
    """Return the sounds of a view in which nothing is typed."""
    return Sounds(view.sounds(), [(0, len(view.text), ())])


def spell_out(view: View) -> Sounds:
    """Return the sounds of a view, typed pinyin and look-alike digits included.

    A run of letters counts when it splits into pinyin syllables, a single letter or digit when it
    stands beside a Chinese character. Spaces between typed syllables are dropped.
    """
    text = view.text
    plain = view.sounds()
    codes: list[str] = []
    pieces: list[tuple[int, int, tuple[int, ...]]] = []
    at = 0
    for run in sorted((*_letter_runs(text, view.kinds), *_digit_runs(text))):
        if at < run.start and not (pieces and text[at : run.start].isspace()):
            codes.append(plain[at : run.start])
            pieces.append((at, run.start, ()))
        codes.append(run.codes)
        pieces.append((run.start, run.end, run.widths))
        at = run.end
    codes.append(plain[at:])
    pieces.append((at, len(text), ()))
    return Sounds("".join(codes), pieces)


def _letter_runs(text: str, kinds: str) -> Iterator[Run]:
    for match in _LETTERS.finditer(kinds):
        start, end = match.span()
        letters = text[start:end]
        syllables = split_pinyin(letters)
        if syllables is not None:
            codes = "".join(syllable_code(s) or BREAK for s in syllables)
            yield Run(start, end, codes, tuple(map(len, syllables)))
        elif letters in LETTER_SOUNDS and "H" in kinds[max(0, start - 1) : end + 1]:
            yield Run(start, end, syllable_code(LETTER_SOUNDS[letters]) or BREAK, (1,))


def _digit_runs(text: str) -> Iterator[Run]:
    for match in _LONE_DIGIT.finditer(text):
        sounds = LETTER_SOUNDS.get(match[0])
        if sounds:
            yield Run(*match.span(), syllable_code(sounds) or BREAK, (1,))
