"""Find the patterns of all rules in one pass with an Aho-Corasick automaton."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from daachorse import CharwiseDoubleArrayAhoCorasick, DoubleArrayAhoCorasick

from scripts_library.checking.templates import Template

Span = tuple[int, int]
Search = Callable[[str, int, int], Span | None]
"""From a text and the span of a literal in it to the span of the pattern there."""

Found = tuple[int, int, int]
"""A literal the automaton found: the characters it spans, and its number."""

MAX_HITS_PER_PATTERN = 200
MAX_TRIES_PER_PATTERN = 1000


class Hit(NamedTuple):
    """A place where a pattern matches: code points of the searched text, half-open."""

    start: int
    end: int
    pattern: int


class _User(NamedTuple):
    """A pattern that has a literal.

    The literal begins with `front` and ends with `back` characters that only stand beside the
    pattern's own; if `previous` or `following` is given, one of these has to stand there.
    """

    pattern: int
    front: int
    back: int
    previous: frozenset[str] | None
    following: frozenset[str] | None


@lru_cache(maxsize=8192)
def compiled(source: str) -> re.Pattern[str]:
    """Return the compiled regular expression; compiled at the first use, not while loading."""
    return re.compile(source)


class Scanner:
    """Searches a text for many templates at once.

    Build costs about 1 µs a literal; a scan about 15 ns a character and, where literals of a
    pattern with gaps occur, one regular expression over the neighbourhood.

    Attributes:
        search: returns the literals found in a text or its echo, for `confirm`; mostly few.
    """

    def __init__(
        self,
        templates: Sequence[Template],
        phrases: Sequence[str] = (),
        *,
        echo: Callable[[str], bytes] | None = None,
        marks: Sequence[bytes] = (),
    ) -> None:
        """Build the automaton.

        Args:
            templates: the patterns.
            phrases: plain words that share the pattern after the last.
            echo: how `search` is given the text, in one byte a character, which several characters
                may share; None: as it is.
            marks: what `search` finds on the way for `has_mark`, as it is given the text.
        """
        whole = Template("", (), None, 0)
        self._templates = (*templates, whole) if phrases else tuple(templates)
        self._searches: list[Search | None] = [None] * len(self._templates)
        users: dict[str, tuple[_User, ...]] = {}
        if phrases:
            users = dict.fromkeys(phrases, (_User(len(templates), 0, 0, None, None),))
        for index, template in enumerate(templates):
            user = (_User(index, 0, 0, template.previous, template.following),)
            for literal in template.literals:
                users[literal] = users[literal] + user if literal in users else user
            for literal, front, back in template.flanked:
                user = (_User(index, front, back, None, None),)
                users[literal] = users[literal] + user if literal in users else user
        self._users = (*users.values(), *([()] * len(marks)))
        self._literals = [*users, *([""] * len(marks))] if echo else None
        self._first_mark = len(users)
        if echo:
            echoes = DoubleArrayAhoCorasick([*map(echo, users), *marks])
            self.search: Callable[[Any], Sequence[Found]] = echoes.find_overlapping
        else:
            self.search = CharwiseDoubleArrayAhoCorasick(list(users)).find_overlapping

    def find(self, text: str) -> Sequence[Hit]:
        """Return the hits of all patterns in `text`, in no special order, without doubles.

        At most `MAX_HITS_PER_PATTERN` hits are returned and `MAX_TRIES_PER_PATTERN` places looked
        at for each pattern, so the time is bounded.
        """
        return self.confirm(self.search(text), text)

    def has_mark(self, raw: Sequence[Found]) -> bool:
        """Tell whether one of the marks is among what was found."""
        first = self._first_mark
        return any(found[2] >= first for found in raw)

    def confirm(self, raw: Sequence[Found], text: str) -> Sequence[Hit]:
        """Return what the patterns make of the literals found; the inner loop of every check."""
        hits: dict[tuple[int, int, int], None] = {}
        reached: dict[int, int] = {}
        tries: dict[int, int] = {}
        is_long = len(raw) > MAX_TRIES_PER_PATTERN
        users, searches, literals = self._users, self._searches, self._literals
        for first, last, number in raw:
            if literals and text[first:last] != literals[number]:
                continue
            for index, front, back, previous, following in users[number]:
                start, end = first + front, last - back
                if following is not None and text[end : end + 1] not in following:
                    continue
                if previous is not None and (not start or text[start - 1] not in previous):
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
    pattern = compiled(template.regex() if template.regex else "")
    match, search = pattern.match, pattern.search
    before, width = template.before, template.width + 1

    def at_start(text: str, start: int, end: int) -> Span | None:
        found = match(text, start)
        return found.span() if found else None

    def anywhere(text: str, start: int, end: int) -> Span | None:
        low, high = start - before if start > before else 0, start + width
        while low <= start:
            found = search(text, low, high)
            if found is None or found.start() > start:
                return None
            if found.end() >= end and (found.end() < high or high >= len(text)):
                return found.span()
            low = found.start() + 1
        return None

    if not before:
        return at_start
    if template.rest is None:
        return anywhere
    rest = compiled(template.rest()).match

    def around(text: str, start: int, end: int) -> Span | None:
        return anywhere(text, start, end) if rest(text, start, start + width) else None

    if template.ahead is None:
        return around
    ahead = compiled(template.ahead()).search

    def behind(text: str, start: int, end: int) -> Span | None:
        low = start - before if start > before else 0
        return around(text, start, end) if ahead(text, low, start) else None

    return behind


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
