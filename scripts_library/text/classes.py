"""One letter for each character of a text as it is once folded, so that nearly every reply is
settled by asking whether a letter occurs at all:

==  =======================================  ==  =============================================
H   Han                                      S   space, tab, ideographic space
N   Chinese numeral                          Z   zero-width character
D   digit                                    W   mark that may part the characters of a phrase
L   small Latin letter                       P   other usual mark
O   other letters, line breaks               X   symbol; B one that may also part characters
==  =======================================  ==  =============================================

A small letter says that folding changes the character, and into what; `x` may also be a symbol that
folding reads as a word.
"""

import re

import numpy as np
from numpy.typing import NDArray

from scripts_library.text.folding import (
    HAN_END,
    HAN_START,
    LETTER_SIGNS,
    REBUS,
    UNICODE_SIZE,
    fold_table,
)

ZERO_WIDTH = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff"
    "\u20d0-\u20ff"
)
SECOND_OF_FLAG = "\U0001f1f3"
"""The flag of China is two characters; folding reads the first as 国."""

SQUARED_WORDS = slice(0x1F200, 0x1F300)
"""Emoji that show a Chinese character: 🈶, 🉐."""

TAGS = slice(0xE0000, 0xE0200)
"""Zero-width tags and variation selectors."""

MARKS = "，。！？；：、,.!?;:()（）\"'“”‘’「」『』《》〈〉【】[]%…—～@#$￥/-\\"
WEAK = "，。！？；、,.!?;…—～/-'|+=:：·~\\"
NUMERALS = "零〇一二三四五六七八九幺两壹贰叁"
_COMMON = b"HNDWPO"
_LAST_WITH_LETTERS = 0x33480
_SURROGATES = range(0xD800, 0xE000)
_WIDE_SPACE = 0x3000
"""Folded only along with other characters: a space as it is."""
_TO_SMALL = ord("a") - ord("A")


def class_table() -> NDArray[np.uint8]:
    """Return one letter per code point, uint8 of shape (0x110000,); built in about 30 ms."""
    table = np.full(UNICODE_SIZE, ord("X"), dtype=np.uint8)
    known = "".join("\0" if i in _SURROGATES else chr(i) for i in range(_LAST_WITH_LETTERS))
    for run in re.finditer(r"(?:[^\W_]|\s)+", known):
        table[run.start() : run.end()] = ord("O")
    table[_SURROGATES] = ord("O")
    table[HAN_START:HAN_END] = ord("H")
    for letters, kind in (
        (NUMERALS, "N"),
        ("0123456789", "D"),
        ("abcdefghijklmnopqrstuvwxyz", "L"),
        (" \t\u3000", "S"),
        (MARKS, "P"),
    ):
        table[[ord(char) for char in letters]] = ord(kind)
    for char in WEAK:
        table[ord(char)] = ord("W" if char in MARKS else "B")
    for match in re.finditer(f"[{ZERO_WIDTH}]", known):
        table[match.start()] = ord("Z")
    table[ord(SECOND_OF_FLAG)] = ord("Z")
    table[TAGS] = ord("Z")
    return _folded(table)


def _folded(table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give each character the class of what it folds to, in small letters where that changes it."""
    folded = fold_table()
    changed = folded != np.arange(UNICODE_SIZE, dtype=np.uint32)
    changed[_WIDE_SPACE] = False
    found = np.where(changed, table[folded] + _TO_SMALL, table)
    for pair in (*REBUS.split(), *LETTER_SIGNS.split()):
        found[ord(pair[0])] = ord("x")
    squared = found[SQUARED_WORDS]
    squared[changed[SQUARED_WORDS]] = ord("x")
    return found


def rare_classes(kinds: bytes) -> str:
    """Return the classes other than Chinese, digits and usual marks, in order; mostly none."""
    return kinds.translate(None, _COMMON).decode("ascii")
