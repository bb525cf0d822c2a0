"""What became of offers; below conversations, which settle them when somebody takes one."""

from datetime import datetime

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from desk.routing.models import Offer, Outcome


def settle(
    session: Session, conversation_id: str, *, now: datetime, taker_id: int | None = None
) -> None:
    """Close the open offer of a conversation that no longer waits: accepted, if whoever took it
    had it offered, otherwise withdrawn. Without an open offer nothing happens."""
    accepted = Offer.staff_id == (taker_id or 0)
    outcome = case((accepted, Outcome.ACCEPTED.value), else_=Outcome.WITHDRAWN.value)
    session.execute(
        update(Offer)
        .where(Offer.conversation_id == conversation_id, Offer.outcome.is_(None))
        .values(outcome=outcome, settled_at=now)
        .execution_options(synchronize_session=False)
    )
