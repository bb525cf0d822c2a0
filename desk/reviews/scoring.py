"""Scorecards: how well an agent served a conversation, and the figures by agent and period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations.models import Message, Sender
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.reviews.quality_models import Scorecard
from desk.reviews.quality_settings import POINTS, QualitySettings, quality_settings
from desk.reviews.service import checked_note


@dataclass(frozen=True, slots=True)
class Served:
    """A conversation that an agent served and nobody has scored; `replies` of the agent's."""

    conversation_id: str
    agent_id: int
    agent_name: str
    replies: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """An agent's cards in a period: their number, mean total, and mean points by criterion."""

    agent_id: int
    agent_name: str
    cards: int
    mean: float
    by_criterion: Mapping[str, float]


def total_of(points: Mapping[str, int], settings: QualitySettings) -> float:
    """Return the total from 0 to 100, one decimal.

    Raises:
        InvalidInput: a criterion is missing, unknown, or its points are not 0 to `POINTS`.
    """
    names = {one.id for one in settings.criteria}
    if set(points) != names or any(
        type(value) is not int or not 0 <= value <= POINTS for value in points.values()
    ):
        raise InvalidInput("errors.points_invalid", field="points", most=POINTS)
    weights = sum(one.weight for one in settings.criteria)
    reached = sum(points[one.id] * one.weight for one in settings.criteria)
    return round(100 * reached / (POINTS * weights), 1)


def score(
    session: Session,
    scorer: Staff,
    *,
    conversation_id: str,
    agent_id: int,
    points: Mapping[str, int],
    note: str | None = None,
    now: datetime | None = None,
) -> Scorecard:
    """Score what an agent did in a conversation.

    Raises:
        Forbidden: not QA or a leader, or oneself.
        NotFound: the agent said nothing there.
        Conflict: there is a valid card.
        InvalidInput: points or note are not right.
    """
    require(scorer, Role.QA, Role.SUPERVISOR)
    if scorer.id == agent_id:
        raise Forbidden("errors.own_reply")
    settings = quality_settings()
    total = total_of(points, settings)
    mine = Message.conversation_id == conversation_id, Message.staff_id == agent_id
    last = session.scalar(
        select(func.max(Message.created_at)).where(*mine, Message.sender == Sender.AGENT)
    )
    if last is None:
        raise NotFound("errors.served_not_found")
    card = Scorecard(
        conversation_id=conversation_id,
        agent_id=agent_id,
        scorer_id=scorer.id,
        marks={one.id: [points[one.id], one.weight] for one in settings.criteria},
        total=total,
        note=checked_note(note),
        served_at=last,
        created_at=now or utc_now(),
    )
    try:
        with session.begin_nested():
            session.add(card)
    except IntegrityError as error:
        raise Conflict("errors.card_exists") from error
    session.refresh(card)
    return card


def to_score(
    session: Session, scorer: Staff, *, agent_id: int | None = None, limit: int = 30
) -> list[Served]:
    """Return conversations without a valid card, the newest first, not the scorer's own.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    require(scorer, Role.QA, Role.SUPERVISOR)
    scored = exists().where(
        Scorecard.conversation_id == Message.conversation_id,
        Scorecard.agent_id == Message.staff_id,
        Scorecard.withdrawn_at.is_(None),
    )
    last = func.max(Message.created_at)
    query = (
        select(Message.conversation_id, Staff.id, Staff.display_name, func.count(), last)
        .join(Staff, Staff.id == Message.staff_id)
        .where(Message.sender == Sender.AGENT, Message.staff_id != scorer.id, ~scored)
        .group_by(Message.conversation_id, Staff.id, Staff.display_name)
        .order_by(last.desc())
        .limit(limit)
    )
    if agent_id is not None:
        query = query.where(Message.staff_id == agent_id)
    return [Served(*row) for row in session.execute(query)]


def list_cards(
    session: Session,
    *,
    agent_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Sequence[Scorecard]:
    """Return cards, struck out ones too, the newest first. The caller checks the role."""
    query = select(Scorecard)
    if agent_id is not None:
        query = query.where(Scorecard.agent_id == agent_id)
    if since:
        query = query.where(Scorecard.served_at >= since)
    if until:
        query = query.where(Scorecard.served_at < until)
    query = query.order_by(Scorecard.created_at.desc(), Scorecard.id.desc())
    return session.scalars(query.limit(limit).offset(offset)).all()


def figures(
    session: Session, *, since: datetime | None = None, until: datetime | None = None
) -> list[AgentFigures]:
    """Return the valid cards' figures, the best agent first. The caller checks the role."""
    query = select(Scorecard).where(Scorecard.withdrawn_at.is_(None))
    if since:
        query = query.where(Scorecard.served_at >= since)
    if until:
        query = query.where(Scorecard.served_at < until)
    cards: dict[int, list[Scorecard]] = {}
    for card in session.scalars(query):
        cards.setdefault(card.agent_id, []).append(card)
    found = [
        AgentFigures(
            agent_id=agent_id,
            agent_name=own[0].agent.display_name,
            cards=len(own),
            mean=round(fmean(card.total for card in own), 1),
            by_criterion=_means(own),
        )
        for agent_id, own in cards.items()
    ]
    return sorted(found, key=lambda one: (-one.mean, one.agent_id))


def _means(cards: Sequence[Scorecard]) -> dict[str, float]:
    points: dict[str, list[int]] = {}
    for card in cards:
        for name, (value, _weight) in card.marks.items():
            points.setdefault(name, []).append(value)
    return {name: round(fmean(values), 2) for name, values in points.items()}
