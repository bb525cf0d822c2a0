"""A BM25 index that can change: add and remove documents one at a time, scores always exact.

The `bm25s` package scores the same way (its default, Lucene's formula; a test compares the two) but
has to be built anew for every change, about half a second for 10,000 scripts.
"""

from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1 = 1.5
B = 0.75

Scores = NDArray[np.float64]


class Bm25Index:
    """Documents are rows numbered from 0 in the order of `add`; a removed row scores 0 for ever."""

    def __init__(self) -> None:
        self._rows: dict[str, array[int]] = {}
        self._counts: dict[str, array[float]] = {}
        self._frequency: Counter[str] = Counter()
        self._lengths: array[float] = array("d")
        self._alive: array[int] = array("b")
        self._total_length = 0.0
        self._size = 0

    def __len__(self) -> int:
        """Number of live documents."""
        return self._size

    def add(self, tokens: Sequence[str]) -> int:
        """Add a document and return its row."""
        row = len(self._lengths)
        for token, count in Counter(tokens).items():
            self._rows.setdefault(token, array("l")).append(row)
            self._counts.setdefault(token, array("d")).append(float(count))
            self._frequency[token] += 1
        self._lengths.append(float(len(tokens)))
        self._alive.append(1)
        self._total_length += len(tokens)
        self._size += 1
        return row

    def remove(self, row: int, tokens: Sequence[str]) -> None:
        """Remove a row that `add` returned, with the tokens it was added with."""
        if not self._alive[row]:
            return
        self._alive[row] = 0
        for token in set(tokens):
            self._frequency[token] -= 1
        self._total_length -= len(tokens)
        self._size -= 1

    def knows(self, token: str) -> bool:
        """Tell whether a live document has the token."""
        return self._frequency.get(token, 0) > 0

    def idf(self, token: str) -> float:
        """Weight of a token, >= 0; a token that no document has weighs as the rarest."""
        found = self._frequency.get(token, 0)
        return float(np.log(1 + (self._size - found + 0.5) / (found + 0.5)))

    def scores(self, tokens: Sequence[str]) -> Scores:
        """Return float64 of shape `(rows,)`: the BM25 score of every row, removed ones 0."""
        total = np.zeros(len(self._lengths))
        if not self._size:
            return total
        lengths = np.frombuffer(self._lengths, dtype=np.float64)
        norm = K1 * (1 - B + B * lengths * self._size / max(self._total_length, 1.0))
        for token, times in Counter(tokens).items():
            if token in self._rows:
                rows = np.frombuffer(self._rows[token], dtype=np.int64)
                counts = np.frombuffer(self._counts[token], dtype=np.float64)
                total[rows] += times * self.idf(token) * counts / (counts + norm[rows])
        return total * np.frombuffer(self._alive, dtype=np.int8)
