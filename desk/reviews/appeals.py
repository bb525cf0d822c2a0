"""Agents' appeals against confirmed flags and scorecards, and their decision (R-G11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.outbox.queueing import notify
from desk.reviews.exceptions import draft_for
from desk.reviews.models import Decision, FlaggedReply
from desk.reviews.quality_models import Appeal, AppealState, Scorecard, SecondJudgement
from desk.reviews.quality_settings import quality_settings
from desk.reviews.service import NOTE_LIMIT, checked_note
from desk.rulebook.models import RuleDraft
from scripts_library.checking.rules import RuleSet

AGAINST = (Decision.CONFIRMED, Decision.COACH)
"""Decisions an agent may object to."""


@dataclass(frozen=True, slots=True)
class AppealPage:
    """Some of the appeals, open ones the oldest first, and how many there are."""

    rows: Sequence[Appeal]
    total: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided appeal, and the exceptions it drafted for the rule workbench."""

    appeal: Appeal
    drafts: tuple[RuleDraft, ...]


def appeal_flag(
    session: Session, agent: Staff, flagged_id: int, reason: str, *, now: datetime | None = None
) -> Appeal:
    """Object to a decision on one's own reply.

    Raises:
        NotFound: there is no such reply of this person's.
        Conflict: nothing to object to, too late, or objected already.
        InvalidInput: no reason, or too long.
    """
    now = now or utc_now()
    flagged = session.get(FlaggedReply, flagged_id) if 0 < flagged_id < 2**31 else None
    if flagged is None or flagged.agent_id != agent.id:
        raise NotFound("errors.flagged_not_found")
    if flagged.decision not in AGAINST:
        raise Conflict("errors.nothing_to_appeal")
    _in_time(flagged.decided_at, now)
    return _store(session, Appeal(flagged_id=flagged.id), agent, reason, now)


def appeal_card(
    session: Session, agent: Staff, card_id: int, reason: str, *, now: datetime | None = None
) -> Appeal:
    """Object to one's own scorecard; raises as `appeal_flag` does."""
    now = now or utc_now()
    card = session.get(Scorecard, card_id) if 0 < card_id < 2**31 else None
    if card is None or card.agent_id != agent.id:
        raise NotFound("errors.card_not_found")
    if card.withdrawn_at is not None:
        raise Conflict("errors.nothing_to_appeal")
    _in_time(card.created_at, now)
    return _store(session, Appeal(scorecard_id=card.id), agent, reason, now)


def list_appeals(
    session: Session, staff: Staff, *, state: str | None = None, limit: int = 50, offset: int = 0
) -> AppealPage:
    """Return appeals for QA and leaders; `state` None: all.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    wanted: list[ColumnElement[bool]] = [] if state is None else [Appeal.state == state]
    order = Appeal.id if state == AppealState.OPEN else Appeal.id.desc()
    query = select(Appeal).where(*wanted).order_by(order).limit(limit).offset(offset)
    total = session.scalar(select(func.count()).select_from(Appeal).where(*wanted))
    return AppealPage(session.scalars(query).all(), total or 0)


def own_appeals(session: Session, agent: Staff) -> Sequence[Appeal]:
    """Return a person's own appeals, the newest first."""
    query = select(Appeal).where(Appeal.agent_id == agent.id)
    return session.scalars(query.order_by(Appeal.id.desc()).limit(200)).all()


def judges_of(session: Session, appeal: Appeal) -> set[int]:
    """Return who made or shared the judgement: they may not decide on the appeal."""
    if appeal.scorecard is not None:
        return {appeal.scorecard.scorer_id}
    query = select(SecondJudgement.first_by_id, SecondJudgement.second_by_id)
    rows = session.execute(query.where(SecondJudgement.flagged_id == appeal.flagged_id)).all()
    judges = {one for row in rows for one in row if one is not None}
    if appeal.flagged and appeal.flagged.decided_by_id:
        judges.add(appeal.flagged.decided_by_id)
    return judges


def decide_appeal(
    session: Session,
    staff: Staff,
    base: RuleSet,
    appeal_id: int,
    *,
    is_upheld: bool,
    note: str,
    now: datetime | None = None,
) -> Decided:
    """Uphold or reject an appeal.

    Upheld, a flag becomes a false alarm and drafts exceptions for its rules; a scorecard is struck
    out and may be made anew. The agent gets a notice.

    Raises:
        Forbidden: not QA or a leader, the agent, or somebody who had part in the judgement.
        NotFound, Conflict: no such appeal, or decided already.
        InvalidInput: no note to the agent.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    now = now or utc_now()
    appeal = _undecided(session, appeal_id)
    if staff.id == appeal.agent_id or staff.id in judges_of(session, appeal):
        raise Forbidden("errors.appeal_other_person")
    text = checked_note(note)
    if text is None:
        raise InvalidInput("errors.note_missing", field="note")
    appeal.state = AppealState.UPHELD if is_upheld else AppealState.REJECTED
    appeal.decided_by, appeal.decided_at = session.merge(staff, load=False), now
    appeal.decision_note = text
    drafts: tuple[RuleDraft, ...] = ()
    if is_upheld and appeal.flagged is not None:
        flagged = appeal.flagged
        flagged.decision, flagged.decision_note = Decision.FALSE_ALARM, text
        flagged.decided_by, flagged.decided_at = session.merge(staff, load=False), now
        drafts = draft_for(session, staff, base, flagged, why=text, origin="appeal")
    elif is_upheld and appeal.scorecard is not None:
        appeal.scorecard.withdrawn_at = now
    session.flush()
    notify(
        session,
        appeal.agent_id,
        key=f"quality.notice_appeal_{appeal.state}",
        dedupe_key=f"appeal:{appeal.id}",
        values={"page": "/desk/my-quality"},
        now=now,
    )
    return Decided(appeal, drafts)


def _in_time(judged_at: datetime | None, now: datetime) -> None:
    days = quality_settings().appeal_days
    if judged_at is None or now > judged_at + timedelta(days=days):
        raise Conflict("errors.appeal_too_late", days=days)


def _store(session: Session, appeal: Appeal, agent: Staff, reason: str, now: datetime) -> Appeal:
    text = clean_text(reason)
    if not text or len(text) > NOTE_LIMIT:
        raise InvalidInput("errors.appeal_reason", field="reason", limit=NOTE_LIMIT)
    appeal.agent_id, appeal.reason, appeal.created_at = agent.id, text, now
    appeal.state = AppealState.OPEN
    try:
        with session.begin_nested():
            session.add(appeal)
    except IntegrityError as error:
        raise Conflict("errors.appealed_already") from error
    session.refresh(appeal)
    return appeal


def _undecided(session: Session, appeal_id: int) -> Appeal:
    query = select(Appeal).where(Appeal.id == appeal_id).with_for_update(of=Appeal)
    appeal = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if appeal is None:
        raise NotFound("errors.appeal_not_found")
    if appeal.state != AppealState.OPEN:
        raise Conflict("errors.appeal_decided")
    return appeal
