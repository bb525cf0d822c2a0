"""How much a conversation reads like a complaint: pure scoring of what the customer wrote (R-B12).

Three independent signs: words of grievance, the intents that the bot recorded, and what triage
finds grave. The score is the chance that at least one of them is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scripts_library.triage.classifier import classify
from scripts_library.triage.grievance import grievance

LISTED_FROM = 0.5
INTENT_CHANCES = (0.0, 0.65, 0.85)
"""By how many messages the bot took for a complaint; more than two count like two."""
COMPLAINT_INTENT = "file_complaint"
GRAVE_FROM = 0.5
GRAVE_CHANCE = 0.6
CHARACTER_LIMIT = 4000
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Said:
    """A customer's message and what the bot took it for, if it was asked."""

    text: str
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Score from 0 to 1, and the words that led to it, strongest first."""

    score: float
    words: tuple[str, ...]

    @property
    def is_listed(self) -> bool:
        """Whether QA should see it."""
        return self.score >= LISTED_FROM


def suspicion(messages: Sequence[Said]) -> Suspicion:
    """Judge all that a customer said. The first call loads the triage model (about a second)."""
    text = "。".join(message.text for message in messages)[:CHARACTER_LIMIT]
    wronged = grievance(text)
    intents = sum(message.intent == COMPLAINT_INTENT for message in messages)
    by_intent = INTENT_CHANCES[min(intents, len(INTENT_CHANCES) - 1)]
    words = list(wronged.words)
    by_triage = 0.0
    if wronged.score or by_intent:
        found = classify(text)
        grave = [r.surface for r in found.reasons if r.kind in ("severity", "risk_word")]
        if found.severity_score >= GRAVE_FROM and grave:
            by_triage = GRAVE_CHANCE * found.severity_score
            words = grave + words
    innocence = (1 - wronged.score) * (1 - by_intent) * (1 - by_triage)
    return Suspicion(round(1 - innocence, 3), tuple(dict.fromkeys(words))[:MOST_WORDS])
