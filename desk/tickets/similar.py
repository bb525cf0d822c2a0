"""Tickets that may belong together: suggestions, each with a score and the reasons (R-G8).

Only tickets of the same customer, building or estate within a window are looked at, some hundred
at most; the embedding compares the best of them. People merge or group, never this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.tickets.models import Ticket
from desk.tickets.visibility import visible_to
from scripts_library.text.embedding import Embedder

WINDOW = timedelta(days=90)
"""Before and after the ticket in which others of the same customer or building count."""
ESTATE_WINDOW = timedelta(days=14)
"""The same for others of the same estate and category."""
CANDIDATE_LIMIT = 100
"""For each of the three."""
COMPARED_LIMIT = 30
"""So many are compared by meaning: 2-6 ms each the first time."""
SHOWN_FROM = 0.45
SAME_MEANING, OTHER_MEANING = 0.94, 0.88
"""Cosine of multilingual-e5-small at which descriptions mean the same, and at which they have
little in common. Fifteen short complaints: the same matter 0.92 to 0.96, another 0.82 to 0.91."""

WEIGHTS = {
    "phone": 0.35,
    "building": 0.2,
    "estate": 0.08,
    "category": 0.17,
    "cause": 0.2,
    "meaning": 0.3,
    "near": 0.08,
}


@dataclass(frozen=True, slots=True)
class Similar:
    """Another ticket, how likely it is the same matter (0 to 1), and why.

    `reasons` are names in `ticket_page.similar`; `is_same_customer` tells a repeat (to be merged)
    from a matter of several customers (to be grouped).
    """

    ticket: Ticket
    score: float
    reasons: tuple[str, ...]
    is_same_customer: bool


def candidates(session: Session, staff: Staff, ticket: Ticket) -> list[Ticket]:
    """Return tickets that may be about the same, each once; three bounded queries at most."""
    found: dict[int, Ticket] = {}
    for condition, window in _ways(ticket):
        query = select(Ticket).where(
            condition,
            Ticket.id != ticket.id,
            Ticket.merged_into_id.is_(None),
            Ticket.created_at.between(ticket.created_at - window, ticket.created_at + window),
            visible_to(staff),
        )
        for one in session.scalars(query.order_by(Ticket.id.desc()).limit(CANDIDATE_LIMIT)):
            found.setdefault(one.id, one)
    return list(found.values())


def rank_similar(
    ticket: Ticket, others: Sequence[Ticket], embedder: Embedder | None, *, limit: int = 8
) -> list[Similar]:
    """Return the likeliest of the candidates, best first. Without an embedder the meaning of the
    descriptions does not count."""
    judged = sorted(
        ((one, _signs(ticket, one)) for one in others),
        key=lambda pair: (-_score(pair[1]), pair[0].id),
    )[:COMPARED_LIMIT]
    if embedder is not None and judged:
        texts = [ticket.description, *(one.description for one, _ in judged)]
        vectors = embedder.encode(texts)
        alike = np.clip(
            (vectors[1:] @ vectors[0] - OTHER_MEANING) / (SAME_MEANING - OTHER_MEANING), 0, 1
        )
        for (_, signs), share in zip(judged, alike, strict=True):
            signs["meaning"] = float(share)
    ranked = [_similar(one, signs) for one, signs in judged if _score(signs) >= SHOWN_FROM]
    return sorted(ranked, key=lambda one: (-one.score, one.ticket.id))[:limit]


def _ways(ticket: Ticket) -> list[tuple[ColumnElement[bool], timedelta]]:
    ways: list[tuple[ColumnElement[bool], timedelta]] = []
    if ticket.phone_index:
        ways.append((Ticket.phone_index == ticket.phone_index, WINDOW))
    if ticket.conversation_id:
        ways.append((Ticket.conversation_id == ticket.conversation_id, WINDOW))
    if ticket.estate and ticket.building:
        same_place = (Ticket.estate == ticket.estate) & (Ticket.building == ticket.building)
        ways.append((same_place, WINDOW))
    if ticket.estate:
        same_matter = or_(
            Ticket.category == ticket.category,
            Ticket.cause == ticket.cause if ticket.cause else Ticket.category == ticket.category,
        )
        ways.append(((Ticket.estate == ticket.estate) & same_matter, ESTATE_WINDOW))
    return ways


def _signs(ticket: Ticket, other: Ticket) -> dict[str, float]:
    """Return what speaks for the same matter, each from 0 to 1."""
    same_phone = bool(ticket.phone_index) and ticket.phone_index == other.phone_index
    same_talk = bool(ticket.conversation_id) and ticket.conversation_id == other.conversation_id
    same_estate = bool(ticket.estate) and ticket.estate == other.estate
    same_building = same_estate and bool(ticket.building) and ticket.building == other.building
    apart = abs(ticket.created_at - other.created_at)
    return {
        "phone": float(same_phone or same_talk),
        "building": float(same_building),
        "estate": float(same_estate),
        "category": float(bool(ticket.category) and ticket.category == other.category),
        "cause": float(bool(ticket.cause) and ticket.cause == other.cause),
        "near": max(0.0, 1 - apart / ESTATE_WINDOW),
        "meaning": 0.0,
    }


def _score(signs: dict[str, float]) -> float:
    return min(1.0, sum(WEIGHTS[name] * value for name, value in signs.items()))


def _similar(other: Ticket, signs: dict[str, float]) -> Similar:
    reasons = [name for name in ("phone", "building", "category", "cause") if signs[name]]
    if signs["estate"] and not signs["building"]:
        reasons.insert(0, "estate")
    if signs["meaning"] >= 0.5:
        reasons.append("meaning")
    return Similar(other, round(_score(signs), 2), tuple(reasons), bool(signs["phone"]))
