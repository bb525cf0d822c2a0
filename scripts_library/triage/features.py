"""Numbers a complaint is judged by: character n-grams of its text and head, an embedding.

The head is the title or first sentence; it counts extra, because a letter names its matter there
and then tells a long story.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts_library.text.embedding import Embedder

Floats = NDArray[np.float32]

HEAD_LIMIT = 60
BODY_LIMIT = 600
EMBEDDED_BODY = 120
"""Characters that are embedded: time grows with length, and the head adds nothing to the body."""
HEAD_WEIGHT = 1.0
LONGEST_GRAM = 3

_SENTENCE_END = re.compile(r"[。！？!?\n]")
_PLACE_CODE = re.compile(r"[a-z]\d*(?=[市区县])[市区县]")
_DIGITS = re.compile(r"\d+")
_BREAK = re.compile(r"[^\w]+")


def head_end(text: str) -> int:
    """Return where the title or first sentence ends (at most `HEAD_LIMIT` characters)."""
    found = _SENTENCE_END.search(text, 0, HEAD_LIMIT)
    return found.end() if found else min(len(text), HEAD_LIMIT)


def plain(text: str) -> str:
    """Return the text without what only names a place or a number."""
    return _DIGITS.sub("0", _PLACE_CODE.sub("", text))


def grams(text: str) -> Iterable[str]:
    """Return every n-gram of 1 to `LONGEST_GRAM` characters that crosses no punctuation."""
    return (
        chunk[start : start + size]
        for chunk in _BREAK.split(plain(text)[:BODY_LIMIT])
        for size in range(1, LONGEST_GRAM + 1)
        for start in range(len(chunk) - size + 1)
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The n-grams known from training, with their inverse document frequency."""

    columns: dict[str, int]
    idf: Floats

    @classmethod
    def learn(cls, texts: Sequence[str], least: int = 2) -> "Vocabulary":
        """Keep the n-grams of at least `least` texts, in sorted order."""
        counts = Counter(gram for text in texts for gram in set(grams(text)))
        kept = sorted(gram for gram, count in counts.items() if count >= least)
        frequency = np.array([counts[gram] for gram in kept], dtype=np.float64)
        idf = np.log((1 + len(texts)) / (1 + frequency)) + 1
        return cls({gram: column for column, gram in enumerate(kept)}, idf.astype(np.float32))

    def weigh(self, text: str) -> dict[int, float]:
        """Return the weight per column: the text's TF-IDF plus the head's, each of length 1."""
        body, head = self._tfidf(text), self._tfidf(text[: head_end(text)])
        for column, value in head.items():
            body[column] = body.get(column, 0.0) + HEAD_WEIGHT * value
        return body

    def _tfidf(self, text: str) -> dict[int, float]:
        counts = Counter(self.columns[gram] for gram in grams(text) if gram in self.columns)
        values = {c: (1 + np.log(n)) * float(self.idf[c]) for c, n in counts.items()}
        length = float(np.sqrt(sum(value * value for value in values.values())))
        return {column: value / length for column, value in values.items()}


def embed(texts: Sequence[str], embedder: Embedder) -> Floats:
    """Return vectors of the beginnings of texts, shape `(len(texts), dim)`."""
    return embedder.encode([text[:EMBEDDED_BODY] for text in texts])
