"""Second judgements, blind, and how far the two agree (R-G11).

A share of the decided flags is drawn each day. Whoever judges again sees the reply, its flags and
the talk around it, never the first decision; afterwards both see both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.reviews.agreement import Agreement, cohens_kappa
from desk.reviews.models import Decision, FlaggedReply
from desk.reviews.quality_models import DrawKind, SecondJudgement
from desk.reviews.sampling import claim_draw, due_stretch
from desk.reviews.service import checked_decision

PAGE = 50


@dataclass(frozen=True, slots=True)
class Blind:
    """What a second judge sees; nothing of the first decision."""

    id: int
    flagged_id: int
    text: str
    flags: list[dict[str, object]]
    agent_name: str
    conversation_id: str
    outcome: str
    override_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BlindPage:
    """Some of what waits for this person, the oldest first, and how many there are."""

    rows: Sequence[Blind]
    total: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    kind: str
    day: date
    since: datetime
    until: datetime


def draw(session: Session, *, share: float, seed: str, now: datetime) -> int:
    """Draw from what was decided since the last draw, each with the chance `share`; return how
    many, 0 if today's draw is made."""
    due = due_stretch(session, DrawKind.SECOND, now)
    if due is None:
        return 0
    day, since, until = due
    query = select(FlaggedReply).where(
        FlaggedReply.decision != Decision.OPEN,
        FlaggedReply.decided_at > since,
        FlaggedReply.decided_at <= until,
        FlaggedReply.id.not_in(select(SecondJudgement.flagged_id)),
    )
    decided = session.scalars(query.order_by(FlaggedReply.id)).all()
    chance = Random(seed)
    drawn = [one for one in decided if chance.random() < share]
    stretch = _Stretch(DrawKind.SECOND, day, since, until)
    row = claim_draw(session, stretch, seed, population=len(decided), drawn=len(drawn))
    if row is None:
        return 0
    session.add_all(
        SecondJudgement(
            draw_id=row.id,
            flagged_id=one.id,
            first_by_id=one.decided_by_id,
            first_decision=one.decision,
        )
        for one in drawn
    )
    session.flush()
    return len(drawn)


def waiting(session: Session, judge: Staff, *, limit: int = PAGE, offset: int = 0) -> BlindPage:
    """Return what this person may judge a second time: neither their own replies nor decisions.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    require(judge, Role.QA, Role.SUPERVISOR)
    open_ones = _open_for(judge)
    query = select(SecondJudgement).join(SecondJudgement.flagged).where(*open_ones)
    rows = session.scalars(query.order_by(SecondJudgement.id).limit(limit).offset(offset)).all()
    total = session.scalar(
        select(func.count())
        .select_from(SecondJudgement)
        .join(SecondJudgement.flagged)
        .where(*open_ones)
    )
    return BlindPage([_blind(row) for row in rows], total or 0)


def judge_again(
    session: Session,
    judge: Staff,
    second_id: int,
    decision: str,
    note: str | None = None,
    *,
    now: datetime | None = None,
) -> SecondJudgement:
    """Store the second decision, once and for all; the flag keeps the first until it is settled.

    Raises:
        Forbidden: not QA or a leader, the first judge, or the agent whose reply it is.
        NotFound: it was not drawn.
        Conflict: judged again already.
        InvalidInput: as in `service.decide`; leaving it open is no decision.
    """
    require(judge, Role.QA, Role.SUPERVISOR)
    query = select(SecondJudgement).where(SecondJudgement.id == second_id)
    query = query.with_for_update(of=SecondJudgement)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("errors.second_not_found")
    if judge.id in (row.first_by_id, row.flagged.agent_id):
        raise Forbidden("errors.second_not_yours")
    if row.second_decision is not None:
        raise Conflict("errors.second_decided")
    text = checked_decision(decision, note)
    if decision == Decision.OPEN:
        raise InvalidInput("errors.decision_missing", field="decision")
    row.second_decision, row.second_note = decision, text
    row.second_by, row.second_at = session.merge(judge, load=False), now or utc_now()
    session.flush()
    return row


def disagreements(session: Session, judge: Staff, *, limit: int = PAGE) -> list[SecondJudgement]:
    """Return what the two judged differently, the newest first; the flags' own decisions tell
    what was settled on.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    require(judge, Role.QA, Role.SUPERVISOR)
    query = select(SecondJudgement).where(
        SecondJudgement.second_decision.is_not(None),
        SecondJudgement.second_decision != SecondJudgement.first_decision,
    )
    return list(session.scalars(query.order_by(SecondJudgement.second_at.desc()).limit(limit)))


def agreement(
    session: Session, *, since: datetime | None = None, until: datetime | None = None
) -> Agreement:
    """Return Cohen's kappa of the second judgements made in a stretch of time; the caller checks
    the role."""
    query = select(SecondJudgement.first_decision, SecondJudgement.second_decision)
    query = query.where(SecondJudgement.second_decision.is_not(None))
    if since:
        query = query.where(SecondJudgement.second_at >= since)
    if until:
        query = query.where(SecondJudgement.second_at < until)
    return cohens_kappa((first, second or "") for first, second in session.execute(query))


def _open_for(judge: Staff) -> tuple[ColumnElement[bool], ...]:
    return (
        SecondJudgement.second_decision.is_(None),
        SecondJudgement.first_by_id != judge.id,
        FlaggedReply.agent_id != judge.id,
    )


def _blind(row: SecondJudgement) -> Blind:
    flagged = row.flagged
    return Blind(
        id=row.id,
        flagged_id=flagged.id,
        text=flagged.text,
        flags=flagged.flags,
        agent_name=flagged.agent.display_name,
        conversation_id=flagged.conversation_id,
        outcome=flagged.outcome,
        override_reason=flagged.override_reason,
        created_at=flagged.created_at,
    )
