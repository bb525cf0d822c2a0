"""What agents did with suggestions, as plain data that the caller stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import tanh
from typing import Any, Literal

Outcome = Literal["used", "edited", "rejected"]

CREDIT: Mapping[str, float] = {"used": 1.0, "edited": 0.5, "rejected": -1.0}
MAX_WORDS = 200
SHRINK = 3.0


@dataclass(slots=True)
class FeedbackStats:
    """Counts per script and outcome, and the net credit of words it was offered for.

    `counts` is script id -> outcome -> times; `words` is script id -> word -> credit. At most
    `MAX_WORDS` words are kept for a script, those with the strongest credit.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    words: dict[str, dict[str, float]] = field(default_factory=dict)

    def note(self, script_id: str, words: Sequence[str], outcome: Outcome) -> None:
        """Count one outcome. Raises ValueError for an outcome that is none of `CREDIT`."""
        if outcome not in CREDIT:
            raise ValueError(f"outcome must be one of {', '.join(CREDIT)}")
        counts = self.counts.setdefault(script_id, {})
        counts[outcome] = counts.get(outcome, 0) + 1
        credits = self.words.setdefault(script_id, {})
        for word in set(words):
            credits[word] = credits.get(word, 0.0) + CREDIT[outcome]
        if len(credits) > MAX_WORDS:
            strongest = sorted(credits, key=lambda word: (-abs(credits[word]), word))
            self.words[script_id] = {word: credits[word] for word in strongest[:MAX_WORDS]}

    def adjustment(self, script_id: str, words: Sequence[str]) -> float:
        """Return -2..2 to add to a script's score before the logistic function.

        Half comes from its history for every question, half from alike questions; few
        observations count little (`SHRINK` pretended neutral ones).
        """
        counts = self.counts.get(script_id)
        if not counts:
            return 0.0
        net = sum(CREDIT[outcome] * times for outcome, times in counts.items())
        overall = net / (sum(counts.values()) + SHRINK)
        credits = self.words.get(script_id, {})
        known = [credits[word] for word in set(words) if word in credits]
        alike = tanh(sum(known) / (len(set(words)) or 1) / SHRINK * 2)
        return overall + alike

    def to_dict(self) -> dict[str, Any]:
        """Return plain data (dicts, strings, numbers) for JSON."""
        return {"counts": self.counts, "words": self.words}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "FeedbackStats":
        """Read what `to_dict` gave; unknown outcomes are left out."""
        counts = {
            str(script): {str(o): int(n) for o, n in outcomes.items() if o in CREDIT}
            for script, outcomes in dict(data.get("counts", {})).items()
        }
        words = {
            str(script): {str(word): float(credit) for word, credit in credits.items()}
            for script, credits in dict(data.get("words", {})).items()
        }
        return cls(counts, words)
