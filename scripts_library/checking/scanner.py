"""Find the patterns of all rules in one pass with an Aho-Corasick automaton."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from scripts_library.checking.templates import Template
from scripts_library.text.codes import LAST_UNIT, codes_of, units_of

Span = tuple[int, int]
Search = Callable[[str, int, int], Span | None]
"""From a text and the span of a literal in it to the span of the pattern there."""

MAX_HITS_PER_PATTERN = 200
MAX_TRIES_PER_PATTERN = 1000


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

    def __init__(self, templates: Sequence[Template], phrases: Sequence[str] = ()) -> None:
        """Build the automaton; `phrases` are plain words that share the pattern after the last."""
        shared = (len(templates),)
        users: dict[str, tuple[int, ...]] = dict.fromkeys(phrases, shared)
        for index, template in enumerate(templates):
            for literal in template.literals:
                users[literal] = (*users.get(literal, ()), index)
        whole = Template("", (), None, 0)
        self._templates = (*templates, whole) if phrases else tuple(templates)
        self._users = tuple(users.values())
        self._unsure = {i: text for i, text in enumerate(users) if max(text) >= chr(LAST_UNIT)}
        self._automaton = BytesAhoCorasick(
            [units_of(codes_of(literal)) for literal in users],
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
        )
        self._is_empty = not users
        self._previous = [t.previous if t.before else None for t in self._templates]
        self._following = [t.following for t in self._templates]
        self._searches: list[Search | None] = [None] * len(self._templates)

    def find(self, text: str) -> Sequence[Hit]:
        """Return the hits of all patterns in `text`, in no special order, without doubles.

        At most `MAX_HITS_PER_PATTERN` hits are returned and `MAX_TRIES_PER_PATTERN` places looked
        at for each pattern, so the time is bounded.
        """
        units = text.encode("utf-16-le", "surrogatepass")
        if len(units) != 2 * len(text):
            units = units_of(codes_of(text))
        return self.find_units(units, text)

    def find_units(self, units: bytes, text: str | None = None) -> Sequence[Hit]:
        """Return the hits in a text of 16-bit units (see `text.codes`), as `find` does.

        Args:
            text: the same text, if it is at hand.
        """
        if self._is_empty:
            return ()
        raw = self._automaton.find_matches_as_indexes(units, overlapping=True)
        if not raw:
            return ()
        return self._confirm(raw, units.decode("utf-16-le") if text is None else text)

    def _confirm(self, raw: Sequence[tuple[int, int, int]], text: str) -> Sequence[Hit]:
        """Return what the patterns make of the literals found; the inner loop of every check."""
        hits: dict[tuple[int, int, int], None] = {}
        reached: dict[int, int] = {}
        tries: dict[int, int] = {}
        is_long = len(raw) > MAX_TRIES_PER_PATTERN
        before_each, after_each = self._previous, self._following
        users, searches, unsure = self._users, self._searches, self._unsure
        for literal, first, last in raw:
            if first & 1:
                continue
            start, end = first >> 1, last >> 1
            if unsure and text[start:end] != unsure.get(literal, text[start:end]):
                continue
            previous, following = text[start - 1 : start] if start else "", text[end : end + 1]
            for index in users[literal]:
                allowed = after_each[index]
                if allowed is not None and following not in allowed:
                    continue
                allowed = before_each[index]
                if allowed is not None and previous not in allowed:
                    continue
                search = searches[index] or self._search(index)
                if search is _AS_IT_STANDS:
                    hits[start, end, index] = None
                    continue
                if is_long:
                    tries[index] = tries.get(index, 0) + 1
                    if tries[index] > MAX_TRIES_PER_PATTERN:
                        continue
                if reached and reached.get(index, 0) >= end:
                    continue
                span = search(text, start, end)
                if span:
                    hits[span[0], span[1], index] = None
                    reached[index] = span[1]
        if not hits:
            return ()
        if len(hits) > MAX_HITS_PER_PATTERN:
            return _first_of_each(hits)
        return [Hit(start, end, index) for start, end, index in hits]

    def _search(self, index: int) -> Search:
        """Return how pattern `index` is confirmed; made at its first try, not while loading."""
        template = self._templates[index]
        search = _AS_IT_STANDS if template.regex is None else _make_search(template)
        self._searches[index] = search
        return search


def _as_it_stands(text: str, start: int, end: int) -> Span | None:
    return start, end


_AS_IT_STANDS: Search = _as_it_stands


def _make_search(template: Template) -> Search:
    pattern = compiled(template.regex or "")
    match, search = pattern.match, pattern.search
    before, width = template.before, template.width + 1

    def at_start(text: str, start: int, end: int) -> Span | None:
        found = match(text, start)
        return found.span() if found else None

    def around(text: str, start: int, end: int) -> Span | None:
        low, high = start - before if start > before else 0, start + width
        while low <= start:
            found = search(text, low, high)
            if found is None or found.start() > start:
                return None
            if found.end() >= end and (found.end() < high or high >= len(text)):
                return found.span()
            low = found.start() + 1
        return None

    return around if before else at_start


def _first_of_each(hits: Iterable[tuple[int, int, int]]) -> list[Hit]:
    """Return at most `MAX_HITS_PER_PATTERN` hits of each pattern."""
    counts: dict[int, int] = {}
    kept = []
    for start, end, index in hits:
        counts[index] = counts.get(index, 0) + 1
        if counts[index] <= MAX_HITS_PER_PATTERN:
            kept.append(Hit(start, end, index))
    return kept


def naive_find(literals: Sequence[str], text: str) -> set[tuple[int, int, str]]:
    """Return `(start, end, literal)` of every occurrence by plain searching; for tests."""
    found = set()
    for literal in literals:
        at = text.find(literal)
        while at >= 0:
            found.add((at, at + len(literal), literal))
            at = text.find(literal, at + 1)
    return found
