"""QA: flagged replies, their context, and what a reviewer decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.conversations.models import Message, Sender
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.reviews.models import Decision, FlaggedReply, Outcome, SuggestionUse
from desk.reviews.quality_models import SecondJudgement

BEFORE, AFTER = 10, 4
"""Messages of context around a flagged reply."""
NOTE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which flagged replies; None: all. `since` counts, `until` does not."""

    decision: str | None = None
    category: str | None = None
    severity: str | None = None
    agent_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rows, and how many there are."""

    rows: Sequence[FlaggedReply]
    total: int


def list_flagged(
    session: Session,
    *,
    decision: str | None = None,
    category: str | None = None,
    severity: str | None = None,
    agent_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    viewer: Staff | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Page:
    """Return flagged replies, the newest first. The caller checks the role.

    With a `viewer`, what somebody is to judge a second time is in no list by decision: the list
    would tell them the first one (see `hidden_from`).
    """
    wanted = _conditions(Filter(decision, category, severity, agent_id, since, until))
    if viewer is not None and decision and decision != Decision.OPEN:
        wanted.append(~_awaits_second(viewer))
    query = select(FlaggedReply).where(*wanted)
    query = query.order_by(FlaggedReply.created_at.desc(), FlaggedReply.id.desc())
    rows = session.scalars(query.limit(limit).offset(offset)).all()
    total = session.scalar(select(func.count()).select_from(FlaggedReply).where(*wanted))
    return Page(rows, total or 0)


def find_flagged(session: Session, flagged_id: int) -> FlaggedReply:
    """Return a flagged reply; raises `NotFound`."""
    found = session.get(FlaggedReply, flagged_id) if 0 < flagged_id < 2**31 else None
    if found is None:
        raise NotFound("errors.flagged_not_found")
    return found


def decide(
    session: Session,
    reviewer: Staff,
    flagged_id: int,
    decision: str,
    note: str | None = None,
    *,
    now: datetime | None = None,
) -> FlaggedReply:
    """Store a reviewer's judgement; a later one takes its place, `open` takes it back.

    Raises:
        Forbidden: not QA or a supervisor, or one's own reply.
        Conflict: somebody else is to judge it a second time, without this page.
        InvalidInput: unknown decision, coaching without saying what, or a note too long.
    """
    require(reviewer, Role.QA, Role.SUPERVISOR)
    flagged = find_flagged(session, flagged_id)
    if flagged.agent_id == reviewer.id:
        raise Forbidden("errors.own_reply")
    if hidden_from(session, reviewer, [flagged]):
        raise Conflict("errors.second_pending")
    text = checked_decision(decision, note)
    is_open = decision == Decision.OPEN
    flagged.decision, flagged.decision_note = decision, text
    flagged.decided_by = None if is_open else session.merge(reviewer, load=False)
    flagged.decided_at = None if is_open else (now or utc_now())
    session.flush()
    return flagged


def checked_decision(decision: str, note: str | None) -> str | None:
    """Return the note of a decision as it is stored; raises `InvalidInput` as `decide` does."""
    if decision not in set(Decision):
        known = "、".join(Decision)
        raise InvalidInput("errors.decision_unknown", decision=decision[:32], decisions=known)
    text = checked_note(note)
    if decision == Decision.COACH and not text:
        raise InvalidInput("errors.note_missing", field="note")
    return text


def checked_note(note: str | None) -> str | None:
    """Return a reviewer's note as it is stored, None if empty; raises `InvalidInput`."""
    text = clean_text(note or "")
    if len(text) > NOTE_LIMIT:
        raise InvalidInput("errors.note_too_long", field="note", limit=NOTE_LIMIT)
    return text or None


def hidden_from(session: Session, viewer: Staff, rows: Sequence[FlaggedReply]) -> set[int]:
    """Return the ids of those whose decision this person must not see yet: they are drawn for a
    second judgement, and the first was somebody else's."""
    ids = [row.id for row in rows if row.decision != Decision.OPEN]
    query = select(FlaggedReply.id).where(FlaggedReply.id.in_(ids), _awaits_second(viewer))
    return set(session.scalars(query)) if ids else set()


def context_of(session: Session, flagged_id: int) -> list[Message]:
    """Return the messages around a flagged reply, in order, notes included."""
    flagged = find_flagged(session, flagged_id)
    start, end = flagged.after_seq - BEFORE + 1, flagged.after_seq + AFTER
    return messages_around(session, flagged.conversation_id, start, end)


def messages_around(session: Session, conversation_id: str, start: int, end: int) -> list[Message]:
    """Return the messages of a conversation from `seq` start to end, both counted."""
    query = select(Message).where(
        Message.conversation_id == conversation_id, Message.seq >= start, Message.seq <= end
    )
    return list(session.scalars(query.order_by(Message.seq)))


def sent_instead(session: Session, flagged: FlaggedReply) -> Message | None:
    """Return what the agent sent in place of a blocked try, before the customer wrote again."""
    if flagged.outcome != Outcome.BLOCKED:
        return None
    later = Message.conversation_id == flagged.conversation_id, Message.seq > flagged.after_seq
    spoken = (Sender.AGENT, Sender.CUSTOMER)
    query = select(Message).where(*later, Message.sender.in_(spoken)).order_by(Message.seq).limit(1)
    found = session.scalars(query).first()
    is_theirs = found and found.sender == Sender.AGENT and found.staff_id == flagged.agent_id
    return found if is_theirs else None


def suggested_script(session: Session, flagged: FlaggedReply) -> str | None:
    """Return the id of the script that a sent reply began with; None if it did with none."""
    return session.scalar(
        select(SuggestionUse.script_id).where(
            SuggestionUse.conversation_id == flagged.conversation_id,
            SuggestionUse.staff_id == flagged.agent_id,
            SuggestionUse.created_at == flagged.created_at,
            SuggestionUse.outcome.in_(("used", "edited")),
        )
    )


def _awaits_second(viewer: Staff) -> ColumnElement[bool]:
    return exists().where(
        SecondJudgement.flagged_id == FlaggedReply.id,
        SecondJudgement.second_decision.is_(None),
        SecondJudgement.first_by_id != viewer.id,
    )


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.decision:
        conditions.append(FlaggedReply.decision == wanted.decision)
    if wanted.category:
        conditions.append(FlaggedReply.categories.contains(f"|{wanted.category}|", autoescape=True))
    if wanted.severity:
        conditions.append(FlaggedReply.worst == wanted.severity)
    if wanted.agent_id is not None:
        conditions.append(FlaggedReply.agent_id == wanted.agent_id)
    if wanted.since:
        conditions.append(FlaggedReply.created_at >= wanted.since)
    if wanted.until:
        conditions.append(FlaggedReply.created_at < wanted.until)
    return conditions
