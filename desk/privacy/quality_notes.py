"""What colleagues wrote about a conversation in quality work: it may quote the customer."""

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from desk.reviews.models import FlaggedReply
from desk.reviews.quality_models import (
    Appeal,
    RandomSample,
    RiskSample,
    Scorecard,
    SecondJudgement,
)


def clear_quality_notes(session: Session, conversation_id: str, gone: str) -> None:
    """Replace the texts of flags, samples, second judgements, scorecards and appeals of a
    conversation; what was decided and counted stays."""
    flags = FlaggedReply.conversation_id == conversation_id
    cards = Scorecard.conversation_id == conversation_id
    of_flags = select(FlaggedReply.id).where(flags)
    of_cards = select(Scorecard.id).where(cards)
    appeals = or_(Appeal.flagged_id.in_(of_flags), Appeal.scorecard_id.in_(of_cards))
    texts: list[tuple[InstrumentedAttribute[str | None], ColumnElement[bool]]] = [
        (FlaggedReply.text, flags),
        (FlaggedReply.override_reason, flags),
        (FlaggedReply.decision_note, flags),
        (SecondJudgement.second_note, SecondJudgement.flagged_id.in_(of_flags)),
        (Scorecard.note, cards),
        (Appeal.reason, appeals),
        (Appeal.decision_note, appeals),
        (RandomSample.note, RandomSample.conversation_id == conversation_id),
        (RiskSample.note, RiskSample.conversation_id == conversation_id),
    ]
    for column, theirs in texts:
        filled = update(column.class_).where(column.is_not(None), theirs)
        session.execute(filled.values({column: gone}))
    session.execute(update(FlaggedReply).where(flags).values(flags=[]))
