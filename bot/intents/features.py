"""Character and word n-grams of a folded message as TF-IDF."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

MAX_CHARACTERS = 600
LONGEST_GRAM = 4
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SPACE = re.compile(r"\s+")


def grams(text: str, words: Sequence[str]) -> Counter[str]:
    """Count the n-grams of a folded text: 1-4 characters with its borders, 1-2 words.

    Digits are masked (「134万」 and 「98万」 are the same to an intent).
    """
    masked = _SPACE.sub(" ", _NUMBER.sub("0", text[:MAX_CHARACTERS])).strip()
    framed = f"\x02{masked}\x03"
    counts: Counter[str] = Counter(
        framed[i : i + n] for n in range(1, LONGEST_GRAM + 1) for i in range(len(framed) - n + 1)
    )
    plain = [_NUMBER.sub("0", word) for word in words]
    counts.update(f"w:{word}" for word in plain)
    counts.update(f"w:{a} {b}" for a, b in pairwise(plain))
    return counts


@dataclass(frozen=True, slots=True)
class GramSpace:
    """A vocabulary with inverse document frequencies; rows are of length 1."""

    vocabulary: dict[str, int]
    idf: NDArray[np.float32]

    @classmethod
    def fit(cls, documents: Sequence[Counter[str]], *, fewest: int = 2) -> "GramSpace":
        """Learn the grams that at least `fewest` documents have."""
        frequency: Counter[str] = Counter()
        for document in documents:
            frequency.update(document.keys())
        kept = sorted(gram for gram, n in frequency.items() if n >= fewest)
        counts = np.array([frequency[gram] for gram in kept], dtype=np.float32)
        idf = np.log((1 + len(documents)) / (1 + counts)) + 1
        return cls({gram: i for i, gram in enumerate(kept)}, idf.astype(np.float32))

    def weights(self, document: Counter[str]) -> tuple[list[int], NDArray[np.float32]]:
        """Return the columns that a document has and its values there, of length 1 as a whole."""
        known = [gram for gram in document if gram in self.vocabulary]
        ids = [self.vocabulary[gram] for gram in known]
        counts = np.array([document[gram] for gram in known], np.float32)
        values = (1 + np.log(counts)) * self.idf[ids] if ids else counts
        norm = float(np.linalg.norm(values)) or 1.0
        return ids, (values / norm).astype(np.float32)

    def rows(self, documents: Iterable[Counter[str]]) -> csr_matrix:
        """Return float32 of shape (documents, vocabulary)."""
        indices: list[int] = []
        values: list[NDArray[np.float32]] = []
        borders = [0]
        for document in documents:
            ids, weights = self.weights(document)
            indices.extend(ids)
            values.append(weights)
            borders.append(len(indices))
        data = np.concatenate(values) if values else np.zeros(0, np.float32)
        return csr_matrix(
            (data, indices, borders),
            shape=(len(borders) - 1, len(self.vocabulary)),
            dtype=np.float32,
        )
