"""Classifiers side by side on the same features: n-grams and sentence embedding of our examples.

`bot.intents.model` is the one in use; the others are those of scikit-learn that a team would try
first. Rasa's own DIET is measured by `bot.diet`, in a process of its own.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from bot.evaluate import Example, fold_indices
from bot.folding import fold
from bot.intents.augment import with_variants
from bot.intents.features import GramSpace, grams
from bot.intents.model import DENSE_WEIGHT, PENALTY, SEED, TOLERANCE
from bot.intents.vectors import embed_folded
from bot.lexicon import load_lexicon
from bot.words import segmenter

Labelled = Sequence[tuple[str, Sequence[str]]]
"""Texts of others with the labels that are right."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A classifier: how it is made, and of which features it sees the n-grams and the embedding."""

    name: str
    make: Callable[[], Any]
    has_grams: bool = True
    has_vectors: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; accuracies 0-1, `parse_ms` without the making of the features."""

    name: str
    accuracies: dict[str, float]
    cross_validation: float | None
    train_s: float
    parse_ms: float


def candidates() -> Iterator[Candidate]:
    """Yield what is compared; the first is the one in use."""
    from sklearn.linear_model import LogisticRegression, RidgeClassifier
    from sklearn.naive_bayes import ComplementNB
    from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
    from sklearn.svm import LinearSVC

    def svm() -> Any:
        return LinearSVC(C=PENALTY, class_weight="balanced", tol=TOLERANCE, random_state=SEED)

    def logistic() -> Any:
        return LogisticRegression(C=10, class_weight="balanced", max_iter=200)

    yield Candidate("linear SVM", svm)
    yield Candidate("linear SVM, n-grams only", svm, has_vectors=False)
    yield Candidate("linear SVM, embedding only", svm, has_grams=False)
    yield Candidate("logistic regression", logistic)
    yield Candidate("ridge", lambda: RidgeClassifier(class_weight="balanced", solver="sparse_cg"))
    yield Candidate("complement naive Bayes, n-grams only", ComplementNB, has_vectors=False)
    yield Candidate(
        "5 nearest examples, embedding only",
        lambda: KNeighborsClassifier(5, metric="cosine"),
        has_grams=False,
    )
    yield Candidate("nearest centroid, embedding only", NearestCentroid, has_grams=False)


class Features:
    """The features of texts, made once: an example is embedded, its variants are not."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._words = segmenter(tuple(load_lexicon().words()))
        self.examples = examples
        self.folded = [fold(example.text).text for example in examples]
        self.vectors = self._embed(self.folded)

    def train(
        self, candidate: Candidate, taught: Sequence[int]
    ) -> tuple[Callable[[Sequence[str], NDArray[np.float32]], list[str]], float]:
        """Train on some examples; return how to predict, and the seconds it took."""
        labels = [self.examples[i].intent for i in taught]
        made = with_variants([self.folded[i] for i in taught], labels)
        documents = [self._grams(text) for text, _ in made]
        origin = [taught[i] for _, i in made]
        space = GramSpace.fit(documents)
        center = self.vectors[taught].mean(axis=0)

        def rows(found: Sequence[Any], vectors: NDArray[np.float32]) -> Any:
            dense = (vectors - center) * DENSE_WEIGHT
            if not candidate.has_grams:
                return dense
            sparse = space.rows(found)
            both = [sparse, csr_matrix(dense)] if candidate.has_vectors else [sparse]
            return hstack(both, format="csr")

        model, begin = candidate.make(), time.perf_counter()
        model.fit(rows(documents, self.vectors[origin]), [self.examples[i].intent for i in origin])
        seconds = time.perf_counter() - begin

        def predict(texts: Sequence[str], vectors: NDArray[np.float32]) -> list[str]:
            return [str(name) for name in model.predict(rows([*map(self._grams, texts)], vectors))]

        return predict, seconds

    def embed(self, texts: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
        """Return folded texts and their embeddings."""
        folded = [fold(text).text for text in texts]
        return folded, self._embed(folded)

    def _grams(self, text: str) -> Any:
        return grams(text, [word.text for word in self._words.split(text)])

    def _embed(self, folded: Sequence[str]) -> NDArray[np.float32]:
        vectors = embed_folded([text or " " for text in folded])
        return np.zeros((len(folded), 1), np.float32) if vectors is None else vectors


def compare(
    examples: Sequence[Example], others: dict[str, Labelled], *, folds: int = 5
) -> Iterator[Row]:
    """Train and measure every candidate in turn (minutes in all).

    Args:
        examples: our own examples.
        others: labelled texts of other people by name.
        folds: of the cross-validation on our own; 0 leaves it out.
    """
    features = Features(examples)
    embedded = {name: features.embed([text for text, _ in set_]) for name, set_ in others.items()}
    for candidate in candidates():
        predict, seconds = features.train(candidate, range(len(examples)))
        accuracies, parse_s, n = {}, 0.0, 0
        for name, (folded, vectors) in embedded.items():
            begin = time.perf_counter()
            found = predict(folded, vectors)
            parse_s, n = parse_s + time.perf_counter() - begin, n + len(folded)
            right = sum(f in labels for f, (_, labels) in zip(found, others[name], strict=True))
            accuracies[name] = right / len(folded)
        held = _cross_validate(features, candidate, folds) if folds else None
        yield Row(candidate.name, accuracies, held, seconds, parse_s / max(1, n) * 1000)


def _cross_validate(features: Features, candidate: Candidate, folds: int) -> float:
    right = 0
    for held in fold_indices(features.examples, folds):
        taught = [i for i in range(len(features.examples)) if i not in held]
        predict, _ = features.train(candidate, taught)
        order = sorted(held)
        found = predict([features.folded[i] for i in order], features.vectors[order])
        right += sum(f == features.examples[i].intent for f, i in zip(found, order, strict=True))
    return right / len(features.examples)
