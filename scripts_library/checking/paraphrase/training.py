"""Train the paraphrase model on the examples in `data/wording/`; run by `kefu train`.

Two logistic regressions are fitted, with and without the sentence embedding. Everything that has
to be chosen (when the second is asked, the threshold of each category) is chosen on predictions
of three-fold cross-validation in which near-duplicates stay in one fold. Same data and packages
give the same model. Takes about half a minute, most of it the embeddings (kept beside the model
file, so that the next training embeds new examples only).
"""

import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.sparse.csgraph import connected_components
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from scripts_library.checking.paraphrase.examples import CLASSES, Examples, read_examples
from scripts_library.checking.paraphrase.features import ngrams, readable
from scripts_library.checking.paraphrase.model import (
    NONE,
    Floats,
    LinearModel,
    ParaphraseModel,
    blend,
    weigh,
)
from scripts_library.checking.verdict import BREACHES
from scripts_library.paths import data_dir as default_data_dir
from scripts_library.text.embedding import get_embedder

FOLDS = 3
SEED = 20240601
RARE = 2
"""N-grams of fewer examples are left out."""

STRENGTH = 20.0
"""Inverse of the regularisation; 10 to 30 differ by less than two points of recall."""

SPREAD = 0.05
"""Length given to one standard deviation of an embedding coordinate beside n-grams of length 1."""

DIRECTIONS = 128
"""Principal directions of the embedding that are kept: as good as all 384, and much faster."""

SIMILAR = 0.7
"""Cosine of character pairs from which two examples count as near-duplicates."""

STEPS = 120
"""Steps of the solver."""

KEPT = 0.975
"""Share of breaches that must reach the second model."""

FALSE_ALARMS = 0.015
"""Share of the innocent examples that may be flagged in cross-validation. The examples are mostly
look-alikes made to be hard; on ordinary chat the share is less than half of it."""

LOWEST, HIGHEST = 0.35, 0.97


