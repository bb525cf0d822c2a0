"""Chinese text as sounds: each character or typed pinyin syllable becomes one code character.

Codes are private to this module (U+0400 upwards), so a sound text is a `str` that the automaton
and regular expressions search like any other. Near sounds that input methods and dialects mix up
(zh/z, ch/c, sh/s, ing/in, eng/en) share a code. Tones are ignored.
"""

import os
import re
from codecs import utf_16_le_decode
from functools import cache, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from scripts_library.text.codes import codes_of
from scripts_library.text.folding import HAN_END, HAN_START, UNICODE_SIZE

FIRST_CODE = 0x400
BREAK = "\u0001"
"""Stands for every character without a sound."""

NEVER = "\u0002"
"""Stands in patterns for what has no sound, so it is never found."""

ECHOES = 254
SOUNDLESS = 255

# What single letters and digits stand for when typed between Chinese characters.
LETTER_SOUNDS = {
    "b": "bu", "m": "mei", "n": "ni", "w": "wo", "s": "shi", "t": "ta", "d": "de", "g": "gun",
    "v": "wei", "p": "pi",
    "0": "ni", "1": "yi", "2": "ai", "4": "shi", "5": "wo", "6": "liu", "7": "qi", "8": "bu",
    "9": "jiu",
}  # fmt: skip
_NEAR = ((re.compile("^(z|c|s)h"), r"\1"), (re.compile("(i|e)ng$"), r"\1n"))
# Common readings in service talk where the first reading of the dictionary is another one.
_READINGS = {"了": "le", "着": "zhe", "的": "de", "地": "di", "得": "de", "都": "dou", "行": "xing"}


_SPOKEN = {"shei": "shui", "zhei": "zhe", "nei": "na"}
"""Readings heard in speech, typed for 谁, 这, 那."""


_TYPED = {"liao": "le", "dei": "de"}
"""Typed for 了 and 得, which `_READINGS` gives another reading."""


@cache
def _merge(syllable: str) -> str:
    syllable = _SPOKEN.get(syllable, syllable)
    for pattern, near in _NEAR:
        syllable = pattern.sub(near, syllable)
    return syllable.replace("ü", "v")


def _readings() -> list[list[str]]:
    """Return the readings of each common Chinese character, in the order of code points."""
    # Whole words read in context are of no use here and would take 50 MB.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    plain = cache(partial(to_normal, v_to_u=False))
    readings = (PINYIN_DICT.get(code, chr(code)) for code in range(HAN_START, HAN_END))
    return [[plain(reading) for reading in found.split(",")] for found in readings]


@cache
def _codes() -> tuple[dict[str, str], NDArray[np.uint16]]:
    """Return the code of each merged syllable and the table from code point to code."""
    readings = _readings()
    table = np.full(UNICODE_SIZE, ord(BREAK), dtype="<u2")
    codes: dict[str, str] = {}
    for at, reading in enumerate(readings, start=HAN_START):
        syllable = _merge(_READINGS.get(chr(at), reading[0]))
        if syllable.isascii():
            code = codes.setdefault(syllable, chr(FIRST_CODE + len(codes)))
            table[at] = ord(code)
    return codes, table


def sound(text: str) -> str:
    """Return the sound text: one code character for each character of `text`, same length."""
    return utf_16_le_decode(_codes()[1][codes_of(text)].tobytes())[0]


def echo_table() -> NDArray[np.uint8]:
    """Return the table from code point to echo: the sound in one byte, which some sounds share.

    0 is no Han, `SOUNDLESS` a Han character without a sound. Half the size of a sound text, hence
    twice as fast to search; what is found has to be compared with the sound text.
    """
    table = np.zeros(UNICODE_SIZE, dtype=np.uint8)
    codes = _codes()[1][HAN_START:HAN_END].astype(np.int32) - FIRST_CODE
    table[HAN_START:HAN_END] = np.where(codes < 0, SOUNDLESS, codes % ECHOES + 1)
    return table


def echo_of_sounds(sounds: str) -> bytes:
    """Return the echo of a sound text."""
    return bytes(map(_ECHO_OF_SOUND.__getitem__, sounds))


class _EchoOfSound(dict[str, int]):
    """The echo of each sound code, computed once."""

    def __missing__(self, sound: str) -> int:
        code = ord(sound) - FIRST_CODE
        self[sound] = echo = code % ECHOES + 1 if code >= 0 else 0
        return echo


_ECHO_OF_SOUND = _EchoOfSound()


class _LiteralCodes(dict[int, str]):
    """The code of each character of the patterns, looked up once."""

    def __missing__(self, char: int) -> str:
        code = sound(chr(char)).replace(BREAK, NEVER)
        self[char] = code
        return code


_LITERAL_CODES = _LiteralCodes()


def spell_literal(text: str) -> str:
    """Return the sounds of a pattern's words; what has none becomes a code that never occurs."""
    return text.translate(_LITERAL_CODES)


@lru_cache(maxsize=1024)
def syllable_code(syllable: str) -> str | None:
    """Return the code of a typed pinyin syllable (lower case, no tone), None if there is none."""
    return _codes()[0].get(_merge(_TYPED.get(syllable, syllable)))


@cache
def _syllables() -> frozenset[str]:
    known = {reading for readings in _readings() for reading in readings}
    return frozenset(s for s in known if s.isascii() and s.isalpha() and s not in {"n", "m", "ng"})


@lru_cache(maxsize=4096)
def split_pinyin(letters: str) -> tuple[str, ...] | None:
    """Split a run of lower-case letters into pinyin syllables, fewest first; None if impossible.

    Runs longer than 40 letters are not split.
    """
    if not letters or len(letters) > 40:
        return None
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 6), end):
            head, tail = best[start], letters[start:end]
            if head is None or tail not in _syllables():
                continue
            found = best[end]
            if found is None or len(head) + 1 < len(found):
                best[end] = (*head, tail)
    return best[-1]
