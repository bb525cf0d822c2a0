"""Chinese words of a folded text, by jieba with the company's words added."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock

import jieba

MAX_CHARACTERS = 2000
"""Segmented at most; the rest of a longer message stays one word (bounded time)."""

_USER_FREQUENCY = 20_000


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its half-open span in the segmented text."""

    text: str
    start: int
    end: int


class Segmenter:
    """A jieba tokenizer of its own (0.7 s to load, at the first use); safe for threads."""

    def __init__(self, user_words: Sequence[str] = ()) -> None:
        self._user_words = tuple(user_words)
        self._tokenizer: jieba.Tokenizer | None = None
        self._lock = Lock()

    def split(self, text: str) -> list[Word]:
        """Return the words in order, white space left out; words and gaps cover the text."""
        tokenizer = self._loaded()
        found = [Word(w, s, e) for w, s, e in tokenizer.tokenize(text[:MAX_CHARACTERS])]
        if len(text) > MAX_CHARACTERS:
            found.append(Word(text[MAX_CHARACTERS:], MAX_CHARACTERS, len(text)))
        return [word for word in found if word.text.strip()]

    def has(self, word: str) -> bool:
        """Tell whether the dictionary has the word."""
        return bool(self._loaded().FREQ.get(word))

    def _loaded(self) -> jieba.Tokenizer:
        with self._lock:
            if self._tokenizer is None:
                jieba.setLogLevel(logging.WARNING)
                self._tokenizer = jieba.Tokenizer()
                self._tokenizer.initialize()
                for word in self._user_words:
                    self._tokenizer.add_word(word, _USER_FREQUENCY)
            return self._tokenizer


@cache
def segmenter(user_words: tuple[str, ...] = ()) -> Segmenter:
    """Return the shared segmenter for these company words."""
    return Segmenter(user_words)
