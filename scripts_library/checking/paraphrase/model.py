"""Stage (c) of the phrase checker: a trained model for breaches that hit no list.

The model knows the thirteen categories of `BREACHES` and "none". It was trained on our own
sentences in `data/wording/`. Two linear models work one after the other: the first sees runs of
1-4 characters and settles most replies in about 0.1 ms; only what it finds doubtful is shown to
the second, which also sees the sentence embedding (at most one a reply, 10-20 ms), and then both
have half the say. Without an embedder the first decides alone, less sharply.

    model = ParaphraseModel.load(models_dir() / MODEL_FILE)
    model.score("你问老板去，我就是个打工的")["buck_passing"]
    model.detect("您好。这种事别来找我们")  # -> Detection(...) or None
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from scripts_library.checking.paraphrase.features import mask, ngrams, readable, windows
from scripts_library.checking.verdict import BREACHES
from scripts_library.errors import PhraseError
from scripts_library.text.embedding import Embedder, get_embedder
from scripts_library.text.normal_form import Normalized, normalize

if TYPE_CHECKING:
    from scripts_library.checking.paraphrase.training import TrainingReport

MODEL_FILE = "wording.npz"
FORMAT = 1
NONE = "none"
MAX_EMBEDDINGS = 1
"""Windows of one reply that are embedded at most; it bounds the time of a long reply."""

Floats = NDArray[np.float32]


class ModelError(PhraseError):
    """A model file that can't be used; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Detection:
    """The likeliest breach: `text[start:end]` is where, `probability` 0-1 that it is one."""

    category: str
    probability: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights of one multinomial logistic regression over the fourteen classes.

    `grams` is `(features, 14)`, `dense` `(dim, 14)` or empty, `bias` `(14,)`.
    """

    grams: Floats
    dense: Floats
    bias: Floats

    def probabilities(
        self, ids: NDArray[np.intp], values: Floats, vector: Floats | None = None
    ) -> Floats:
        """Return the fourteen probabilities of a text with these features."""
        logits = self.bias + values @ self.grams[ids] if len(ids) else self.bias
        if vector is not None:
            logits = logits + vector @ self.dense
        raised = np.exp(logits - logits.max())
        return np.asarray(raised / raised.sum(), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class ParaphraseModel:
    """The trained model. Immutable; safe for threads.

    `version` is a hash of the examples it was trained on.
    """

    vocabulary: Mapping[str, int]
    idf: Floats
    quick: LinearModel
    full: LinearModel
    center: Floats
    projection: Floats
    doubt: float
    blended_thresholds: Mapping[str, float]
    quick_thresholds: Mapping[str, float]
    version: str

    @classmethod
    def load(cls, path: Path) -> "ParaphraseModel":
        """Return the model in a file written by `save`; nothing in the file is executed.

        Raises:
            ModelError: if the file is missing, broken or of another format.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                parts = {name: data[name] for name in data.files}
            meta: dict[str, Any] = json.loads(parts["meta"].tobytes())
            if meta["format"] != FORMAT:
                raise ValueError(f"格式 {meta['format']}，需要 {FORMAT}")
            grams = parts["vocabulary"].tobytes().decode("utf-8").split("\n")
            return cls(
                vocabulary={gram: i for i, gram in enumerate(grams)},
                idf=parts["idf"],
                quick=_linear(parts, "quick"),
                full=_linear(parts, "full"),
                center=parts["center"],
                projection=parts["projection"],
                doubt=float(meta["doubt"]),
                blended_thresholds=meta["blended_thresholds"],
                quick_thresholds=meta["quick_thresholds"],
                version=meta["version"],
            )
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ModelError(
                f"措辞模型 {path.name} 无法读取（{error}），请运行 kefu train 重建"
            ) from error

    def save(self, path: Path) -> None:
        """Write the model to a file, whole or not at all; its folder is made if need be."""
        meta = {
            "format": FORMAT, "version": self.version, "doubt": self.doubt,
            "blended_thresholds": dict(self.blended_thresholds),
            "quick_thresholds": dict(self.quick_thresholds),
        }  # fmt: skip
        arrays: dict[str, Any] = {
            "meta": _as_bytes(json.dumps(meta, sort_keys=True)),
            "vocabulary": _as_bytes("\n".join(self.vocabulary)),
            "idf": self.idf,
            "center": self.center,
            "projection": self.projection,
        }
        for name, part in (("quick", self.quick), ("full", self.full)):
            arrays |= {f"{name}_{k}": getattr(part, k) for k in ("grams", "dense", "bias")}
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".tmp")
        with draft.open("wb") as file:
            np.savez_compressed(file, **arrays)
        draft.replace(path)

    @property
    def thresholds(self) -> Mapping[str, float]:
        """For each category, the score from which a reply counts as a breach.

        Set by cross-validation, with an embedder and without one; those that hold now are given.
        """
        if self.full.dense.size and get_embedder() is not None:
            return self.blended_thresholds
        return self.quick_thresholds

    def score(self, text: str) -> dict[str, float]:
        """Return a score 0-1 for every category and for "none".

        "none" is the probability that the reply is innocent. The likeliest category carries all
        of the rest, because a reply between two categories is no less a breach; the others keep
        their own smaller share. Of a long reply the worst window counts. A blank text is "none".
        """
        best = self._worst_window(normalize(text))
        if best is None:
            return {**dict.fromkeys(BREACHES, 0.0), NONE: 1.0}
        return _as_scores(best[0])

    def detect(self, text: str) -> Detection | None:
        """Return the breach that passes its threshold, with its place in `text`, or None."""
        normal = normalize(text)
        best = self._worst_window(normal)
        if best is None:
            return None
        probabilities, (start, end) = best
        category = BREACHES[int(probabilities[:-1].argmax())]
        probability = 1.0 - float(probabilities[-1])
        if probability < self.thresholds[category]:
            return None
        return Detection(category, probability, *normal.span(start, end))

    def _worst_window(self, normal: Normalized) -> tuple[Floats, tuple[int, int]] | None:
        """Return the probabilities and the span of the window least likely to be innocent."""
        spans = windows(normal.text)
        if not spans:
            return None
        texts = [mask(normal.text[start:end]) for start, end in spans]
        features = [self._features(text) for text in texts]
        found = [self.quick.probabilities(ids, values) for ids, values in features]
        embedder = get_embedder()
        if embedder is not None and self.full.dense.size:
            doubtful = [i for i in np.argsort([p[-1] for p in found]) if found[i][-1] < self.doubt]
            for i in doubtful[:MAX_EMBEDDINGS]:
                ids, values = features[i]
                vector = self._vector(embedder, texts[i])
                found[i] = blend(found[i], self.full.probabilities(ids, values, vector))
        worst = min(range(len(spans)), key=lambda i: float(found[i][-1]))
        return found[worst], spans[worst]

    def _features(self, masked: str) -> tuple[NDArray[np.intp], Floats]:
        return weigh(masked, self.vocabulary, self.idf)

    def _vector(self, embedder: Embedder, masked: str) -> Floats:
        raw = embedder.encode([readable(masked)])[0]
        return np.asarray((raw - self.center) @ self.projection, dtype=np.float32)


