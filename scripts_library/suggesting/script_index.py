"""The search index over scripts: words by BM25, meaning by sentence vectors, kept on disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from scripts_library.suggesting.bm25 import Bm25Index
from scripts_library.suggesting.library import Script
from scripts_library.suggesting.words import words_of
from scripts_library.text.embedding import Embedder, Vectors

FORMAT = "1"
SHORTLIST = 200
WORD_SHARE = 0.6
BASELINE_PAIRS = 2000

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Features:
    """What a script is found by: its words, and one vector for each of its `views`."""

    words: tuple[str, ...]
    vectors: Vectors


def views(script: Script) -> list[str]:
    """Texts that stand for a script: its questions, or its own text if it has none."""
    return list(script.asks) or [script.text]


def make_features(scripts: Sequence[Script], embedder: Embedder | None) -> list[Features]:
    """Return the features of scripts in their order; the cost is the embedder's."""
    features = []
    for script in scripts:
        words = words_of("，".join((*script.asks, *script.keywords, script.text)))
        vectors = embedder.encode(views(script)) if embedder else np.zeros((0, 0), dtype=np.float32)
        features.append(Features(tuple(words), vectors))
    return features


class RowGroups:
    """Rows of the index by a name (topic or step), as arrays that are made anew after a change."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}
        self._arrays: dict[str, NDArray[np.int64]] = {}

    def add(self, name: str, row: int) -> None:
        self._rows.setdefault(name, []).append(row)
        self._arrays.pop(name, None)

    def remove(self, name: str, row: int) -> None:
        self._rows[name].remove(row)
        self._arrays.pop(name, None)

    def arrays(self) -> Mapping[str, NDArray[np.int64]]:
        """Return name -> rows; names without rows are left out."""
        for name, rows in self._rows.items():
            if rows and name not in self._arrays:
                self._arrays[name] = np.array(rows, dtype=np.int64)
        return self._arrays


class ScriptIndex:
    """Rows of scripts. A removed script leaves an empty row that is reused by the next one added.

    Args:
        scripts: ids unique (ValueError otherwise).
        embedder: None for words alone.
        cache_dir: the features of this very set of scripts are kept in a file here.
    """

    def __init__(
        self, scripts: Sequence[Script], embedder: Embedder | None, cache_dir: Path | None = None
    ) -> None:
        self._embedder = embedder
        self._bm25 = Bm25Index()
        self.scripts: list[Script | None] = []
        self._features: list[Features] = []
        self._rows: dict[str, int] = {}
        self._centroids: Vectors = np.zeros(
            (max(64, len(scripts)), embedder.dim if embedder else 0), dtype=np.float32
        )
        for script, features in zip(scripts, self._load(scripts, cache_dir), strict=True):
            self._put(script, features)
        self._baseline = self._measure_baseline()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, script_id: str) -> bool:
        return script_id in self._rows

    def add(self, script: Script) -> int:
        """Add a script and return its row."""
        return self._put(script, make_features([script], self._embedder)[0])

    def remove(self, script_id: str) -> int:
        """Take a script out and return the row it had. Raises KeyError."""
        row = self._rows.pop(script_id)
        self._bm25.remove(row, self._features[row].words)
        self.scripts[row] = None
        self._centroids[row] = 0
        return row

    def row(self, script_id: str) -> int | None:
        return self._rows.get(script_id)

    def knows(self, word: str) -> bool:
        """Tell whether any script has this word."""
        return self._bm25.knows(word)

    def evidence(self, query: str, words: Sequence[str]) -> Numbers:
        """Return float64 of shape `(rows,)`, 0-1: how far each script is about the query."""
        lexical = self._lexical(words)
        if self._embedder is None or not len(self):
            return lexical
        vector = self._embedder.encode([query])[0]
        similar = self._scaled(self._centroids[: len(self.scripts)] @ vector)
        rough = lexical + similar
        near = [row for row in np.argsort(-rough)[:SHORTLIST].tolist() if self.scripts[row]]
        similar[near] = self._scaled(
            np.array([(self._features[row].vectors @ vector).max() for row in near])
        )
        total: Numbers = WORD_SHARE * lexical + (1 - WORD_SHARE) * similar
        return total

    def closest_view(self, row: int, query: str, words: Sequence[str]) -> str:
        """Return the question of a script that is nearest to the query; "" if none is near."""
        script = self.scripts[row]
        if script is None or not script.asks:
            return ""
        wanted = set(words)
        shared = [len(wanted & set(words_of(ask))) / 4 for ask in script.asks]
        total = np.array(shared)
        if self._embedder is not None:
            total += self._scaled(self._features[row].vectors @ self._embedder.encode([query])[0])
        best = int(np.argmax(total))
        return script.asks[best] if total[best] > 0 else ""

    def _lexical(self, words: Sequence[str]) -> Numbers:
        ideal = sum(self._bm25.idf(word) for word in words)
        scores = self._bm25.scores(words)
        return np.minimum(scores / ideal, 1.0) if ideal > 0 else np.zeros_like(scores)

    def _scaled(self, cosine: Any) -> Any:
        """Stretch cosines so that 0 is what two random scripts have, and 1 equality."""
        return np.clip((cosine - self._baseline) / (1 - self._baseline), 0.0, 1.0)

    def _put(self, script: Script, features: Features) -> int:
        if script.id in self._rows:
            raise ValueError(f"script id {script.id} is there already")
        row = self._bm25.add(features.words)
        self.scripts.append(script)
        self._features.append(features)
        self._rows[script.id] = row
        if row >= len(self._centroids):
            self._centroids = np.concatenate([self._centroids, np.zeros_like(self._centroids)])
        if len(features.vectors):
            mean = features.vectors.mean(axis=0)
            self._centroids[row] = mean / (np.linalg.norm(mean) or 1.0)
        return row

    def _measure_baseline(self) -> float:
        """Mean cosine of neighbouring scripts' centroids, at least 0: what unrelated texts have."""
        used = self._centroids[: len(self.scripts)]
        if self._embedder is None or len(used) < 2:
            return 0.0
        picks = np.random.default_rng(0).integers(0, len(used), size=(BASELINE_PAIRS, 2))
        picks = picks[picks[:, 0] != picks[:, 1]]
        cosines = np.sum(used[picks[:, 0]] * used[picks[:, 1]], axis=1)
        return float(min(max(cosines.mean(), 0.0), 0.98))

    def _load(self, scripts: Sequence[Script], cache_dir: Path | None) -> list[Features]:
        if cache_dir is None:
            return make_features(scripts, self._embedder)
        path = cache_dir / f"scripts-{_digest(scripts, self._embedder)[:32]}.npz"
        cached = _read_cache(path, len(scripts))
        if cached is None:
            cached = make_features(scripts, self._embedder)
            _write_cache(path, cached)
        return cached


