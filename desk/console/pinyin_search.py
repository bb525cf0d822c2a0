"""Finds Chinese texts by characters, full pinyin, or the first letters of their syllables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scripts_library.text.pinyin import syllables

LETTERS = re.compile(r"[a-z]+")
INDEXED = 200
"""Code points of a text whose sounds are looked at."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """A text as it is searched: folded, its syllables, and their first letters."""

    text: str
    syllables: tuple[str, ...]
    initials: str

    def fits(self, query: str) -> int:
        """Return how well a folded query fits, 0 not at all.

        3 the characters stand there (4 at the beginning), 2 the first letters of syllables
        one after the other, 1 the syllables themselves, the last one perhaps begun.
        """
        if not query:
            return 0
        if (place := self.text.find(query)) >= 0:
            return 3 if place else 4
        if not LETTERS.fullmatch(query):
            return 0
        if query in self.initials:
            return 2
        return int(any(self._spells(query, start) for start in range(len(self.syllables))))

    def _spells(self, query: str, start: int) -> bool:
        rest = query
        for syllable in self.syllables[start:]:
            if syllable.startswith(rest):
                return True
            if not rest.startswith(syllable):
                return False
            rest = rest[len(syllable) :]
        return not rest


def fold(text: str) -> str:
    """Return a text as queries and texts are compared: lower case, no blanks."""
    return "".join(text.lower().split())


@lru_cache(maxsize=20_000)
def sounds_of(text: str) -> Sounds:
    """Return how a text sounds. Half a millisecond for a sentence, kept afterwards."""
    folded = fold(text)[:INDEXED]
    spoken = tuple(one for one in syllables(folded) if one)
    initials = "".join(one[0] for one in spoken)
    return Sounds(folded, spoken, initials)


def best_fit(query: str, texts: Sequence[str]) -> int:
    """Return how well the best of several texts fits a query, 0 to 4."""
    folded = fold(query)
    return max((sounds_of(text).fits(folded) for text in texts), default=0)
