"""Is a message one of the wordings that an approved answer names?"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache

from desk.catalog.search_text import fold

SAME_WORDING = 0.8
"""Share of common pairs of characters (Dice) from which a message is a phrasing: a particle more
or less, not another question (own examples in tests/desk/knowledge/test_faq.py)."""
FEWEST_LETTERS = 4
"""Shorter messages must be a phrasing as it stands."""


Row = tuple[str, str, str]
"""An answer's code, its phrasings as JSON, and its question."""


class Wordings:
    """The wordings of answers, found by the pairs of characters they have in common.

    Args:
        texts: each answer's code with one of its wordings.
    """

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self._known: list[tuple[str, str]] = []
        self._places: dict[str, set[int]] = defaultdict(set)
        for code, text in texts:
            self._add(letters(text), code)

    def find(self, text: str) -> str | None:
        """Return the code of the answer whose wording this is: the likest, then by code."""
        wanted = letters(text)
        near = {place for part in _parts(wanted) for place in self._places.get(part, ())}
        alike = [
            (-likeness(wanted, known), code)
            for known, code in (self._known[place] for place in near)
        ]
        best = min(alike, default=None)
        return best[1] if best and -best[0] >= SAME_WORDING else None

    def _add(self, wording: str, code: str) -> None:
        for part in _parts(wording):
            self._places[part].add(len(self._known))
        self._known.append((wording, code))


@lru_cache(maxsize=4)
def wordings_of(rows: tuple[Row, ...], *, with_questions: bool) -> Wordings:
    """Return the wordings of answers; the same rows are read into them once only.

    Args:
        rows: answers that may be given.
        with_questions: the rows' own questions count beside their phrasings.
    """
    texts = []
    for code, phrasings, question in rows:
        texts += [(code, text) for text in json.loads(phrasings)]
        texts += [(code, question)] if with_questions else []
    return Wordings(texts)


def likeness(one: str, other: str) -> float:
    """Return the share of common pairs of characters, 0 to 1; for short texts all or nothing."""
    if min(len(one), len(other)) < FEWEST_LETTERS:
        return float(one == other)
    pairs, others = Counter(_pairs(one)), Counter(_pairs(other))
    return 2 * (pairs & others).total() / (pairs.total() + others.total())


def letters(text: str) -> str:
    """Return a text as wordings are compared: folded, nothing but letters and digits."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def _parts(text: str) -> set[str]:
    """What a text is found by: its pairs, or all of a text of one letter."""
    return set(_pairs(text)) or ({text} if text else set())
