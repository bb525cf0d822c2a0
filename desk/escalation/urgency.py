"""Which tickets the manager on duty must know of at once (R-B6, R-G7)."""

from collections.abc import Iterable
from functools import lru_cache

from scripts_library.text.normal_form import normalize
from scripts_library.triage.lexicon import RISK_WORD, load_lexicon

SAFETY = "safety"
"""Name of the category, and of the group of words that speak of danger."""


def is_urgent(severity: str, category: str | None, reasons: Iterable[str]) -> bool:
    """Tell whether a matter is major and about safety, or the customer used a risk word.

    `reasons` are the words that made it major (`Ticket.severity_reasons`).
    """
    return severity == "major" and (category == SAFETY or any(map(is_alarming, reasons)))


@lru_cache(maxsize=4096)
def is_alarming(words: str) -> bool:
    """Tell whether words that made a ticket major speak of danger or are a risk word."""
    hits = load_lexicon().scan(normalize(words).text)
    return any(hit.word.kind == RISK_WORD or hit.word.group == SAFETY for hit in hits)
