"""Complaint triage: category, responsible department and severity, with the words that decided.

`classify` adds up two views: a weighted word list (`triage/lists/*.yml`), which anyone
can read and change, and linear models trained on our own letters (`triage.model`). Without the
model file the word list alone decides and the result says so. A risk word (12345, 曝光, 律师…)
lifts the severity by the local rule of `severity.yml`, whatever the models say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from scripts_library.errors import TextError
from scripts_library.paths import models_dir
from scripts_library.text.normal_form import Normalized, normalize
from scripts_library.triage.features import Floats, head_end
from scripts_library.triage.lexicon import (
    CATEGORY,
    GENERAL,
    MAJOR,
    RISK_WORD,
    SEVERITY,
    Hit,
    TriageLexicon,
    load_lexicon,
)
from scripts_library.triage.model import MODEL_NAME, TriageModel, load_model, softmax

__all__ = ["Alternative", "Reason", "Triage", "classify"]

MAX_CHARACTERS = 5000
"""Only so many characters of a text are read; the matter of a letter stands at its beginning."""

FALLBACK = "other"
MAJOR_FROM = 0.5
CLOSE_CALL = 0.05
"""The severity is so near the edge that the embedding itself is asked, which takes some ten times
as long as all else. In cross-validation one of 1,289 own letters farther off came out otherwise."""
LEAST_SURE = 0.35
"""Where no word points to a category and the model is less sure than this, it is `other`."""

LEXICON_WEIGHT = 0.25
LEXICON_BIAS = 2.0
LEXICON_ALONE_BIAS = 1.2
"""Sum of group scores from which the word list calls a complaint major (best on own letters)."""

_MOST_REASONS = 8
_MOST_GRAMS = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """Words of the original text, `text[start:end] == surface`, and what they point to.

    `points_to` is a category, `major` or `general`; `kind` is `category`, `severity` or
    `risk_word`.
    """

    start: int
    end: int
    surface: str
    points_to: str
    kind: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another category the complaint may belong to."""

    category: str
    score: float
    department: str


@dataclass(frozen=True, slots=True)
class Triage:
    """The result. Scores are 0 to 1; `severity_score` is that of `major`, whichever is chosen.

    `reasons` are sorted by place; `alternatives` are the next categories, best first. `note` says
    in Chinese what limited the result, or is None.
    """

    category: str
    category_score: float
    severity: str
    severity_score: float
    department: str
    reasons: tuple[Reason, ...]
    alternatives: tuple[Alternative, ...]
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Views:
    """What was found in one text: word hits, category probabilities, score of major."""

    hits: list[Hit]
    categories: Floats
    major: float


def classify(text: str) -> Triage:
    """Return category, department and severity of a complaint.

    The first call loads the word lists and the model (about a second); later ones take about 1 ms,
    or 50 ms where the embedding is asked (`CLOSE_CALL`). An empty text is `other`, `general`, with
    scores of 0. Raises `TextError` unless `text` is a `str`.
    """
    if not isinstance(text, str):
        raise TextError("要分类的内容必须是文字(str)")
    lexicon, model = load_lexicon(), _current_model()
    plain = normalize(text[:MAX_CHARACTERS])
    if not plain.text.strip():
        return _nothing(lexicon)
    views = _look(plain.text, lexicon, model)
    names = [entry.id for entry in lexicon.categories]
    ranked = sorted(range(len(names)), key=lambda i: (-views.categories[i], i))
    if views.categories[ranked[0]] < LEAST_SURE and not _names_a_category(views.hits):
        fallback = names.index(FALLBACK)
        ranked = [fallback, *(i for i in ranked if i != fallback)]
    category = names[ranked[0]]
    severity = MAJOR if views.major >= MAJOR_FROM else GENERAL
    return Triage(
        category=category,
        category_score=round(float(views.categories[ranked[0]]), 4),
        severity=severity,
        severity_score=round(views.major, 4),
        department=lexicon.department(category),
        reasons=_reasons(text, plain, views.hits, category, severity, model),
        alternatives=tuple(
            Alternative(
                names[i], round(float(views.categories[i]), 4), lexicon.department(names[i])
            )
            for i in ranked[1:4]
        ),
        note=None if model else "没有训练好的分类模型,只按词表判断(运行 kefu train 后更准)",
    )


def _names_a_category(hits: Iterable[Hit]) -> bool:
    return any(hit.word.kind == CATEGORY for hit in hits)


