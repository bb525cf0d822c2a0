"""Look at a hit in its sentence and say whether it is innocent, and why (stage b).

Runs over jieba words with spaCy's `Matcher` and `PhraseMatcher` on a blank Chinese pipeline, for
the neighbourhood of a hit only; about 0.2 ms a neighbourhood. Nothing loads before the first hit.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scripts_library.checking.rules import Context
from scripts_library.text.segmentation import (
    add_words,
    is_known_word,
    load_segmenter,
    word_frequency,
)

WINDOW = 60
PARTICLES = frozenset("吗呢吧啊呀哦嘛么哈嗯哎诶欸呗啦喽咯耶噢")
SELDOM_ALONE = 8_000
"""Characters with a greater count in jieba's dictionary are words of their own (有、高、来)."""

_SENTENCE_EDGE = re.compile(r"[。！？!?\n；;]")
_QUOTES = {"“": "”", "「": "」", "『": "』", '"': '"', "‘": "’", "'": "'", "《": "》"}


Match = tuple[str, int, int]
"""Context id and code point span (in the searched text) of a context that matches."""


@dataclass(slots=True)
class Neighbourhood:
    """The words about a hit: `text` begins at `low` in the searched text, `doc` has its words.

    `matches` are the contexts that match there, None until they are asked for.
    """

    low: int
    text: str
    doc: Any
    matches: tuple[Match, ...] | None = None


class ContextRules:
    """Context rules ready to run; built once for a rule set (about 1 s with spaCy's import)."""

    def __init__(self, contexts: Sequence[Context], words: Sequence[str]) -> None:
        import spacy
        from spacy.matcher import Matcher, PhraseMatcher

        load_segmenter()
        add_words(words)
        nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
        self._make_doc = nlp.make_doc
        self._contexts = {context.id: context for context in contexts}
        self._matcher = Matcher(nlp.vocab)
        self._phrases = PhraseMatcher(nlp.vocab)
        for context in contexts:
            if context.tokens:
                self._matcher.add(context.id, [list(pattern) for pattern in context.tokens])
            if context.phrases:
                self._phrases.add(context.id, [nlp.make_doc(p) for p in context.phrases])
        self._strings = nlp.vocab.strings

    def look(self, text: str, start: int, end: int) -> Neighbourhood:
        """Segment the neighbourhood of `text[start:end]`."""
        low, high = max(0, start - WINDOW), min(len(text), end + WINDOW)
        window = text[low:high]
        return Neighbourhood(low, window, self._make_doc(window))

    def excuse(self, near: Neighbourhood, start: int, end: int, category: str) -> str | None:
        """Return why the hit at `start:end` is innocent, None if nothing speaks for it."""
        if near.matches is None:
            near.matches = tuple(self._matches(near))
        for name, first, last in near.matches:
            context = self._contexts[name]
            if category in context.categories and _holds(context, near, (start, end, first, last)):
                return context.why
        return None

    def _matches(self, near: Neighbourhood) -> Iterator[Match]:
        """Run all contexts over the words."""
        doc = near.doc
        matchers = [matcher for matcher in (self._matcher, self._phrases) if len(matcher)]
        for key, first, last in (match for matcher in matchers for match in matcher(doc)):
            span = doc[first:last]
            name = self._strings[key]
            yield name, near.low + span.start_char, near.low + span.end_char


def is_cut_out(near: Neighbourhood, start: int, end: int) -> bool:
    """Tell whether a hit begins or ends inside a longer word (「保证」 in 「保证金」)."""
    for word in near.doc:
        first = near.low + word.idx
        last = first + len(word.text)
        if (first < start < last) or (first < end < last):
            return True
    return False


def may_be_disguised(characters: Iterable[str]) -> bool:
    """Tell whether each of them seldom stands alone, so may be a wrong one for the right sound."""
    return all(c not in PARTICLES and word_frequency(c) < SELDOM_ALONE for c in characters)


def is_disguised(near: Neighbourhood, odd: Sequence[int]) -> bool:
    """Tell whether every character in `odd` looks like a wrong character for the right sound.

    That is one which is part of no known word and seldom stands alone.

    Args:
        odd: offsets in the searched text of the characters that differ from the pattern.
    """
    suspects = set()
    for word in near.doc:
        if len(word.text) == 1 or not is_known_word(word.text):
            begin = near.low + word.idx
            suspects |= {begin + i for i, char in enumerate(word.text) if may_be_disguised(char)}
    return bool(odd) and suspects.issuperset(odd)


def _holds(context: Context, near: Neighbourhood, spans: tuple[int, int, int, int]) -> bool:
    start, end, first, last = spans
    if context.place == "before":
        between = near.text[last - near.low : start - near.low]
        return last <= start <= last + context.reach and not _SENTENCE_EDGE.search(between)
    if context.place == "after":
        return end <= first <= end + context.reach
    if context.place == "cover":
        return first < end and start < last
    return any(
        opened < start and end <= closed and first <= opened for opened, closed in _quotations(near)
    )


def _quotations(near: Neighbourhood) -> Iterator[tuple[int, int]]:
    """Yield the offsets (in the searched text) of each pair of quotation marks."""
    at = 0
    while at < len(near.text):
        closing = _QUOTES.get(near.text[at])
        end = near.text.find(closing, at + 1) if closing else -1
        if end > 0:
            yield near.low + at, near.low + end
            at = end
        at += 1