def blend(first: Floats, second: Floats) -> Floats:
    """Return the normalised geometric mean of probabilities along the last axis."""
    mean = np.sqrt(first * second)
    return np.asarray(mean / mean.sum(axis=-1, keepdims=True), dtype=np.float32)


def weigh(
    masked: str, vocabulary: Mapping[str, int], idf: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Return ids and TF-IDF values (sublinear, length 1) of the known n-grams of a masked text."""
    counts = Counter(vocabulary[gram] for gram in ngrams(masked) if gram in vocabulary)
    ids = np.fromiter(counts, dtype=np.intp, count=len(counts))
    values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    if not len(ids):
        return ids, values
    values = (1 + np.log(values)) * idf[ids]
    return ids, np.asarray(values / np.sqrt(values @ values), dtype=np.float32)


def train_to(
    path: Path, data_dir: Path | None = None, *, with_embeddings: bool = False
) -> "TrainingReport":
    """Train on the examples in a folder (default: `data/wording`) and write the model file.

    See `scripts_library.checking.paraphrase.training.train_to`.
    """
    from scripts_library.checking.paraphrase import training

    return training.train_to(path, data_dir, with_embeddings=with_embeddings)


def _linear(parts: Mapping[str, Any], name: str) -> LinearModel:
    return LinearModel(parts[f"{name}_grams"], parts[f"{name}_dense"], parts[f"{name}_bias"])


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _as_scores(probabilities: Sequence[float] | Floats) -> dict[str, float]:
    scores = {name: float(p) for name, p in zip(BREACHES, probabilities, strict=False)}
    none = float(probabilities[-1])
    scores[max(scores, key=scores.__getitem__)] = 1.0 - none
    return {**scores, NONE: none}
