"""Draws samples: pure, and the same for the same seed and candidates (R-G11)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from desk.reviews.quality_settings import QualitySettings
from scripts_library.triage.grievance import grievance

GRIEVANCE_FROM = 0.3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply that may be drawn, with what is known around it; `waited` None: nobody waited."""

    message_id: int
    conversation_id: str
    agent_id: int
    text: str
    asked: str
    waited: timedelta | None
    is_urgent: bool
    has_record: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn reply: its weight at the draw, and the codes of what made it heavier."""

    candidate: Candidate
    weight: float
    reasons: tuple[str, ...]


def draw_evenly(candidates: Sequence[Candidate], count: int, seed: str) -> list[Drawn]:
    """Return `count` of the candidates, each with the same chance; all where there are fewer."""
    chosen = Random(seed).sample(_ordered(candidates), min(count, len(candidates)))
    return [Drawn(one, 1.0, ()) for one in chosen]


def draw_by_risk(
    candidates: Sequence[Candidate], count: int, seed: str, settings: QualitySettings
) -> list[Drawn]:
    """Return `count` of the candidates, heavier ones likelier (Efraimidis and Spirakis 2006)."""
    chance = Random(seed)
    weighed = []
    for candidate in _ordered(candidates):
        reasons = signs(candidate, settings)
        weight = 1 + sum(settings.risk[name] for name in reasons)
        # The logarithm of u^(1/weight), which keeps tiny chances apart.
        key = math.log(chance.random() or 1e-300) / weight
        weighed.append((key, Drawn(candidate, weight, reasons)))
    weighed.sort(key=lambda pair: -pair[0])
    return [drawn for _, drawn in weighed[:count]]


def signs(candidate: Candidate, settings: QualitySettings) -> tuple[str, ...]:
    """Return the codes of what makes a reply risky, in a fixed order."""
    slow = timedelta(minutes=settings.slow_minutes)
    found = {
        "grievance": grievance(candidate.asked).score >= GRIEVANCE_FROM,
        "urgent": candidate.is_urgent,
        "curt": len(candidate.text.strip()) <= settings.curt_characters,
        "slow": candidate.waited is not None and candidate.waited > slow,
        "record": candidate.has_record,
    }
    return tuple(name for name, is_so in found.items() if is_so)


def _ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda one: one.message_id)
