"""The trained part of complaint triage: three small linear heads over our own letters.

`n-grams` (characters, TF-IDF), `vectors` (an embedding of the beginning) and, for severity,
`groups` (scores of the severity word groups and the category hints). Each head gives logits; the
facade `triage.classifier` adds them to the lexicon's scores. Saved as one `.npz` of arrays,
loaded without pickle. Training is deterministic and takes well under a minute, mostly embeddings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import yaml

from scripts_library.errors import LexiconError, Problem
from scripts_library.paths import data_dir, models_dir
from scripts_library.text.embedding import get_embedder
from scripts_library.text.normal_form import normalize
from scripts_library.triage.features import Floats, Vocabulary, embed, head_end
from scripts_library.triage.lexicon import GENERAL, MAJOR, TriageLexicon, load_lexicon

MODEL_NAME = "triage.npz"
FORMAT = 1

# Strength of the regularisation, chosen by cross-validation on the own letters.
_C_GRAMS = 10.0
_C_VECTORS = 10.0
_C_GROUPS = 1.0
_C_SEVERITY = 3.0

_HINT_SHARPNESS = 0.5
_NEVER = -30.0
_FIELDS = (
    "grams_category",
    "grams_severity",
    "vectors_category",
    "vectors_severity",
    "groups_severity",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """An own training letter (normalised) with its category and severity."""

    text: str
    category: str
    severity: str


@dataclass(frozen=True, slots=True)
class TriageModel:
    """Weights per head; the last row of each matrix is the bias.

    Shapes: `grams_*` (n-grams + 1, k), `vectors_*` (dim + 1, k) or (0, k) without embeddings,
    `groups_severity` (groups + categories + 1, 1); k is the number of categories, or 1.
    """

    categories: tuple[str, ...]
    groups: tuple[str, ...]
    vocabulary: Vocabulary
    heads: dict[str, Floats]

    def gram_logits(self, text: str, head: str) -> Floats:
        """Return the logits of a head over the n-grams of a normalised text."""
        weights = self.heads[head]
        weighed = self.vocabulary.weigh(text)
        values = np.array(list(weighed.values()), dtype=np.float32)
        rows: Floats = weights[list(weighed)]
        return np.asarray(values @ rows + weights[-1], dtype=np.float32)

    def vector_logits(self, text: str) -> tuple[Floats, Floats] | None:
        """Return logits of category and severity by embedding; None if there is none to use."""
        embedder = get_embedder()
        weights = self.heads["vectors_category"]
        if embedder is None or len(weights) != embedder.dim + 1:
            return None
        row = np.append(embed([text], embedder)[0], np.float32(1))
        return row @ weights, row @ self.heads["vectors_severity"]

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


def load_letters(folder: Path | None = None) -> list[Letter]:
    """Read `data/triage/*.yml` in a fixed order; raises `LexiconError` for a faulty file."""
    folder = folder or data_dir() / "triage"
    letters = []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = {entry.id for entry in load_lexicon().categories}
        if not isinstance(content, dict) or content.get("category") not in known:
            value = str(content.get("category") if isinstance(content, dict) else content)[:40]
            fix = "第一行写 category: 加上 categories.yml 里的编号"
            raise LexiconError([Problem(path.name, 1, value, "训练信件没有有效类别", fix)])
        for severity in (GENERAL, MAJOR):
            letters += [
                Letter(normalize(text).text, content["category"], severity)
                for text in content.get(severity) or ()
            ]
    return letters


def train(letters: Sequence[Letter], lexicon: TriageLexicon | None = None) -> TriageModel:
    """Train all heads; the embedding heads stay empty where no embedding is installed."""
    lexicon = lexicon or load_lexicon()
    names = tuple(entry.id for entry in lexicon.categories)
    texts = [letter.text for letter in letters]
    category = np.array([names.index(letter.category) for letter in letters])
    severity = np.array([int(letter.severity == MAJOR) for letter in letters])
    vocabulary = Vocabulary.learn(texts)
    grams = _matrix(vocabulary, texts)
    embedder = get_embedder()
    vectors = embed(texts, embedder) if embedder else None
    groups = np.array([_group_features(text, lexicon, names) for text in texts])
    none = {"vectors_category": len(names), "vectors_severity": 1}
    heads = {
        "grams_category": _fit(grams, category, _C_GRAMS, len(names)),
        "grams_severity": _fit(grams, severity, _C_SEVERITY),
        "groups_severity": _fit(groups, severity, _C_GROUPS),
    }
    if vectors is None:
        heads |= {key: np.zeros((0, width), np.float32) for key, width in none.items()}
    else:
        heads["vectors_category"] = _fit(vectors, category, _C_VECTORS, len(names))
        heads["vectors_severity"] = _fit(vectors, severity, _C_SEVERITY)
    return TriageModel(names, lexicon.groups, vocabulary, heads)


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
    """Train on the own letters and write the model file; return its path."""
    path = path or models_dir() / MODEL_NAME
    model = train(load_letters())
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
