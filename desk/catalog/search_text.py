"""What a row is found by: its texts, their pinyin and the first letters of their syllables."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

INDEXED = 200
"""Code points of one text whose sounds are kept."""


def fold(text: str) -> str:
    """Return a text as rows and queries are compared: half width, lower case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def searchable(texts: Iterable[str | None]) -> str:
    """Return the lines a row is searched by: each text, its syllables, their first letters."""
    return "\n".join(_lines(text[:INDEXED]) for text in texts if text)


def search_words(typed: str) -> list[str]:
    """Return the words of a query, all of which must be found; at most five."""
    return [fold(word) for word in typed.split()][:5]


@lru_cache(maxsize=20_000)
def _lines(text: str) -> str:
    # Only staff write and search these rows, and the readings of all characters take 11 MiB.
    from scripts_library.text.pinyin import syllables

    folded = fold(text)
    spoken = syllables(folded)
    sounds = "".join(spoken)
    if sounds == folded:
        return folded
    return "\n".join((folded, sounds, "".join(one[0] for one in spoken if one)))
