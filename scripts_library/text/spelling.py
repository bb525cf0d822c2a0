"""Typed pinyin and look-alike digits as sounds: `ni wen wo`, `b知道`, `7人太甚`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Sounds:
    """A sound text (see `scripts_library.text.sound_codes`) over a normalised text.

    Code `i` stands for `normalized.text[starts[i]:ends[i]]`; `typed` holds the indices that were
    typed as letters or digits.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    typed: frozenset[int]


def is_spelled(text: str, kinds: bytes) -> bool:
    """Tell whether a folded text holds letters or digits that may stand for sounds.

    Args:
        kinds: the classes of its characters, numerals as Han.
    """
    if b"DH" in kinds and _has_lone_digit(text, kinds):
        return True
    if b"L" not in kinds:
        return False
    runs = (text[m.start() : m.end()] for m in _LETTER_KINDS.finditer(kinds))
    return any(run in LETTER_SOUNDS or split_pinyin(run) for run in runs)


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
    size = len(text)
    return Sounds(sound(text), range(size), range(1, size + 1), frozenset())


def spell_out(text: str) -> Sounds:
    """Return the sounds of a folded text, typed pinyin and look-alike digits included.

    A run of letters counts when it splits into pinyin syllables, a single letter or digit when it
    stands beside a Chinese character. Spaces between typed syllables are dropped.
    """
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    typed: set[int] = set()
    plain = sound(text)
    at = 0
    for start, end, codes in _spelled_runs(text):
        if not (typed and len(starts) - 1 in typed and text[at:start].isspace()):
            pieces.append(plain[at:start])
            starts += range(at, start)
            ends += range(at + 1, start + 1)
        for code, width in codes:
            typed.add(len(starts))
            pieces.append(code)
            starts.append(start)
            ends.append(start + width)
            start += width
        at = end
    pieces.append(plain[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Sounds("".join(pieces), starts, ends, frozenset(typed))


def _spelled_runs(text: str) -> list[tuple[int, int, list[tuple[str, int]]]]:
    """Return `(start, end, [(code, width in characters), ...])` of each typed run, in order."""
    return sorted((*_letter_runs(text), *_digit_runs(text)))


def _letter_runs(text: str) -> Iterator[tuple[int, int, list[tuple[str, int]]]]:
    for match in _LETTERS.finditer(text):
        start, end = match.span()
        letters = match.group()
        syllables = split_pinyin(letters)
        if syllables is not None:
            yield start, end, [(syllable_code(s) or BREAK, len(s)) for s in syllables]
        elif letters in LETTER_SOUNDS and _beside_han(text, start, end):
            yield start, end, [(syllable_code(LETTER_SOUNDS[letters]) or BREAK, 1)]


def _digit_runs(text: str) -> Iterator[tuple[int, int, list[tuple[str, int]]]]:
    for match in _DIGIT.finditer(text):
        sounds = LETTER_SOUNDS.get(match.group())
        if sounds:
            yield *match.span(), [(syllable_code(sounds) or BREAK, 1)]


def _beside_han(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return ("一" <= before <= "鿿" and bool(before)) or ("一" <= after <= "鿿" and bool(after))
