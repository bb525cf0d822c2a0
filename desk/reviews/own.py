"""What a person sees of their own quality: decided flags, scores, appeals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.reviews.appeals import AGAINST, own_appeals
from desk.reviews.models import Decision, FlaggedReply
from desk.reviews.quality_models import Appeal, Scorecard
from desk.reviews.quality_settings import quality_settings
from desk.reviews.scoring import list_cards

ROWS = 100


@dataclass(frozen=True, slots=True)
class OwnQuality:
    """The newest first, at most `ROWS` of each."""

    flags: Sequence[FlaggedReply]
    cards: Sequence[Scorecard]
    appeals: Sequence[Appeal]


def quality_of(session: Session, staff: Staff) -> OwnQuality:
    """Return a person's own quality; what QA has not decided yet is left out."""
    query = select(FlaggedReply).where(
        FlaggedReply.agent_id == staff.id, FlaggedReply.decision != Decision.OPEN
    )
    flags = session.scalars(query.order_by(FlaggedReply.id.desc()).limit(ROWS)).all()
    cards = list_cards(session, agent_id=staff.id, limit=ROWS)
    return OwnQuality(flags, cards, own_appeals(session, staff))


def may_appeal(decision: str, judged_at: datetime | None, now: datetime) -> bool:
    """Tell whether there is something to object to, and still time."""
    return decision in AGAINST and judged_at is not None and _is_in_time(judged_at, now)


def may_appeal_card(card: Scorecard, now: datetime) -> bool:
    """Tell the same of a scorecard."""
    return card.withdrawn_at is None and _is_in_time(card.created_at, now)


def _is_in_time(judged_at: datetime, now: datetime) -> bool:
    return now <= judged_at + timedelta(days=quality_settings().appeal_days)
