"""Which of several replies answers the customer's question?

Two stages, both trained on own examples (`data/ranking/`), in about half a minute:

1. For each question topic (price, viewing, school …) a classifier of replies: does this reply
   answer questions of that topic? Also: is it an answer to yes or no, is it an answer at all.
2. A logistic regression over the features of the pair: how far the reply answers the topics that
   the question probably has (`TopicVectors`), whether the form fits (吗 wants 可以/有/是, 多少 a
   number), shared characters, asking back. Its examples use stage 1 trained without their
   patterns.

Where two or more come out close, the sentence embedder has a say. Without the trained files it
decides alone, without it shared characters do.
`docs/guide/suggestions.md` has the figures.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from scripts_library.errors import TextError
from scripts_library.paths import models_dir
from scripts_library.suggesting.ranking.examples import NO_ANSWER, YES_NO
from scripts_library.suggesting.ranking.reply_pieces import (
    asks_back,
    buckets_of,
    form_of,
    has_number,
    is_short_answer,
    plain,
)
from scripts_library.suggesting.topic_vectors import MODEL_NAME as TOPICS_NAME
from scripts_library.suggesting.topic_vectors import TopicVectors
from scripts_library.text.embedding import get_embedder

MODEL_NAME = "ranking.npz"
MAX_CANDIDATES = 1000
LONGEST = 1000
CLOSE_CALL = 1.0
MOST_CONTENDERS = 8
MEANING = 20.0
"""Candidates this close to the best, at most so many, are decided with the cosine of the sentence
embedder (if there is one) times `MEANING`: a quarter of the cases, 10-30 ms a text. The weight was
picked on the development data (0.845 -> 0.855; 10 to 40 are alike); made examples don't gain."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReplyModel:
    """Stage 1. `labels` are topics, `YES_NO` and `NO_ANSWER`; `weights` is `(BUCKETS, labels)`."""

    labels: tuple[str, ...]
    weights: Numbers
    bias: Numbers

    def probabilities(self, replies: Sequence[str]) -> Numbers:
        """Return shape `(len(replies), labels)`, each 0-1 by itself: a reply can answer several."""
        logits = np.empty((len(replies), len(self.labels)))
        for i, reply in enumerate(replies):
            buckets = buckets_of(reply)
            logits[i] = self.weights[buckets].sum(axis=0) * len(buckets) ** -0.5 + self.bias
        found: Numbers = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        return found


@dataclass(frozen=True, slots=True)
class Ranker:
    """Both stages. `combine` weighs the features of `pair_features`."""

    topics: TopicVectors
    replies: ReplyModel
    combine: Numbers

    @classmethod
    def load(cls, path: Path | None = None) -> "Ranker | None":
        """Return the trained ranker, or None if `kefu train` has not built it yet."""
        path = path or models_dir() / MODEL_NAME
        topics = TopicVectors.load(path.with_name(TOPICS_NAME))
        try:
            with np.load(path, allow_pickle=False) as stored:
                labels = tuple(json.loads(str(stored["labels"])))
                weights = stored["weights"].astype(np.float64)
                replies = ReplyModel(labels, weights, stored["bias"])
                combine = stored["combine"]
        except (OSError, KeyError, ValueError, BadZipFile, EOFError):
            return None
        return cls(topics, replies, combine) if topics is not None else None

    def scores(self, query: str, candidates: Sequence[str]) -> Numbers:
        """Return float64 of shape `(len(candidates),)`; higher answers better."""
        features = pair_features(
            query,
            candidates,
            self.replies.probabilities(candidates),
            self.replies.labels,
            self.topics,
        )
        found: Numbers = features @ self.combine
        return found


def pair_features(
    query: str,
    candidates: Sequence[str],
    answered: Numbers,
    labels: Sequence[str],
    topics: TopicVectors,
) -> Numbers:
    """Return the features of each (query, candidate) pair, shape `(len(candidates), 18)`.

    `answered` is what `ReplyModel.probabilities` gave for the candidates.
    """
    asked, known = _asked(query, labels, topics)
    form = form_of(query)
    own = [i for i, label in enumerate(labels) if label not in (YES_NO, NO_ANSWER)]
    odds = np.clip(np.log(answered / (1 - answered) + 1e-9), -5, 3)
    viewing = asked[labels.index("ask_viewing")]
    yes_no, nothing = labels.index(YES_NO), labels.index(NO_ANSWER)
    question = plain(query)
    rows = []
    for reply, found, odd in zip(candidates, answered, odds, strict=True):
        fit = float(asked @ found)
        text = plain(reply)
        short = is_short_answer(reply)
        back = asks_back(reply)
        rows.append(
            [
                fit,
                np.log(fit + 0.02),
                float(asked @ odd),
                found[nothing],
                max(float(found[own].max()) - fit, 0.0),
                form.whether * found[yes_no],
                form.which * found[yes_no],
                form.whether * fit,
                _overlap(_pairs(question), _pairs(text)),
                _overlap(set(question), set(text)),
                np.log1p(len(text)),
                float(back),
                back * viewing,
                known * fit,
                float(form.whether and short),
                float(form.which and short and len(text) <= 5),
                float(form.whether and text.startswith(("不", "没"))),
                float(form.amount and has_number(reply)),
            ]
        )
    return np.array(rows)


