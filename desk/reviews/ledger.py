"""The ledger of suggested replies: what became of each, and what the suggester learns (R-G10)."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.reviews.models import SuggestionUse
from scripts_library.suggesting.feedback import CREDIT, FeedbackStats


def note_outcome(
    session: Session, staff: Staff, *, conversation_id: str, script_ids: Sequence[str], outcome: str
) -> None:
    """Write into the ledger what became of suggestions: shown, used, edited or rejected."""
    now = utc_now()
    session.add_all(
        SuggestionUse(
            conversation_id=conversation_id,
            script_id=script_id,
            staff_id=staff.id,
            outcome=outcome,
            created_at=now,
        )
        for script_id in script_ids
    )


def read_feedback(session: Session) -> FeedbackStats:
    """Return how often each script was used, edited and rejected so far, by everybody."""
    query = (
        select(SuggestionUse.script_id, SuggestionUse.outcome, func.count())
        .where(SuggestionUse.outcome.in_(CREDIT))
        .group_by(SuggestionUse.script_id, SuggestionUse.outcome)
    )
    feedback = FeedbackStats()
    for script_id, outcome, count in session.execute(query):
        feedback.counts.setdefault(script_id, {})[outcome] = count
    return feedback