@dataclass(frozen=True, slots=True)
class CategoryReport:
    """Cross-validated figures of one category: of its examples, the share found at all, the share
    found under this name, and the precision of this name among the examples."""

    examples: int
    recall: float
    named: float
    precision: float


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What was trained and how it did in cross-validation, at the chosen thresholds.

    `recall` counts breaches flagged under any name, `false_alarms` the share of innocent examples
    flagged, `right_category` the share of found breaches under the right name; `second_look` is
    the share of innocent examples that need the embedding.
    """

    version: str
    examples: int
    innocent: int
    features: int
    has_embeddings: bool
    recall: float
    false_alarms: float
    right_category: float
    second_look: float
    categories: Mapping[str, CategoryReport]


def train_to(
    path: Path, data_dir: Path | None = None, *, with_embeddings: bool = False
) -> TrainingReport:
    """Train on every `*.yml` of a folder (default `data/wording`), write `path`, and report.

    Args:
        path: the model file.
        data_dir: folder of the examples.
        with_embeddings: ask the sentence embedder too where the n-grams leave doubt. Off, because
            it costs minutes of training and 20 ms and more a doubtful reply, for about as many
            breaches found. Writes a second file with the suffix `.vectors.npz`.

    Raises:
        ExamplesError: if a file is broken or a category has too few examples; names all faults.
    """
    examples = read_examples(data_dir or default_data_dir() / "wording")
    vectors = np.zeros((len(examples.texts), 0), dtype=np.float32)
    if with_embeddings:
        vectors = _embed(examples.texts, path.with_suffix(".vectors.npz"))
    center, projection = _principal(vectors)
    dense = np.asarray((vectors - center) @ projection, dtype=np.float32)
    quick, full = cross_validate(examples, dense)
    doubt = _doubt(quick, examples.labels) if vectors.size else 0.0
    joined = np.where((quick[:, -1] < doubt)[:, None], blend(quick, full), quick)
    vocabulary, idf = _vocabulary(examples.texts)
    grams = _matrix(examples.texts, vocabulary, idf)
    model = ParaphraseModel(
        vocabulary=vocabulary, idf=idf, quick=_fit(grams, None, examples.labels),
        full=_fit(grams, dense, examples.labels), center=center, projection=projection,
        doubt=doubt, blended_thresholds=choose_thresholds(joined, examples.labels),
        quick_thresholds=choose_thresholds(quick, examples.labels), version=examples.version,
    )  # fmt: skip
    model.save(path)
    second_look = float((quick[examples.labels == CLASSES.index(NONE), -1] < doubt).mean())
    return _report(model, joined, examples, second_look)


def _embed(texts: Sequence[str], store: Path) -> Floats:
    """Return vectors `(texts, dim)`, reusing those in the store; `(texts, 0)` without embedder."""
    embedder = get_embedder()
    if embedder is None:
        return np.zeros((len(texts), 0), dtype=np.float32)
    keys = [f"{type(embedder).__name__}:{embedder.dim}:{text}" for text in texts]
    names = [hashlib.sha256(key.encode()).hexdigest()[:24] for key in keys]
    known: dict[str, Floats] = {}
    if store.exists():
        with np.load(store, allow_pickle=False) as data:
            known = dict(zip(data["names"].tolist(), data["vectors"], strict=True))
    new = [i for i, name in enumerate(names) if name not in known]
    for i in new:
        known[names[i]] = embedder.encode([readable(texts[i])])[0].astype(np.float16)
    vectors = np.array([known[name] for name in names], dtype=np.float16)
    if new:
        store.parent.mkdir(parents=True, exist_ok=True)
        with store.open("wb") as file:
            np.savez(file, names=np.array(names), vectors=vectors)
    return vectors.astype(np.float32)


def _principal(vectors: Floats) -> tuple[Floats, Floats]:
    """Return the mean `(dim,)` of the vectors and the projection `(dim, DIRECTIONS)` onto their
    principal directions, scaled; each direction's sign is fixed, so that a run can be repeated."""
    if not vectors.size:
        return np.zeros(0, dtype=np.float32), np.zeros((0, 0), dtype=np.float32)
    center = vectors.mean(axis=0)
    moved = (vectors - center).astype(np.float64)
    _, directions = np.linalg.eigh(moved.T @ moved)
    kept = directions[:, ::-1][:, :DIRECTIONS]
    kept = kept * np.sign(kept[np.abs(kept).argmax(axis=0), np.arange(kept.shape[1])])
    scaled = kept * (SPREAD / float(vectors.std(axis=0).mean()))
    return center.astype(np.float32), scaled.astype(np.float32)


def _vocabulary(texts: Sequence[str]) -> tuple[dict[str, int], Floats]:
    """Return n-gram -> column, sorted, and the inverse document frequencies."""
    frequency = Counter(gram for text in texts for gram in set(ngrams(text)))
    kept = sorted(gram for gram, count in frequency.items() if count >= RARE and "\n" not in gram)
    counts = np.array([frequency[gram] for gram in kept], dtype=np.float64)
    idf = np.log((1 + len(texts)) / (1 + counts)) + 1
    return {gram: i for i, gram in enumerate(kept)}, idf.astype(np.float32)


def _matrix(texts: Sequence[str], vocabulary: Mapping[str, int], idf: Floats) -> csr_matrix:
    rows = [weigh(text, vocabulary, idf) for text in texts]
    starts = np.cumsum([0, *(len(ids) for ids, _ in rows)])
    ids = np.concatenate([ids for ids, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, ids, starts), shape=(len(texts), len(vocabulary)))


def _fit(grams: csr_matrix, dense: Floats | None, labels: NDArray[np.intp]) -> LinearModel:
    joined = grams if dense is None else hstack([grams, csr_matrix(dense)]).tocsr()
    with warnings.catch_warnings():
        # Stopping early is deliberate: three times faster, and no worse on unseen text.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=0.1).fit(joined, labels)
    weights = np.asarray(model.coef_.T, dtype=np.float32)
    split = grams.shape[1]
    return LinearModel(
        np.ascontiguousarray(weights[:split]), np.ascontiguousarray(weights[split:]),
        np.asarray(model.intercept_, dtype=np.float32),
    )  # fmt: skip


