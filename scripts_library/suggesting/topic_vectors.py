"""Sentence vectors trained on own questions: fast, small, and sharp on the topics of this trade.

multilingual-e5-small costs 10-45 ms a text on one core: too slow to index 10,000 scripts in a
minute or to suggest in 15 ms. This model takes 0.2 ms: a logistic regression from words and
character pieces to topics, whose log-probabilities (with the mean taken away) are the vector.
Texts of one topic point the same way; what tells scripts of a topic apart is left to BM25.

Trained on the questions of the script library, `data/ranking/questions.yml`, the bot's examples in
`data/nlu/` and the complaint letters in `data/triage/`, all own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from ruamel.yaml import YAML

from scripts_library.paths import data_dir, models_dir
from scripts_library.suggesting.library import Script, load_scripts, topic_names
from scripts_library.suggesting.words import words_of
from scripts_library.text.embedding import Vectors

MODEL_NAME = "topic_vectors.npz"
BUCKETS = 2**15
STRENGTH = 8.0
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
_INTENT = re.compile(r"^\s*- intent:\s*([a-z_]+)", re.MULTILINE)


def features_of(text: str) -> list[str]:
    """Return the pieces a text is judged by: words, and 1-3 characters with marks for the ends."""
    words = words_of(text)
    joined = "".join(word for word in words if word != "#")[:200]
    marked = f"^{joined}$"
    pieces = [marked[i : i + n] for n in (1, 2, 3) for i in range(len(marked) - n + 1)]
    return [f"w:{word}" for word in words] + pieces


@cache
def _bucket(feature: str) -> int:
    return int.from_bytes(sha256(feature.encode()).digest()[:4], "big") % BUCKETS


def _counts(text: str) -> list[int]:
    return sorted({_bucket(feature) for feature in features_of(text)})


class TopicVectors:
    """An `Embedder` of one dimension per topic. `load` reads the trained file."""

    def __init__(self, weights: Vectors, bias: Vectors, scale: Vectors, topics: Sequence[str]):
        self._weights = weights
        self._bias = bias
        self._scale = scale
        self.topics = tuple(topics)
        self.dim = len(self.topics)
        self.fingerprint = sha256(weights.tobytes()).hexdigest()[:16]

    @classmethod
    def load(cls, path: Path | None = None) -> "TopicVectors | None":
        """Return the trained model, or None if `kefu train` has not built it yet."""
        path = path or models_dir() / MODEL_NAME
        try:
            with np.load(path, allow_pickle=False) as stored:
                topics = [str(topic) for topic in stored["topics"]]
                weights = stored["weights"].astype(np.float32)
                return cls(weights, stored["bias"], stored["scale"], topics)
        except (OSError, KeyError, ValueError, BadZipFile, EOFError):
            return None

    def save(self, path: Path) -> None:
        """Write the model file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.stem}.tmp.npz")
        np.savez_compressed(
            temporary,
            weights=self._weights.astype(np.float16),
            bias=self._bias,
            scale=self._scale,
            topics=np.array(self.topics),
        )
        temporary.replace(path)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape `(len(texts), dim)`, rows of length 1 (an empty text: 0)."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for i, text in enumerate(texts):
            if text.strip():
                rows[i] = self._encode_one(text)
        return rows

    def probabilities(self, text: str) -> dict[str, float]:
        """Return topic -> probability, summing to 1."""
        logits = self._logits(text)
        raised = np.exp(logits - logits.max())
        return dict(zip(self.topics, (raised / raised.sum()).tolist(), strict=True))

    def _logits(self, text: str) -> Vectors:
        buckets = _counts(text)
        values = self._scale[buckets]
        values /= np.linalg.norm(values) or 1.0
        logits: Vectors = self._weights[buckets].T @ values + self._bias
        return logits

    def _encode_one(self, text: str) -> Vectors:
        logits = self._logits(text)
        centred = np.maximum(logits - logits.mean(), 0)
        unit: Vectors = centred / (np.linalg.norm(centred) or 1.0)
        return unit


def read_questions(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (text, intent) of Rasa NLU files, entity marks taken off."""
    known = topic_names()
    for path in sorted(folder.glob("*.yml")):
        parts = _INTENT.split(path.read_text(encoding="utf-8"))
        for intent, block in zip(parts[1::2], parts[2::2], strict=True):
            for line in block.splitlines():
                text = line.strip()
                if intent in known and text.startswith("- ") and not text.endswith(":"):
                    yield _ENTITY.sub(r"\1", text[2:]), intent


def training_examples(scripts: Iterable[Script]) -> list[tuple[str, str]]:
    """Return (text, topic) of all own examples, each text once."""
    asks = [(ask, script.topic) for script in scripts for ask in script.asks]
    nlu = data_dir() / "nlu"
    bot = read_questions(nlu) if nlu.is_dir() else ()
    letters = read_letters(data_dir() / "triage")
    return list(dict([*letters, *asks, *read_typed_questions(), *bot]).items())


def read_letters(folder: Path) -> list[tuple[str, str]]:
    """Return (letter, category) of the complaint examples; empty where there are none."""
    pairs = []
    for path in sorted(folder.glob("*.yml")):
        found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        letters = [*found.get("general", ()), *found.get("major", ())]
        pairs += [(str(text), str(found["category"])) for text in letters]
    return [pair for pair in pairs if pair[1] in topic_names()]


def read_typed_questions() -> list[tuple[str, str]]:
    """Return (text, topic) of `data/ranking/questions.yml`."""
    path = data_dir() / "ranking" / "questions.yml"
    found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return [(str(text), str(topic)) for topic, texts in found.items() for text in texts]


def train(examples: Sequence[tuple[str, str]]) -> TopicVectors:
    """Train on (text, topic) pairs; about 10 s for 8,000 on one free core."""
    from sklearn.linear_model import LogisticRegression

    rows = [_counts(text) for text, _ in examples]
    frequency = Counter(bucket for row in rows for bucket in row)
    columns = sorted(bucket for bucket, count in frequency.items() if count > 1)
    scale = np.zeros(BUCKETS, dtype=np.float32)
    for bucket in columns:
        scale[bucket] = max(np.log(len(rows) / (1 + frequency[bucket])), 0.1)
    model: Any = LogisticRegression(C=STRENGTH, max_iter=60, tol=1e-3, class_weight="balanced")
    model.fit(_matrix(rows, scale, columns), [topic for _, topic in examples])
    weights = np.zeros((BUCKETS, len(model.classes_)), dtype=np.float32)
    weights[columns] = model.coef_.T
    return TopicVectors(weights, model.intercept_.astype(np.float32), scale, list(model.classes_))


def _matrix(rows: Sequence[Sequence[int]], scale: Vectors, columns: Sequence[int]) -> Any:
    """Return the sparse matrix of the weighted pieces, rows of length 1, these columns only."""
    from scipy.sparse import csr_matrix

    place = {bucket: i for i, bucket in enumerate(columns)}
    kept = [[bucket for bucket in row if bucket in place] for row in rows]
    values = [scale[row] / (np.linalg.norm(scale[row]) or 1.0) for row in kept]
    indices = [place[bucket] for row in kept for bucket in row]
    ends = np.cumsum([0, *map(len, kept)])
    return csr_matrix(
        (np.concatenate(values).astype(np.float32), indices, ends), shape=(len(rows), len(columns))
    )


def train_to(path: Path | None = None) -> Path:
    """Train on the own examples and write the model file; return its path."""
    path = path or models_dir() / MODEL_NAME
    model = train(training_examples(load_scripts()))
    model.save(path)
    return path
