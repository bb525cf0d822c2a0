"""A linear model over n-grams and, where there is one, a sentence embedding.

Linear support vectors, one label against the rest, their margins turned into probabilities by a
fixed temperature. Two heads are trained: one that sees the embedding and one that doesn't, so that
a model trained with an embedding package still answers where the package is missing. Prediction
needs numpy and scipy only; the files are JSON and npz, no pickle. What else was tried, and how it
measured, is in `docs/guide/nlu.md`; so is where the constants below come from.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from bot.intents.features import GramSpace

DENSE_WEIGHT = 2.0
PENALTY = 0.3
TEMPERATURE = 5.0
TOLERANCE = 1e-3
SEED = 20

_META = "intents.json"
_ARRAYS = "intents.npz"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """Linear weights of shape (features, labels) and a bias of shape (labels,)."""

    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A trained model; `predict` is safe for threads."""

    labels: tuple[str, ...]
    space: GramSpace
    center: Floats
    plain: Head
    dense: Head | None

    def predict(self, document: Counter[str], vector: Floats | None) -> list[tuple[str, float]]:
        """Return every label with its probability (0-1), best first.

        Args:
            document: counted grams of the folded text.
            vector: its embedding of the trained length, or None to go on without.
        """
        ids, values = self.space.weights(document)
        if self.dense is not None and vector is not None and vector.shape == self.center.shape:
            size = len(self.space.vocabulary)
            scores = values @ self.dense.weights[ids] + self.dense.bias
            scores = scores + (vector - self.center) * DENSE_WEIGHT @ self.dense.weights[size:]
        else:
            scores = values @ self.plain.weights[ids] + self.plain.bias
        odds = np.exp((scores - scores.max()) * TEMPERATURE)
        shares = odds / odds.sum()
        return [(self.labels[i], float(shares[i])) for i in np.argsort(-shares, kind="stable")]

    def save(self, folder: Path) -> None:
        """Write the model into a folder, made if missing."""
        folder.mkdir(parents=True, exist_ok=True)
        meta = {"labels": list(self.labels), "vocabulary": list(self.space.vocabulary)}
        (folder / _META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        arrays: dict[str, Any] = {
            "idf": self.space.idf,
            "center": self.center,
            "plain_weights": self.plain.weights.astype(np.float16),
            "plain_bias": self.plain.bias,
        }
        if self.dense is not None:
            arrays["dense_weights"] = self.dense.weights.astype(np.float16)
            arrays["dense_bias"] = self.dense.bias
        np.savez_compressed(folder / _ARRAYS, **arrays)

    @classmethod
    def load(cls, folder: Path) -> "IntentModel":
        """Read what `save` wrote."""
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
            heads = {
                name: Head(arrays[f"{name}_weights"].astype(np.float32), arrays[f"{name}_bias"])
                for name in ("plain", "dense")
                if f"{name}_weights" in arrays
            }
            idf, center = arrays["idf"], arrays["center"]
        space = GramSpace({gram: i for i, gram in enumerate(meta["vocabulary"])}, idf)
        labels = tuple(meta["labels"])
        return cls(labels, space, center, heads["plain"], heads.get("dense"))


def train(
    documents: Sequence[Counter[str]], labels: Sequence[str], vectors: Floats | None
) -> IntentModel:
    """Train on counted grams, one label each, and embeddings of shape (documents, dim) or None.

    Raises:
        ValueError: fewer than two different labels.
    """
    if len(set(labels)) < 2:
        raise ValueError("要训练意图，至少需要两种意图的例句")
    space = GramSpace.fit(documents)
    rows = space.rows(documents)
    names, plain = _fit(rows, labels)
    if vectors is None:
        return IntentModel(names, space, np.zeros(0, np.float32), plain, None)
    center = vectors.mean(axis=0)
    both = hstack([rows, csr_matrix((vectors - center) * DENSE_WEIGHT)], format="csr")
    _, dense = _fit(both, labels)
    return IntentModel(names, space, center, plain, dense)


def _fit(rows: csr_matrix, labels: Sequence[str]) -> tuple[tuple[str, ...], Head]:
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=PENALTY, class_weight="balanced", tol=TOLERANCE, random_state=SEED)
    model.fit(rows, list(labels))
    weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
    bias = np.asarray(model.intercept_, dtype=np.float32)
    if weights.shape[1] == 1:  # two labels have one margin
        weights, bias = np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    return tuple(str(name) for name in model.classes_), Head(weights, bias)