def cross_validate(examples: Examples, dense: Floats) -> tuple[Floats, Floats]:
    """Return the fourteen probabilities of each example by models that didn't see its group."""
    size = (len(examples.texts), len(CLASSES))
    quick, full = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    groups = _near_duplicates(examples.texts)
    for seen, unseen in folds.split(groups, examples.labels, groups):
        texts = [examples.texts[i] for i in seen]
        vocabulary, idf = _vocabulary(texts)
        known, new = (
            _matrix([examples.texts[i] for i in part], vocabulary, idf) for part in (seen, unseen)
        )
        labels = examples.labels[seen]
        quick[unseen] = _predict(_fit(known, None, labels), new, None)
        full[unseen] = _predict(_fit(known, dense[seen], labels), new, dense[unseen])
    return quick, full


def _predict(model: LinearModel, grams: csr_matrix, dense: Floats | None) -> Floats:
    logits = grams @ model.grams + model.bias
    if dense is not None:
        logits = logits + dense @ model.dense
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def _near_duplicates(texts: Sequence[str]) -> NDArray[np.intp]:
    """Return a group number for each text; texts of much the same wording share one."""
    pairs = ["".join(text.split()) for text in texts]
    vocabulary, idf = _vocabulary(pairs)
    matrix = _matrix(pairs, {g: i for g, i in vocabulary.items() if len(g) == 2}, idf)
    matrix.resize(len(texts), len(vocabulary))
    near = matrix @ matrix.T > SIMILAR
    return np.asarray(connected_components(near, directed=False)[1], dtype=np.intp)


def _doubt(quick: Floats, labels: NDArray[np.intp]) -> float:
    """Return the probability of "none" under which the second model is asked."""
    breaches = quick[labels != CLASSES.index(NONE), -1]
    return float(np.quantile(breaches, KEPT))


def choose_thresholds(probabilities: Floats, labels: NDArray[np.intp]) -> dict[str, float]:
    """Return for each category the score that lets through its part of `FALSE_ALARMS`.

    A category has too few false alarms for a threshold of its own to be reliable, so it is drawn
    halfway to the threshold that all categories together would need.
    """
    innocent = probabilities[labels == CLASSES.index(NONE)]
    scores, likeliest = 1 - innocent[:, -1], innocent[:, :-1].argmax(axis=1)
    common = float(np.quantile(scores, 1 - FALSE_ALARMS))
    allowed = int(FALSE_ALARMS * len(innocent) / len(BREACHES))
    thresholds = {}
    for i, name in enumerate(BREACHES):
        alarms = np.sort(scores[likeliest == i])[::-1]
        own = float(alarms[allowed]) if len(alarms) > allowed else LOWEST
        thresholds[name] = round(min(max((own + common) / 2, LOWEST), HIGHEST), 4)
    return thresholds


def _report(
    model: ParaphraseModel, probabilities: Floats, examples: Examples, second_look: float
) -> TrainingReport:
    none = CLASSES.index(NONE)
    named = probabilities[:, :-1].argmax(axis=1)
    limits = np.array([model.thresholds[name] for name in BREACHES])
    flagged = 1 - probabilities[:, -1] >= limits[named]
    breach, right = examples.labels != none, named == examples.labels
    categories = {}
    for i, name in enumerate(BREACHES):
        own, called = examples.labels == i, flagged & (named == i)
        categories[name] = CategoryReport(
            int(own.sum()), float(flagged[own].mean()), float((flagged & right)[own].mean()),
            float(own[called].mean()) if called.any() else 0.0,
        )  # fmt: skip
    return TrainingReport(
        version=model.version, examples=len(examples.texts), innocent=int((~breach).sum()),
        features=len(model.vocabulary), has_embeddings=bool(model.full.dense.size),
        recall=float(flagged[breach].mean()), false_alarms=float(flagged[~breach].mean()),
        right_category=float(right[breach & flagged].mean()), second_look=second_look,
        categories=categories,
    )  # fmt: skip


def report_as_json(report: TrainingReport) -> str:
    """Return the report as indented JSON, for logs and the guide."""
    plain = {name: getattr(report, name) for name in TrainingReport.__slots__}
    plain["categories"] = {
        name: {k: getattr(c, k) for k in CategoryReport.__slots__}
        for name, c in report.categories.items()
    }
    return json.dumps(plain, ensure_ascii=False, indent=2)
