"""Chinese word segmentation by jieba, quiet, loaded at the first call, safe for threads."""

import logging
from collections.abc import Iterable
from functools import cache
from threading import Lock
from types import ModuleType

_lock = Lock()


@cache
def _load() -> ModuleType:
    """Load jieba and its 5 MB dictionary once (about 0.7 s)."""
    import jieba

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    return jieba  # type: ignore[no-any-return]


def load_segmenter() -> ModuleType:
    """Return the initialised jieba module; the first call costs about 0.7 s."""
    with _lock:
        return _load()


def segment(text: str) -> list[str]:
    """Return the words of `text` in order; joined they are the text again."""
    return [str(word) for word in load_segmenter().lcut(text)]


def add_words(words: Iterable[str]) -> None:
    """Make these words known as single words, for the whole process."""
    jieba = load_segmenter()
    with _lock:
        for word in words:
            jieba.add_word(word)


def is_known_word(word: str) -> bool:
    """Tell whether the word is in jieba's dictionary."""
    return word_frequency(word) > 0


def word_frequency(word: str) -> int:
    """Return how often jieba's dictionary has counted the word, 0 if it is not in it."""
    return int(load_segmenter().dt.FREQ.get(word) or 0)