def _nothing(lexicon: TriageLexicon) -> Triage:
    department = lexicon.department(FALLBACK)
    return Triage(FALLBACK, 0.0, GENERAL, 0.0, department, (), (), "内容是空的,无法判断")


def _look(text: str, lexicon: TriageLexicon, model: TriageModel | None) -> _Views:
    hits = lexicon.scan(text)
    scores = lexicon.category_scores(hits, head_end(text))
    groups = lexicon.group_scores(hits)
    words = np.array(list(scores.values()), dtype=np.float32)
    raw = sum(groups.values())
    if model is None or model.categories != tuple(scores):
        words[list(scores).index(FALLBACK)] += 0.5
        return _Views(hits, softmax(words / 2), _lift(_sigmoid(raw - LEXICON_ALONE_BIAS), hits))
    weighed = model.vocabulary.weigh(text)
    category = [model.gram_logits(weighed, "grams_category")]
    severity = [
        float(model.gram_logits(weighed, "grams_severity")[0]),
        model.group_logit(scores, groups),
        raw - LEXICON_BIAS,
    ]
    echo = model.echo(weighed)
    if echo is not None:
        category.append(echo[0])
        severity.append(echo[1])
    major = _lift(_sigmoid(sum(severity) / len(severity)), hits)
    if echo is not None and abs(major - MAJOR_FROM) < CLOSE_CALL:
        asked = model.vector_logit(text)
        severity[-1] = echo[1] if asked is None else asked
        major = _lift(_sigmoid(sum(severity) / len(severity)), hits)
    logits = np.mean([np.log(softmax(part) + 1e-9) for part in category], axis=0)
    return _Views(hits, softmax(logits + LEXICON_WEIGHT * words), major)


def _lift(major: float, hits: Iterable[Hit]) -> float:
    return max([major, *(hit.word.floor for hit in hits)])


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def _reasons(
    text: str,
    plain: Normalized,
    hits: Sequence[Hit],
    category: str,
    severity: str,
    model: TriageModel | None,
) -> tuple[Reason, ...]:
    reasons = [_reason(text, plain, hit) for hit in _strongest(hits, CATEGORY, category)]
    if model and not reasons:
        reasons += _gram_reasons(text, plain, model, category)
    judged = [_reason(text, plain, hit) for hit in _strongest(hits, SEVERITY, severity)]
    risks = [_reason(text, plain, hit) for hit in hits if hit.word.kind == RISK_WORD]
    if model and severity == MAJOR and not judged and not risks:
        judged += _gram_reasons(text, plain, model, MAJOR)
    return tuple(sorted([*reasons, *judged, *risks], key=lambda r: (r.start, r.end, r.points_to)))


def _strongest(hits: Sequence[Hit], kind: str, points_to: str) -> list[Hit]:
    """Return the heaviest hits, the same word once, at most `_MOST_REASONS`."""
    found: dict[str, Hit] = {}
    for hit in hits:
        if hit.word.kind == kind and hit.word.points_to == points_to:
            found.setdefault(hit.word.text, hit)
    ordered = sorted(found.values(), key=lambda hit: (-abs(hit.word.weight), hit.start))
    return ordered[:_MOST_REASONS]


def _reason(text: str, plain: Normalized, hit: Hit) -> Reason:
    start, end = plain.span(hit.start, hit.end)
    return Reason(start, end, text[start:end], hit.word.points_to, hit.word.kind)


def _gram_reasons(text: str, plain: Normalized, model: TriageModel, points_to: str) -> list[Reason]:
    """Return the model's strongest n-grams as reasons, where the word list has none to show."""
    is_major = points_to == MAJOR
    head = "grams_severity" if is_major else "grams_category"
    column = 0 if is_major else model.categories.index(points_to)
    reasons: list[Reason] = []
    for gram in model.strongest_grams(plain.text, head, column):
        place = plain.text.find(gram)
        if place < 0 or len(reasons) == _MOST_GRAMS:
            continue
        start, end = plain.span(place, place + len(gram))
        if all(end <= other.start or other.end <= start for other in reasons):
            kind = SEVERITY if is_major else CATEGORY
            reasons.append(Reason(start, end, text[start:end], points_to, kind))
    return reasons


_models: dict[tuple[Path, int], TriageModel | None] = {}
_lock = Lock()


def _current_model() -> TriageModel | None:
    """Return the model file's content, read again only when the file changed."""
    path = models_dir() / MODEL_NAME
    try:
        key = (path, path.stat().st_mtime_ns)
    except OSError:
        return None
    with _lock:
        if key not in _models:
            _models.clear()
            _models[key] = load_model(path)
        return _models[key]
