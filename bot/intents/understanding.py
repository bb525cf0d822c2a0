"""What a folded message asks: a ranking of intents, and its questions if there are several.

The classifier reads a message as a whole; of several questions in one (「满二了吗？多少钱？」)
it may name any. The first one asked is the message's intent, as a person would take it; the others
are listed in order so that the dialogue can answer them too.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.folding import Folded
from bot.intents.augment import with_variants
from bot.intents.features import grams
from bot.intents.model import Floats, IntentModel, train
from bot.intents.vectors import embed_folded
from bot.words import Segmenter

SURE = 0.9
"""From this probability on the n-grams decide alone. The embedding is most of what understanding
costs, and agrees with them then (docs/guide/nlu.md)."""

CERTAIN = 0.6
"""A clause below this is no question of its own."""

MOST_CLAUSES = 5
_SHORTEST = 2
_QUESTION = "ask_"
_BORDER = re.compile(r"[?!。;]+")

Ranking = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a message: its intent and its half-open span in the original text."""

    intent: str
    confidence: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understood:
    """All intents, best first; `questions` only where a message has at least two."""

    ranking: Ranking
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """Understands folded messages; safe for threads."""

    model: IntentModel
    segmenter: Segmenter

    def understand(self, folded: Folded, vector: Floats | None = None) -> Understood:
        """Return what a message asks; below 1 ms a clause, ten times that for one that needs its
        embedding.

        Args:
            folded: the message.
            vector: its embedding if it is known already.
        """
        ranking = self._rank(folded.text, vector)
        questions = self._questions(folded)
        if len(questions) < 2:
            return Understood(ranking)
        asked = [question.intent for question in questions]
        best = ranking[0][0]
        if best in asked and best != asked[0]:
            ranking = _first(ranking, asked[0])
        return Understood(ranking, questions)

    def _questions(self, folded: Folded) -> tuple[Question, ...]:
        clauses = _clauses(folded.text)
        if len(clauses) < 2:
            return ()
        found: dict[str, Question] = {}
        for start, end in clauses[:MOST_CLAUSES]:
            intent, confidence = self._rank(folded.text[start:end])[0]
            if intent.startswith(_QUESTION) and confidence >= CERTAIN:
                found.setdefault(intent, Question(intent, confidence, *folded.span(start, end)))
        return tuple(found.values())

    def _rank(self, text: str, vector: Floats | None = None) -> Ranking:
        document = _document(text, self.segmenter)
        ranking = self.model.predict(document, None)
        if ranking[0][1] >= SURE:
            return ranking
        if vector is None and (rows := embed_folded([text])) is not None:
            vector = rows[0]
        return ranking if vector is None else self.model.predict(document, vector)


def train_on(
    texts: Sequence[str], labels: Sequence[str], vectors: Floats | None, *, segmenter: Segmenter
) -> IntentModel:
    """Train on folded examples and their variants.

    A variant takes the embedding of its example: it means the same, and embedding is what costs.

    Args:
        texts: folded examples.
        labels: their intents.
        vectors: their embeddings, shape (examples, dim), or None to train without.
        segmenter: the one that will be used to understand.
    """
    made = with_variants(texts, labels)
    documents = [_document(text, segmenter) for text, _ in made]
    origin = [i for _, i in made]
    rows = None if vectors is None else vectors[origin]
    return train(documents, [labels[i] for i in origin], rows)


def _document(text: str, segmenter: Segmenter) -> Counter[str]:
    return grams(text, [word.text for word in segmenter.split(text)])


def _clauses(text: str) -> list[tuple[int, int]]:
    """Spans between sentence ends, without their white space, none shorter than two letters."""
    spans, start = [], 0
    for border in [*_BORDER.finditer(text), None]:
        end = border.start() if border else len(text)
        piece = text[start:end]
        if len(piece.strip()) >= _SHORTEST:
            left = start + len(piece) - len(piece.lstrip())
            spans.append((left, start + len(piece.rstrip())))
        start = border.end() if border else end
    return spans


def _first(ranking: Ranking, intent: str) -> Ranking:
    """Move an intent to the top; it takes over the confidence of the one before."""
    others = [(name, share) for name, share in ranking if name != intent]
    share = dict(ranking)[intent]
    best, top = others[0]
    return [(intent, top), (best, share), *others[1:]]
