"""REST: QA's figures for other systems: agreement, samples, scorecards."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from desk.current import get_desk
from desk.reviews import sampling, scoring, second
from desk.reviews.quality_models import DrawKind, Scorecard
from desk.web.callers import Reviewer

router = APIRouter(prefix="/quality", tags=["质检"])

Since = Annotated[AwareDatetime | None, Query()]


@router.get("/agreement", summary="双人评分的一致性（Kappa）")
async def agreement(
    _reviewer: Reviewer, since: Since = None, until: Since = None
) -> dict[str, Any]:
    """Return Cohen's kappa of the second judgements made in a stretch of time."""
    found = await get_desk().database.look(second.agreement, since=since, until=until)
    return {
        "pairs": found.pairs,
        "observed": round(found.observed, 4),
        "expected": round(found.expected, 4),
        "kappa": found.kappa,
        "level": found.level,
    }


@router.get("/samples/{kind}", summary="抽检结果，随机与按风险分开")
async def samples(
    kind: DrawKind, reviewer: Reviewer, since: Since = None, until: Since = None
) -> dict[str, Any]:
    """Return what one sample found; `low` and `high` bound the share only where it is unbiased."""
    look = get_desk().database.look
    await look(sampling.list_samples, reviewer, kind, limit=1)
    found = await look(sampling.figures, kind, since=since, until=until)
    interval = [round(found.missed.low, 4), round(found.missed.high, 4)]
    return {
        "kind": kind,
        "open": found.open,
        "judged": found.missed.total,
        "missed": found.missed.count,
        "share": found.missed.value,
        "is_unbiased": found.is_unbiased,
        "interval": interval if found.is_unbiased else None,
    }


@router.get("/scorecards", summary="评分表")
async def scorecards(
    _reviewer: Reviewer,
    agent_id: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    since: Since = None,
    until: Since = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return scorecards, the newest first, and each agent's figures."""
    look = get_desk().database.look
    cards = await look(
        scoring.list_cards,
        agent_id=agent_id,
        since=since,
        until=until,
        limit=limit,
        offset=offset,
    )
    figures = await look(scoring.figures, since=since, until=until)
    return {
        "scorecards": [card_json(card) for card in cards],
        "agents": [
            {
                "agent": one.agent_name,
                "cards": one.cards,
                "mean": one.mean,
                "points": dict(one.by_criterion),
            }
            for one in figures
            if agent_id in (None, one.agent_id)
        ],
    }


def card_json(card: Scorecard) -> dict[str, Any]:
    """Return a card as the API shows it."""
    return {
        "id": card.id,
        "conversation_id": card.conversation_id,
        "agent": card.agent.display_name,
        "scorer": card.scorer.display_name,
        "points": {name: points for name, (points, _weight) in card.marks.items()},
        "total": card.total,
        "note": card.note,
        "served_at": card.served_at.isoformat(),
        "created_at": card.created_at.isoformat(),
        "is_withdrawn": card.withdrawn_at is not None,
    }
