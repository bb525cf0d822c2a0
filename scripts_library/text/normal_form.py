"""Bring a reply to one plain spelling, with a map back to the original offsets.

Two steps. Folding replaces characters one by one (width, Traditional, case, circled digits,
look-alike characters). Joining then drops what was put between characters to hide a phrase
(zero-width characters, emoji, asterisks, spaces or dots after every character) and shortens runs
of one character. Typed pinyin, look-alike digits and homophones are compared by sound, see
`scripts_library.text.sound_codes`; `spell_out` gives that view.

Costs about 3 µs for 100 plain characters, which stay as they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts_library.errors import TextError
from scripts_library.text.folding import HAN_END, HAN_START, UNICODE_SIZE, fold_table
from scripts_library.text.sound_codes import (
    BREAK,
    LETTER_SOUNDS,
    sound,
    split_pinyin,
    syllable_code,
)

_HAN = "一-鿿"
_ZERO_WIDTH = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff"
    "\u20d0-\u20ff\U000e0000-\U000e01ff"
)
_MARKS = "，。！？；：、,.!?;:()（）\"'“”‘’「」『』《》〈〉【】[\\]%…—～@#$￥/\\-"
_WEAK = "，。！？；、,.!?;…—～/\\-'|+=:：·~"
_STRONG = rf"(?:[^\w\s{_MARKS}{_ZERO_WIDTH}]|_)"

_DROP_ALWAYS = re.compile(f"[{_ZERO_WIDTH}]+")
_DROP_BETWEEN = re.compile(
    rf"(?:(?<=[{_HAN}])[ \t\u3000]*{_STRONG}(?:{_STRONG}|[ \t\u3000])*(?=[{_HAN}a-z0-9])"
    rf"|(?<=[a-z0-9])[ \t\u3000]*{_STRONG}(?:{_STRONG}|[ \t\u3000])*(?=[{_HAN}]))"
)
_CHAIN = re.compile(
    rf"(?<![{_HAN}])(?:([{_HAN}])\1*[{_WEAK}]{{1,3}}){{2,}}([{_HAN}])\2*(?![{_HAN}])"
)
_CHAIN_MARK = re.compile(f"[{_WEAK}]+")
_SPACE_AFTER_ONE = re.compile(rf"(?<![{_HAN}])([{_HAN}])\1*([ \t\u3000]+)(?=[{_HAN}0-9a-z])")
_SPACE_BEFORE_ONE = re.compile(rf"(?<=[{_HAN}0-9a-z%])[ \t\u3000]+(?=([{_HAN}])\1*(?![{_HAN}]))")
_RUN = re.compile(rf"([{_HAN}])\1{{2,}}")
_LETTERS = re.compile("[a-z]+")
_MEASURES = (
    "套室楼号万个点平年层居厅卫房月日米梯户成次栋期区分天小块元千百周路门线岁种人条张"
    "家间口位倍折中附村幢座季亿角多几下上左单环方开时公字来"
)
_DIGIT = re.compile(rf"(?:(?<=[{_HAN}])|^)[0-9](?=[{_HAN}])(?![{_MEASURES}])")
_MAX_PASSES = 16


@dataclass(frozen=True, slots=True)
class Normalized:
    """A normalised text; character `i` came from `original[starts[i]:ends[i]]`.

    `starts` and `ends` rise, have the length of `text`, and are ranges when nothing moved.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of `text[start:end]`; needs `start < end`."""
        return self.starts[start], self.ends[end - 1]


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


def identity(text: str) -> Normalized:
    """Return the text as its own normal form."""
    size = len(text)
    return Normalized(text, range(size), range(1, size + 1))


def normalize(text: str) -> Normalized:
    """Return the normal form of `text` with its offset map; normalising twice changes nothing.

    Raises:
        TextError: if `text` is not a `str`.
    """
    check_is_text(text)
    glance = Glance(text)
    return glance.joined() if glance.is_odd else identity(glance.folded())


def check_is_text(text: object) -> None:
    """Raise `TextError` for anything but a `str`."""
    if not isinstance(text, str):
        raise TextError(f"待检查的内容必须是文字(str),收到的是 {type(text).__name__}")


@cache
def _class_table() -> NDArray[np.uint8]:
    """Return one letter per code point: H Han, N Chinese numeral, D digit, L letter, S space,

    P usual mark, C changed by folding, X anything else.
    """
    table = np.full(UNICODE_SIZE, ord("X"), dtype=np.uint8)
    table[HAN_START:HAN_END] = ord("H")
    for letters, kind in (
        ("零〇一二三四五六七八九幺两壹贰叁", "N"),
        ("0123456789", "D"),
        ("abcdefghijklmnopqrstuvwxyz", "L"),
        (" \t\u3000\n\r", "S"),
        ("，。！？；：、,.!?;:()（）\"'“”‘’「」『』《》【】%…—～@#$￥/-", "P"),
    ):
        for char in letters:
            table[ord(char)] = ord(kind)
    folded = fold_table()
    changed = folded != np.arange(UNICODE_SIZE, dtype=np.uint32)
    changed[0x3000] = False
    table[changed] = ord("C")
    upper = slice(ord("A"), ord("Z") + 1)
    table[upper] = ord("U")
    return table


_AS_HAN = bytes.maketrans(b"NU", b"HL")


class Glance:
    """A first look at a text: the cheap tests that tell whether it needs more than a scan."""

    __slots__ = ("codes", "digits", "is_changed", "is_odd", "is_spelled", "kinds", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            raw = text.encode("utf-32-le")
        except UnicodeEncodeError:
            self.text = text = text.encode("utf-8", "replace").decode("utf-8")
            raw = text.encode("utf-32-le")
        self.codes = codes = np.frombuffer(raw, dtype=np.uint32)
        exact = _class_table().take(codes).tobytes()
        self.digits = exact.count(b"D") + exact.count(b"N")
        self.kinds = kinds = exact.translate(_AS_HAN)
        self.is_changed = b"C" in kinds or b"U" in exact
        if b"C" in kinds:
            folded = _class_table().take(fold_table().take(codes)).tobytes()
            self.digits = folded.count(b"D") + folded.count(b"N")
        self.is_odd = (
            b"C" in kinds
            or b"X" in kinds
            or b"HPHPH" in kinds
            or (b"S" in kinds and (b"SHS" in kinds or kinds[1:2] == b"S" or kinds[-2:-1] == b"S"
                                   or b"SHP" in kinds or b"PHS" in kinds))
            or (b"\1\1" in np.equal(codes[1:], codes[:-1]).tobytes() and bool(_RUN.search(text)))
        )  # fmt: skip
        self.is_spelled = b"L" in kinds or b"HDH" in kinds or b"C" in kinds or kinds[:2] == b"DH"

    def folded(self) -> str:
        """Return the folded text, of the same length."""
        if not self.is_changed:
            return self.text
        return fold_table().take(self.codes).tobytes().decode("utf-32-le", "surrogatepass")

    def joined(self) -> Normalized:
        """Return the folded text with separators dropped and runs shortened."""
        text = self.folded()
        keep: NDArray[np.intp] | None = None
        hints = None if b"C" in self.kinds else self.kinds
        for _ in range(_MAX_PASSES):
            kept = _pass(text, hints)
            hints = None
            if kept is None:
                break
            text = "".join([text[i] for i in kept])
            keep = kept if keep is None else keep[kept]
        if keep is None:
            return identity(text)
        starts = keep.tolist()
        return Normalized(text, starts, [i + 1 for i in starts])


def _pass(text: str, kinds: bytes | None) -> NDArray[np.intp] | None:
    """Return the indices that stay after one round of dropping, None if all stay.

    `kinds` (the classes of the characters) spares searches that can't find anything.
    """
    spans: list[tuple[int, int]] = []
    if kinds is None or b"X" in kinds:
        spans += [m.span() for m in _DROP_ALWAYS.finditer(text)]
        spans += [m.span() for m in _DROP_BETWEEN.finditer(text)]
    if kinds is None or b"HPHPH" in kinds or b"X" in kinds:
        for chain in _CHAIN.finditer(text):
            spans += [m.span() for m in _CHAIN_MARK.finditer(text, chain.start(), chain.end())]
    if kinds is None or b"S" in kinds:
        spans += [m.span(2) for m in _SPACE_AFTER_ONE.finditer(text)]
        spans += [m.span() for m in _SPACE_BEFORE_ONE.finditer(text)]
    spans += [(m.start() + 1, m.end()) for m in _RUN.finditer(text)]
    if not spans:
        return None
    mask = np.ones(len(text), dtype=bool)
    for start, end in spans:
        mask[start:end] = False
    return np.flatnonzero(mask)


def is_spelled(text: str) -> bool:
    """Tell whether a folded text holds letters or digits that may stand for sounds."""
    return bool(_DIGIT.search(text)) or any(
        run in LETTER_SOUNDS or split_pinyin(run) for run in _LETTERS.findall(text)
    )


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
    for match in _spelled_runs(text):
        start, end, codes = match
        gap = text[at:start]
        if not (gap.isspace() and pieces and typed and len(pieces) - 1 in typed):
            pieces += plain[at:start]
            starts += range(at, start)
            ends += range(at + 1, start + 1)
        for offset, (code, width) in enumerate(codes):
            typed.add(len(pieces))
            pieces.append(code)
            begin = start + sum(w for _, w in codes[:offset])
            starts.append(begin)
            ends.append(begin + width)
        at = end
    pieces += plain[at:]
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Sounds("".join(pieces), starts, ends, frozenset(typed))


def _spelled_runs(text: str) -> list[tuple[int, int, list[tuple[str, int]]]]:
    """Return `(start, end, [(code, width in characters), ...])` of each typed run, in order."""
    runs = []
    for match in _LETTERS.finditer(text):
        start, end = match.span()
        letters = match.group()
        syllables = split_pinyin(letters)
        if syllables is None and letters in LETTER_SOUNDS and _beside_han(text, start, end):
            code = syllable_code(LETTER_SOUNDS[letters]) or BREAK
            runs.append((start, end, [(code, 1)]))
        elif syllables is not None:
            codes = [(syllable_code(s) or BREAK, len(s)) for s in syllables]
            runs.append((start, end, codes))
    for match in _DIGIT.finditer(text):
        sounds = LETTER_SOUNDS.get(match.group())
        if sounds:
            runs.append((*match.span(), [(syllable_code(sounds) or BREAK, 1)]))
    return sorted(runs)


def _beside_han(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return ("一" <= before <= "鿿" and bool(before)) or ("一" <= after <= "鿿" and bool(after))
