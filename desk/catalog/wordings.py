"""Is a message one of the wordings that an approved answer names?"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from desk.catalog.models import Faq
from desk.catalog.search_text import fold

SAME_WORDING = 0.8
"""Share of common pairs of characters (Dice) from which a message is a phrasing: a particle more
or less, not another question (own examples in tests/desk/knowledge/test_faq.py)."""
FEWEST_LETTERS = 4
"""Shorter messages must be a phrasing as it stands."""


class Wordings:
    """The wordings of answers, found by the pairs of characters they have in common.

    Args:
        rows: answers that may be given.
        with_questions: the rows' own questions count beside their phrasings.
    """

    def __init__(self, rows: Iterable[Faq], *, with_questions: bool) -> None:
        self._known: list[tuple[str, Faq]] = []
        self._places: dict[str, set[int]] = defaultdict(set)
        for row in rows:
            texts = [*row.phrasings, row.question] if with_questions else row.phrasings
            for text in texts:
                self._add(letters(text), row)

    def find(self, text: str) -> Faq | None:
        """Return the answer whose wording this is, the likest first, then by code."""
        wanted = letters(text)
        near = {place for part in _parts(wanted) for place in self._places.get(part, ())}
        alike = [
            (-likeness(wanted, known), row.code, place)
            for place in near
            for known, row in (self._known[place],)
        ]
        best = min(alike, default=None)
        return self._known[best[2]][1] if best and -best[0] >= SAME_WORDING else None

    def _add(self, wording: str, row: Faq) -> None:
        for part in _parts(wording):
            self._places[part].add(len(self._known))
        self._known.append((wording, row))


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
