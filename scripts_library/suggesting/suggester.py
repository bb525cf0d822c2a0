"""Reply suggestions: the best scripts of the library for a conversation, filled in and explained.

How a script is scored:

1. *Evidence*: BM25 over jieba words and the cosine of sentence vectors, between what the customer
   wrote and the script's questions, keywords and text; both scaled to 0-1.
2. *Topic*: the trained probability that the topic is meant, against being off the subject, counts
   for all its scripts, so that a short question brings all the ways to answer it. A known intent
   adds to its topic.
3. *Step*: the step asked for, or the steps that suit the state of the ticket.
4. *Feedback*: what agents used, edited and rejected before, for all questions and for alike ones.

The sum goes through a logistic function; below `THRESHOLD` nothing is suggested. Nothing is trained
when feedback arrives or a script changes. `docs/guide/suggestions.md` has the figures.

Quick start::

    from scripts_library.suggesting.suggester import SuggestionContext, load_suggester

    suggester = load_suggester()
    context = SuggestionContext(messages=(("customer", "这套对口什么小学"),), intent="ask_school")
    for suggestion in suggester.suggest(context):
        print(suggestion.score, suggestion.text, suggestion.reason)
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log
from pathlib import Path
from threading import RLock
from typing import Literal

import numpy as np

from scripts_library.errors import TextError
from scripts_library.suggesting.feedback import FeedbackStats, Outcome
from scripts_library.suggesting.library import (
    STEPS,
    Script,
    load_scripts,
    topic_names,
)
from scripts_library.suggesting.scoring import (
    BIAS,
    CLOSE,
    CLOSE_FROM,
    EVIDENCE,
    GENERAL_TOPIC,
    INSIDE_TOPIC,
    OFF_SUBJECT,
    THRESHOLD,
    TOPIC,
    among_complaints,
    intent_credit,
    probability,
    step_credits,
)
from scripts_library.suggesting.script_index import Numbers, RowGroups, ScriptIndex
from scripts_library.suggesting.suggestion import (
    MAX_QUERY,
    Suggestion,
    SuggestionContext,
    customer_text,
    fill_in,
)
from scripts_library.suggesting.topic_vectors import TopicVectors
from scripts_library.suggesting.words import words_of
from scripts_library.text.embedding import Embedder

__all__ = [
    "MAX_QUERY",
    "FeedbackStats",
    "Suggester",
    "Suggestion",
    "SuggestionContext",
    "customer_text",
    "fill_in",
    "load_suggester",
]


class Suggester:
    """Suggests scripts. Safe for threads; one object serves a whole process.

    Args:
        scripts: the library, ids unique.
        embedder: sentence vectors; by default the trained `TopicVectors`, if `kefu train` has built
            them. None goes on with words alone, less sharply.
        cache_dir: where the index is kept between starts; None keeps it in memory only.
        feedback: what was learned before; the caller stores it (`FeedbackStats.to_dict`).
    """

    def __init__(
        self,
        scripts: Iterable[Script],
        *,
        embedder: Embedder | Literal["trained"] | None = "trained",
        cache_dir: Path | None = None,
        feedback: FeedbackStats | None = None,
    ) -> None:
        self.feedback = feedback or FeedbackStats()
        if embedder == "trained":
            embedder = TopicVectors.load()
        self._topic_model = embedder if isinstance(embedder, TopicVectors) else None
        self._lock = RLock()
        self._index = ScriptIndex(list(scripts), embedder, cache_dir)
        self._topic_rows = RowGroups()
        self._step_rows = RowGroups()
        for row, script in enumerate(self._index.scripts):
            if script is not None:
                self._enter(row, script)

    def __len__(self) -> int:
        """Number of scripts."""
        return len(self._index)

    def get(self, script_id: str) -> Script | None:
        """Return the script with this id, or None."""
        row = self._index.row(script_id)
        return None if row is None else self._index.scripts[row]

    def add(self, script: Script) -> None:
        """Add a script. Raises ValueError if its id is there already."""
        with self._lock:
            self._enter(self._index.add(script), script)

    def update(self, script: Script) -> None:
        """Replace the script that has this id, or add it."""
        with self._lock:
            if script.id in self._index:
                self.remove(script.id)
            self.add(script)

    def remove(self, script_id: str) -> None:
        """Take a script out. Raises KeyError if it is not there."""
        with self._lock:
            script = self.get(script_id)
            row = self._index.remove(script_id)
            if script is not None:
                self._topic_rows.remove(script.topic, row)
                self._step_rows.remove(script.step, row)

    def knows(self, word: str) -> bool:
        """Tell whether any script has this word."""
        return self._index.knows(word)

    def learn(self, script_id: str, query: str, outcome: Outcome) -> None:
        """Take note that a suggestion for `query` was used, edited or rejected.

        Of the query only words that scripts have are remembered: no numbers, no names.
        """
        with self._lock:
            words = [word for word in words_of(query[-MAX_QUERY:]) if self._index.knows(word)]
            self.feedback.note(script_id, [word for word in words if word != "#"], outcome)

    def suggest(self, context: SuggestionContext, k: int = 3) -> list[Suggestion]:
        """Return up to `k` suggestions, best first; empty when nothing fits.

        Raises:
            TextError: `context` is no `SuggestionContext`, or a message no pair of strings.
        """
        if not isinstance(context, SuggestionContext):
            raise TextError(f"需要 SuggestionContext，收到的是 {type(context).__name__}")
        query = customer_text(context.messages)
        words = words_of(query)
        with self._lock:
            if not len(self._index) or k < 1:
                return []
            logits = self._logits(query, words, context)
            order = np.argsort(-logits, kind="stable")[:k].tolist()
            return [
                self._suggestion(row, float(logits[row]), query, words, context)
                for row in order
                if logits[row] > -np.inf
            ]

    def _enter(self, row: int, script: Script) -> None:
        self._topic_rows.add(script.topic, row)
        self._step_rows.add(script.step, row)

    def _logits(self, query: str, words: Sequence[str], context: SuggestionContext) -> Numbers:
        """Return the logit of every row, -inf where nothing of it fits."""
        count = len(self._index.scripts)
        evidence = self._index.evidence(query, words) if query else np.zeros(count)
        topic_rows = self._topic_rows.arrays()
        shares = {topic: float(evidence[rows].max()) for topic, rows in topic_rows.items()}
        priors = self._priors(query, shares, context.intent)
        logits = np.full(count, -np.inf)
        for topic, share in shares.items():
            near = CLOSE * max(share - CLOSE_FROM, 0.0)
            credit = BIAS + TOPIC * priors[topic] + EVIDENCE * share + near
            logits[topic_rows[topic]] = credit + intent_credit(topic, context)
        for step, credit in step_credits(context).items():
            logits[self._step_rows.arrays().get(step, [])] += credit
        logits[logits < log(THRESHOLD / (1 - THRESHOLD))] = -np.inf
        for topic, share in shares.items():
            rows = topic_rows[topic]
            logits[rows] += INSIDE_TOPIC * (evidence[rows] - share)
        for script_id in self.feedback.counts:
            row = self._index.row(script_id)
            if row is not None:
                logits[row] += self.feedback.adjustment(script_id, words)
        return logits

    def _priors(
        self, query: str, shares: Mapping[str, float], intent: str | None
    ) -> dict[str, float]:
        """Return for each topic the log-odds of being meant against being off the subject.

        Without trained topic probabilities the topic's own evidence stands in for them.
        """
        if query and self._topic_model is not None:
            found = self._topic_model.probabilities(query)
            off = found.get(OFF_SUBJECT, 0.0) + 0.05
            if intent == GENERAL_TOPIC:
                found = among_complaints(found)
            return {topic: log((found.get(topic, 0.0) + 0.005) / off) for topic in shares}
        return {topic: log((share**2 + 0.005) / 0.07) for topic, share in shares.items()}

    def _suggestion(
        self, row: int, logit: float, query: str, words: Sequence[str], context: SuggestionContext
    ) -> Suggestion:
        script = self._index.scripts[row]
        assert script is not None
        text, missing = fill_in(script.text, context.known)
        return Suggestion(
            script_id=script.id,
            text=text,
            template=script.text,
            score=round(probability(logit), 4),
            reason=self._reason(row, script, query, words, context),
            missing=missing,
            source=" · ".join(part for part in (script.source, script.owner) if part),
        )

    def _reason(
        self, row: int, script: Script, query: str, words: Sequence[str], context: SuggestionContext
    ) -> str:
        parts = []
        closest = self._index.closest_view(row, query, words) if query else ""
        if closest:
            parts.append(f"与常见问法「{closest}」相近")
        named = "（与识别的意图一致）" if context.intent == script.topic else ""
        parts.append(f"话题：{topic_names().get(script.topic, script.topic)}{named}")
        if step_credits(context).get(script.step, 0.0) > 0:
            parts.append(f"适合当前步骤：{STEPS.get(script.step, script.step)}")
        used = self.feedback.counts.get(script.id, {}).get("used", 0)
        if used:
            parts.append(f"同事采用过 {used} 次")
        return "；".join(parts)


def load_suggester(
    *, cache_dir: Path | None = None, feedback: FeedbackStats | None = None
) -> Suggester:
    """Return a suggester over the project's own scripts, with the trained vectors if they exist."""
    return Suggester(load_scripts(), cache_dir=cache_dir, feedback=feedback)