def _digest(scripts: Sequence[Script], embedder: Embedder | None) -> str:
    """Name of the cached index: changes with any script, the embedder or the format."""
    digest = sha256(f"{FORMAT} {embedder_name(embedder)}".encode())
    for script in scripts:
        parts = (script.id, script.text, *script.asks, "", *script.keywords)
        digest.update(json.dumps(parts, ensure_ascii=False).encode())
    return digest.hexdigest()


def embedder_name(embedder: Embedder | None) -> str:
    """Return a name that differs where vectors differ (`fingerprint` if the embedder has it)."""
    if embedder is None:
        return "none"
    return f"{type(embedder).__name__}-{embedder.dim}-{getattr(embedder, 'fingerprint', '')}"


def _read_cache(path: Path, count: int) -> list[Features] | None:
    """Return the cached features, or None where the file is missing, damaged or of another set."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            words = json.loads(stored["words"].tobytes().decode("utf-8"))
            vectors, ends = stored["vectors"], stored["ends"]
    except (OSError, ValueError, KeyError, BadZipFile, EOFError):
        return None
    if len(words) != count or len(ends) != count + 1:
        return None
    return [
        Features(tuple(own), vectors[start:end])
        for own, (start, end) in zip(words, pairwise(ends.tolist()), strict=True)
    ]


def _write_cache(path: Path, features: Sequence[Features]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    words = json.dumps([f.words for f in features], ensure_ascii=False).encode("utf-8")
    ends = np.cumsum([0, *(len(f.vectors) for f in features)])
    vectors = [f.vectors for f in features if len(f.vectors)]
    temporary = path.with_name(f"{path.stem}.tmp.npz")
    np.savez(
        temporary,
        words=np.frombuffer(words, dtype=np.uint8),
        vectors=np.concatenate(vectors) if vectors else np.zeros((0, 0), dtype=np.float32),
        ends=ends,
    )
    temporary.replace(path)
