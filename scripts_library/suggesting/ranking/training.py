"""Training of the ranker (`rank.train_to`) and its cross-validation, on `data/ranking/` only."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scripts_library.suggesting.ranking.examples import (
    NO_ANSWER,
    YES_NO,
    Reply,
    all_questions,
    read_replies,
)
from scripts_library.suggesting.ranking.ranker import Numbers, Ranker, ReplyModel, pair_features
from scripts_library.suggesting.ranking.reply_pieces import form_of, matrix_of
from scripts_library.suggesting.topic_vectors import TopicVectors

FOLDS = 4
CONVERSATIONS = 4000
REPLY_STRENGTH = 4.0
SHORT = 6
FREQUENT = {"ask_viewing": 6, "ask_discount": 4, "ask_school": 3}
"""How often a topic is asked beside the others (1): a guess from the trade."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A made question with candidate replies, by their index, and which of them answer it."""

    query: str
    candidates: tuple[int, ...]
    right: tuple[bool, ...]


def train(topics: TopicVectors, seed: int = 0) -> Ranker:
    """Train both stages; the same for the same data and seed."""
    replies = read_replies(seed=seed)
    labels = tuple(sorted({topic for reply in replies for topic in reply.topics}))
    unseen = cross_fitted(replies, labels, seed)
    made = make_conversations(replies, labels, random.Random(seed))
    features, right = _stack(made, replies, unseen, labels, topics)
    combine = _fit_pairs(features, right)
    return Ranker(topics, fit_replies(replies, labels), combine)


def fit_replies(replies: Sequence[Reply], labels: Sequence[str]) -> ReplyModel:
    """Train stage 1 on these replies."""
    from sklearn.linear_model import LogisticRegression

    matrix = matrix_of([reply.text for reply in replies])
    weights, bias = [], []
    for label in labels:
        model: Any = LogisticRegression(C=REPLY_STRENGTH, solver="liblinear")
        model.fit(matrix, [label in reply.topics for reply in replies])
        weights.append(model.coef_[0])
        bias.append(model.intercept_[0])
    return ReplyModel(tuple(labels), np.array(weights).T, np.array(bias))


def cross_fitted(replies: Sequence[Reply], labels: Sequence[str], seed: int) -> Numbers:
    """Return stage 1's probabilities for each reply by a model that did not see its pattern.

    Short stock answers (可以的、好的) are split by reply instead: without their pattern no model
    could know them, and in use they are always known.
    """
    patterns = sorted({reply.pattern for reply in replies})
    random.Random(seed).shuffle(patterns)
    fold_of = {pattern: i % FOLDS for i, pattern in enumerate(patterns)}
    stock = {
        reply.pattern
        for reply in replies
        if YES_NO in reply.topics or (NO_ANSWER in reply.topics and len(reply.text) < SHORT)
    }
    folds = [i if r.pattern in stock else fold_of[r.pattern] for i, r in enumerate(replies)]
    found = np.zeros((len(replies), len(labels)))
    for fold in range(FOLDS):
        seen = [reply for reply, own in zip(replies, folds, strict=True) if own % FOLDS != fold]
        held = [i for i, own in enumerate(folds) if own % FOLDS == fold]
        model = fit_replies(seen, labels)
        found[held] = model.probabilities([replies[i].text for i in held])
    return found


def make_conversations(
    replies: Sequence[Reply], labels: Sequence[str], rng: random.Random
) -> list[Conversation]:
    """Return questions each with one right reply or more among three to five."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for i, reply in enumerate(replies):
        for topic in reply.topics:
            by_label[topic].append(i)
    asked: dict[str, list[str]] = defaultdict(list)
    for query, topic in all_questions(frozenset(labels) - {YES_NO, NO_ANSWER}):
        asked[topic].append(query)
    topics = sorted(asked)
    weights = [FREQUENT.get(topic, 1) for topic in topics]
    made = []
    for _ in range(CONVERSATIONS):
        topic = rng.choices(topics, weights)[0]
        query = rng.choice(asked[topic])
        which = form_of(query).which

        def answers(i: int, topic: str = topic, which: bool = which) -> bool:
            return topic in replies[i].topics and not (which and YES_NO in replies[i].topics)

        chosen = [rng.choice([i for i in by_label[topic] if answers(i)])]
        for _ in range(rng.choice([2, 2, 3, 4])):
            chosen.append(rng.choice(by_label[_other_label(rng, topics, which=which)]))
        made.append(Conversation(query, tuple(chosen), tuple(map(answers, chosen))))
    return made


def _other_label(rng: random.Random, topics: Sequence[str], *, which: bool) -> str:
    drawn = rng.random()
    if drawn < 0.5:
        return NO_ANSWER
    if which and drawn < 0.6:
        return YES_NO
    return rng.choice(topics)


def _stack(
    made: Sequence[Conversation],
    replies: Sequence[Reply],
    answered: Numbers,
    labels: Sequence[str],
    topics: TopicVectors,
) -> tuple[Numbers, list[bool]]:
    features = [
        pair_features(
            one.query,
            [replies[i].text for i in one.candidates],
            answered[list(one.candidates)],
            labels,
            topics,
        )
        for one in made
    ]
    return np.concatenate(features), [right for one in made for right in one.right]


def _fit_pairs(features: Numbers, right: Sequence[bool]) -> Numbers:
    """Return weights for the raw features; the constant is left out, it changes no order."""
    from sklearn.linear_model import LogisticRegression

    spread = features.std(axis=0) + 1e-6
    model: Any = LogisticRegression(C=1.0, max_iter=500)
    model.fit((features - features.mean(axis=0)) / spread, right)
    weights: Numbers = model.coef_[0] / spread
    return weights


def own_precision_at_1(topics: TopicVectors, seed: int = 0) -> float:
    """Return P@1 on made conversations whose questions and reply patterns the model never saw."""
    replies = read_replies(seed=seed)
    labels = tuple(sorted({topic for reply in replies for topic in reply.topics}))
    unseen = cross_fitted(replies, labels, seed)
    made = make_conversations(replies, labels, random.Random(seed + 1))
    half = len(made) // 2
    features, right = _stack(made[:half], replies, unseen, labels, topics)
    combine = _fit_pairs(features, right)
    hits = 0
    for one in made[half:]:
        found, flags = _stack([one], replies, unseen, labels, topics)
        hits += flags[int(np.argmax(found @ combine))]
    return hits / (len(made) - half)
