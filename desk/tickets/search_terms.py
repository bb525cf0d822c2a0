"""What full-text search stores of a text and looks for: one way of cutting for all databases.

A run of Chinese characters becomes its overlapping pairs and, at its end, the last character:
`漏水了` is `漏水 水了 了`. So any part of a run is a phrase of pairs, whatever a dictionary would
call a word. Other letters and digits stay whole words. Everything is Simplified, half width and
in lower case first.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from scripts_library.text.chinese import to_simplified

MOST_TERMS = 12_000
"""Terms kept of one ticket: PostgreSQL counts positions up to 16,383."""
MOST_QUERY_TERMS = 60
LONGEST_WORD = 64
PREFIX_FROM = 3
"""A last word of at least so many letters or digits also finds longer ones: `DD2026`."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〇"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(f"[{_HAN}]")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand next to each other; with `is_prefix` the last may go on."""

    terms: tuple[str, ...]
    is_prefix: bool


def plain(text: str) -> str:
    """Return a text as it is compared: Simplified, half width, lower case."""
    return to_simplified(unicodedata.normalize("NFKC", text)).lower()


def index_terms(texts: Iterable[str | None]) -> list[str]:
    """Return the terms of some texts in order, at most `MOST_TERMS`."""
    terms: list[str] = []
    for run in _RUN.findall(plain("\n".join(text for text in texts if text))):
        terms += _cut(run)
        if len(terms) >= MOST_TERMS:
            return terms[:MOST_TERMS]
    return terms


def query_phrases(text: str) -> list[Phrase]:
    """Return what must all occur for a text typed by a person; parts are divided by spaces.

    Empty if nothing in it can be searched for (only punctuation, say).
    """
    phrases, left = [], MOST_QUERY_TERMS
    for part in plain(text).split():
        phrase = _phrase(_RUN.findall(part)[:left])
        if phrase and left >= len(phrase.terms):
            phrases.append(phrase)
            left -= len(phrase.terms)
    return phrases


def fts5_query(phrases: Iterable[Phrase]) -> str:
    """Return the phrases in the language of SQLite's FTS5. Terms hold no quotes."""
    return " AND ".join(
        f'"{" ".join(phrase.terms)}"{"*" if phrase.is_prefix else ""}' for phrase in phrases
    )


def tsquery(phrases: Iterable[Phrase]) -> str:
    """Return the phrases as a PostgreSQL `tsquery`."""
    return " & ".join(f"({_ts_phrase(phrase)})" for phrase in phrases)


def tsvector(terms: Iterable[str]) -> str:
    """Return the terms with their positions as a PostgreSQL `tsvector`."""
    places: dict[str, list[int]] = {}
    for position, term in enumerate(terms, start=1):
        places.setdefault(term, []).append(position)
    return " ".join(f"'{term}':{','.join(map(str, found))}" for term, found in places.items())


def _ts_phrase(phrase: Phrase) -> str:
    quoted = [f"'{term}'" for term in phrase.terms]
    if phrase.is_prefix:
        quoted[-1] += ":*"
    return " <-> ".join(quoted)


def _phrase(runs: list[str]) -> Phrase | None:
    if not runs:
        return None
    terms = [term for run in runs[:-1] for term in _cut(run)]
    last = runs[-1]
    if not _IS_HAN.match(last):
        return Phrase((*terms, last[:LONGEST_WORD]), len(last) >= PREFIX_FROM)
    if len(last) == 1:
        return Phrase((*terms, last), True)
    # The run may go on in the text, so its last character alone is not asked for.
    return Phrase((*terms, *_cut(last)[:-1]), False)


def _cut(run: str) -> list[str]:
    if not _IS_HAN.match(run):
        return [run[:LONGEST_WORD]]
    return [run[start : start + 2] for start in range(len(run))]
