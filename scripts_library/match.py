"""Find the patterns of all rules in one pass with an Aho-Corasick automaton."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from scripts_library.template import Template

MAX_HITS_PER_PATTERN = 200
MAX_TRIES_PER_PATTERN = 1000
SHORT_TEXT = 400
"""Longer texts hold nearly every common character: the cheap test is not worth making."""


class Hit(NamedTuple):
    """A place where a pattern matches: code points of the searched text, half-open."""

    start: int
    end: int
    pattern: int


@lru_cache(maxsize=8192)
def compiled(source: str) -> re.Pattern[str]:
    """Return the compiled regular expression; compiled at the first use, not while loading."""
    return re.compile(source)


class Scanner:
    """Searches a text for many templates at once.

    Build costs about 1 µs a literal; a scan about 40 ns a character and, where literals of a
    pattern with gaps occur, one regular expression over the neighbourhood.
    """

    def __init__(self, templates: Sequence[Template]) -> None:
        self._templates = tuple(templates)
        users: dict[str, list[int]] = {}
        for index, template in enumerate(self._templates):
            for literal in template.literals:
                users.setdefault(literal, []).append(index)
        self._users = tuple(tuple(indices) for indices in users.values())
        self._automaton = AhoCorasick(
            list(users), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )
        self._is_empty = not users

    def find(self, text: str) -> Sequence[Hit]:
        """Return the hits of all patterns in `text`, in no special order, without doubles.

        At most `MAX_HITS_PER_PATTERN` hits are returned and `MAX_TRIES_PER_PATTERN` places looked
        at for each pattern, so the time is bounded.
        """
        if self._is_empty:
            return ()
        raw = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return self._confirm(raw, text) if raw else ()

    def _confirm(self, raw: Iterable[tuple[int, int, int]], text: str) -> Sequence[Hit]:
        hits: dict[Hit, None] = {}
        counts: dict[int, int] = {}
        tries: dict[int, int] = {}
        searched: dict[int, int] = {}
        present = frozenset(text) if len(text) <= SHORT_TEXT else None
        for literal, start, end in raw:
            for index in self._users[literal]:
                template = self._templates[index]
                if template.regex is None:
                    hit: Hit | None = Hit(start, end, index)
                elif searched.get(index, 0) >= end or tries.get(index, 0) >= MAX_TRIES_PER_PATTERN:
                    continue
                elif present is not None and _lacks(template, text, present):
                    searched[index] = len(text)
                    continue
                else:
                    tries[index] = tries.get(index, 0) + 1
                    hit = _search(template, text, start, end)
                    if hit:
                        hit = Hit(hit.start, hit.end, index)
                        searched[index] = hit.end
                if hit and hit not in hits:
                    counts[index] = counts.get(index, 0) + 1
                    if counts[index] <= MAX_HITS_PER_PATTERN:
                        hits[hit] = None
        return tuple(hits)


def _lacks(template: Template, text: str, present: frozenset[str]) -> bool:
    for need in template.needs:
        if present.isdisjoint(need):
            return True
    for word in template.company:
        if word in text:
            return False
    return bool(template.company)


def _search(template: Template, text: str, start: int, end: int) -> Hit | None:
    """Return the match of the template that holds `text[start:end]`, if there is one."""
    pattern = compiled(template.regex or "")
    low, high = max(0, end - template.width), min(len(text), start + template.width + 1)
    while True:
        match = pattern.search(text, low, high)
        if match is None or match.start() > start:
            return None
        if match.end() >= end and (match.end() < high or high == len(text)):
            return Hit(match.start(), match.end(), 0)
        low = match.start() + 1


def naive_find(literals: Sequence[str], text: str) -> set[tuple[int, int, str]]:
    """Return `(start, end, literal)` of every occurrence by plain searching; for tests."""
    found = set()
    for literal in literals:
        at = text.find(literal)
        while at >= 0:
            found.add((at, at + len(literal), literal))
            at = text.find(literal, at + 1)
    return found
