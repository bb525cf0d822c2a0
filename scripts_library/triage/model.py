"""The trained part of complaint triage: small linear heads over our own letters.

`n-grams` (characters, TF-IDF), `echo` (what a sentence embedding would say, told from the n-grams),
`vectors` (the embedding itself, for the severity only) and `groups` (scores of the severity word
groups and the category hints). Each head gives logits; the facade `triage.classifier` adds them to
the lexicon's scores. Saved as one `.npz` of arrays, loaded without pickle. Training is
deterministic and takes about a minute and a half, mostly embeddings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from scripts_library.paths import models_dir
from scripts_library.text.embedding import Embedder, get_embedder
from scripts_library.triage.features import Floats, Vocabulary, embed, head_end
from scripts_library.triage.letters import Letter, load_letters, own_sentences
from scripts_library.triage.lexicon import MAJOR, TriageLexicon, load_lexicon

MODEL_NAME = "triage.npz"
FORMAT = 2

# Strength of the regularisation, chosen by cross-validation on the own letters.
_C_GRAMS = 10.0
_C_VECTORS = 10.0
_C_GROUPS = 1.0
_C_SEVERITY = 3.0
_ECHO_RIDGE = 1.0
_ECHO_OF_LETTERS = 3.0
"""How much a letter counts beside another sentence for the echo."""

_HINT_SHARPNESS = 0.5
_NEVER = -30.0
_FIELDS = (
    "grams_category",
    "grams_severity",
    "echo",
    "vectors_severity",
    "groups_severity",
)


@dataclass(frozen=True, slots=True)
class TriageModel:
    """Weights per head; the last row of each matrix is the bias.

    Shapes: `grams_*` (n-grams + 1, k), `echo` (n-grams + 1, categories + 1), the severity last,
    `vectors_severity` (dim + 1, 1), both (0, …) without embeddings, `groups_severity`
    (groups + categories + 1, 1); k is the number of categories, or 1.
    """

    categories: tuple[str, ...]
    groups: tuple[str, ...]
    vocabulary: Vocabulary
    heads: dict[str, Floats]

    def gram_logits(self, weighed: dict[int, float], head: str) -> Floats:
        """Return the logits of a head over n-grams, as `Vocabulary.weigh` gives them."""
        weights = self.heads[head]
        values = np.array(list(weighed.values()), dtype=np.float32)
        rows: Floats = weights[list(weighed)]
        return np.asarray(values @ rows + weights[-1], dtype=np.float32)

    def echo(self, weighed: dict[int, float]) -> tuple[Floats, float] | None:
        """Return the logits of category and severity that an embedding would give; None if there
        was none in training."""
        if not len(self.heads["echo"]):
            return None
        logits = self.gram_logits(weighed, "echo")
        return logits[:-1], float(logits[-1])

    def vector_logit(self, text: str) -> float | None:
        """Return the logit of major by embedding, 10 ms and 1 ms a character; None if there is
        none to use."""
        embedder = get_embedder()
        weights = self.heads["vectors_severity"]
        if embedder is None or len(weights) != embedder.dim + 1:
            return None
        return float(np.append(embed([text], embedder)[0], np.float32(1)) @ weights[:, 0])

    def group_logit(self, categories: dict[str, float], groups: dict[str, float]) -> float:
        """Return the logit of major by the word groups found and the category hints."""
        row = group_row(categories, groups, self.categories, self.groups)
        weights = self.heads["groups_severity"][:, 0]
        return float(np.append(row, 1.0) @ weights)

    def strongest_grams(self, text: str, head: str, column: int) -> list[str]:
        """Return the n-grams of 2 or 3 characters that spoke most for a column, best first."""
        weights = self.heads[head]
        names = list(self.vocabulary.columns)
        lead = weights[:, column] - (weights.mean(axis=1) if weights.shape[1] > 1 else 0.0)
        shares = {i: v * float(lead[i]) for i, v in self.vocabulary.weigh(text).items()}
        best = sorted(shares, key=lambda i: (-shares[i], i))
        return [names[i] for i in best if shares[i] > 0 and len(names[i]) > 1]


def group_row(
    categories: dict[str, float],
    groups: dict[str, float],
    category_names: Sequence[str],
    group_names: Sequence[str],
) -> Floats:
    """Return the features of the `groups` head: group scores, then softened category hints."""
    hints = np.array([categories.get(name, 0.0) for name in category_names])
    return np.concatenate(
        [[groups.get(name, 0.0) for name in group_names], softmax(_HINT_SHARPNESS * hints)]
    ).astype(np.float32)


def softmax(logits: Any) -> Floats:
    """Return probabilities over the last axis."""
    powers = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def train(
    letters: Sequence[Letter],
    lexicon: TriageLexicon | None = None,
    sentences: Sequence[str] = (),
) -> TriageModel:
    """Train all heads; what needs an embedding stays empty where none is installed.

    `sentences` are others than letters, of any matter: they teach the echo.
    """
    lexicon = lexicon or load_lexicon()
    names = tuple(entry.id for entry in lexicon.categories)
    texts = [letter.text for letter in letters]
    category = np.array([names.index(letter.category) for letter in letters])
    severity = np.array([int(letter.severity == MAJOR) for letter in letters])
    vocabulary = Vocabulary.learn(texts)
    grams = _matrix(vocabulary, texts)
    groups = np.array([_group_features(text, lexicon, names) for text in texts])
    heads = {
        "grams_category": _fit(grams, category, _C_GRAMS, len(names)),
        "grams_severity": _fit(grams, severity, _C_SEVERITY),
        "groups_severity": _fit(groups, severity, _C_GROUPS),
        "echo": np.zeros((0, len(names) + 1), np.float32),
        "vectors_severity": np.zeros((0, 1), np.float32),
    }
    if embedder := get_embedder():
        vectors = embed(texts, embedder)
        of_severity = _fit(vectors, severity, _C_SEVERITY)
        teacher = np.hstack([_fit(vectors, category, _C_VECTORS, len(names)), of_severity])
        heads["vectors_severity"] = of_severity
        heads["echo"] = _echo(vocabulary, teacher, texts, vectors, sentences, embedder)
    return TriageModel(names, lexicon.groups, vocabulary, heads)


def _echo(
    vocabulary: Vocabulary,
    teacher: Floats,
    texts: Sequence[str],
    vectors: Floats,
    sentences: Sequence[str],
    embedder: Embedder,
) -> Floats:
    """Return weights by which n-grams come close to the logits that `teacher` gives to vectors,
    of these texts, whose vectors are known, and sentences."""
    from sklearn.linear_model import Ridge

    if sentences:
        vectors = np.vstack([vectors, embed(sentences, embedder)])
    counts = [_ECHO_OF_LETTERS] * len(texts) + [1.0] * len(sentences)
    head = Ridge(alpha=_ECHO_RIDGE, solver="sparse_cg")
    head.fit(
        _matrix(vocabulary, [*texts, *sentences]),
        vectors @ teacher[:-1] + teacher[-1],
        sample_weight=counts,
    )
    return np.vstack([head.coef_.T, head.intercept_]).astype(np.float32)


def _group_features(text: str, lexicon: TriageLexicon, names: Sequence[str]) -> Floats:
    hits = lexicon.scan(text)
    scores = lexicon.category_scores(hits, head_end(text))
    return group_row(scores, lexicon.group_scores(hits), names, lexicon.groups)


def _matrix(vocabulary: Vocabulary, texts: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    rows = [vocabulary.weigh(text) for text in texts]
    values = [value for row in rows for value in row.values()]
    columns = [column for row in rows for column in row]
    ends = np.cumsum([0, *map(len, rows)])
    return csr_matrix((values, columns, ends), shape=(len(rows), len(vocabulary.columns)))


def _fit(features: Any, labels: Any, c: float, width: int = 1) -> Floats:
    """Return weights with the bias as last row; a class without letters is never chosen.

    Classes are balanced, as the letters of rare categories were written on purpose and say nothing
    of how often such complaints come. `width` 1 is a yes-or-no head, else labels are columns.
    """
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(C=c, max_iter=1000, tol=1e-3, class_weight="balanced")
    head.fit(features, labels)
    fitted = np.vstack([head.coef_.T, head.intercept_]).astype(np.float32)
    if width == 1:
        return fitted
    if fitted.shape[1] == 1:
        fitted = np.hstack([np.zeros_like(fitted), fitted])
    weights = np.zeros((len(fitted), width), dtype=np.float32)
    weights[-1] = _NEVER
    weights[:, head.classes_] = fitted
    return weights


def train_to(path: Path | None = None) -> Path:
    """Train on the own letters and sentences and write the model file; return its path."""
    path = path or models_dir() / MODEL_NAME
    model = train(load_letters(), sentences=own_sentences())
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.stem}.tmp.npz")
    np.savez_compressed(
        temporary,
        format=FORMAT,
        categories=np.array(model.categories),
        groups=np.array(model.groups),
        grams=np.array(list(model.vocabulary.columns)),
        idf=model.vocabulary.idf,
        **{name: model.heads[name].astype(np.float16) for name in _FIELDS},
    )
    temporary.replace(path)
    return path


def load_model(path: Path | None = None) -> TriageModel | None:
    """Return the model of a file, or None if there is none or it is of another format."""
    path = path or models_dir() / MODEL_NAME
    try:
        with np.load(path, allow_pickle=False) as stored:
            if int(stored["format"]) != FORMAT:
                return None
            columns = {str(gram): i for i, gram in enumerate(stored["grams"])}
            return TriageModel(
                tuple(map(str, stored["categories"])),
                tuple(map(str, stored["groups"])),
                Vocabulary(columns, stored["idf"]),
                {name: stored[name].astype(np.float32) for name in _FIELDS},
            )
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