def rank(query: str, candidates: Sequence[str]) -> list[int]:
    """Return the indices of the candidates, the best answer to the query first.

    Equal ones keep their order; no candidates give an empty list. Of each text the first `LONGEST`
    characters count. About 2 ms for five.

    Raises:
        TextError: the query or a candidate is not a string.
        ValueError: more than `MAX_CANDIDATES`.
    """
    if not isinstance(query, str) or not all(isinstance(text, str) for text in candidates):
        raise TextError("问题和每条备选回复都必须是文字(str)")
    if len(candidates) > MAX_CANDIDATES:
        raise ValueError(f"备选回复有 {len(candidates)} 条，一次最多 {MAX_CANDIDATES} 条")
    if not candidates:
        return []
    query, candidates = query[:LONGEST], [text[:LONGEST] for text in candidates]
    ranker = _default_ranker()
    scores = _close_calls(ranker, query, candidates) if ranker else _plain(query, candidates)
    return [int(i) for i in np.argsort(-scores, kind="stable")]


@cache
def _default_ranker() -> Ranker | None:
    return Ranker.load()


def _close_calls(ranker: Ranker, query: str, candidates: Sequence[str]) -> Numbers:
    """Return the ranker's scores, those of the contenders for the first place with the meaning."""
    scores = ranker.scores(query, candidates)
    order = np.argsort(-scores, kind="stable")[:MOST_CONTENDERS]
    contenders = [int(i) for i in order if scores[order[0]] - scores[i] < CLOSE_CALL]
    embedder = get_embedder() if len(contenders) > 1 else None
    if embedder is None:
        return scores
    vectors = embedder.encode([query, *(candidates[i] for i in contenders)])
    meaning = vectors[1:] @ vectors[0]
    bonus = np.zeros_like(scores)
    bonus[contenders] = CLOSE_CALL * len(contenders) + MEANING * (meaning - meaning.min())
    total: Numbers = scores + bonus
    return total


def _plain(query: str, candidates: Sequence[str]) -> Numbers:
    """Score without trained files: by the sentence embedder, or by shared characters."""
    embedder = get_embedder()
    if embedder is not None:
        vectors = embedder.encode([query, *candidates])
        found: Numbers = (vectors[1:] @ vectors[0]).astype(np.float64)
        return found
    question = plain(query)
    return np.array([_overlap(_pairs(question), _pairs(plain(text))) for text in candidates])


def _asked(query: str, labels: Sequence[str], topics: TopicVectors) -> tuple[Numbers, float]:
    """Return P(topic) over the labels, normalised, and how much of it the labels cover."""
    found = topics.probabilities(query)
    asked = np.array([found.get(label, 0.0) for label in labels])
    covered = float(asked.sum())
    return asked / (covered + 0.05), covered


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _overlap(wanted: set[str], found: set[str]) -> float:
    return len(wanted & found) / (len(wanted) + 1)


def train_to(path: Path | None = None) -> Path:
    """Train on the own examples and write the model file, and the topic vectors beside it that it
    was trained with; return its path."""
    from scripts_library.suggesting import topic_vectors
    from scripts_library.suggesting.ranking.training import train

    path = path or models_dir() / MODEL_NAME
    beside = path.with_name(TOPICS_NAME)
    topics = TopicVectors.load(topic_vectors.train_to(beside))
    assert topics is not None
    ranker = train(topics)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, ranker)
    _default_ranker.cache_clear()
    return path


def _write(path: Path, ranker: Ranker) -> None:
    temporary = path.with_name(f"{path.stem}.tmp.npz")
    stored: dict[str, Any] = {
        "labels": np.array(json.dumps(ranker.replies.labels)),
        "weights": ranker.replies.weights.astype(np.float32),
        "bias": ranker.replies.bias,
        "combine": ranker.combine,
    }
    np.savez_compressed(temporary, **stored)
    temporary.replace(path)
