"""Reviews of replies that nothing flagged: a random sample and one by risk, kept apart (R-G11).

A day's draw is made once, by whichever process comes first. Figures of the random sample hold for
all unflagged replies; those of the sample by risk hold for itself only, so nothing mixes the two.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import to_local, utc_now
from desk.conversations.models import Conversation, Message, Sender
from desk.errors import Forbidden, InvalidInput, NotFound
from desk.reviews.agreement import Share, share
from desk.reviews.drawing import Candidate, Drawn
from desk.reviews.models import Decision, FlaggedReply
from desk.reviews.quality_models import DrawKind, Finding, QualityDraw, RandomSample, RiskSample
from desk.reviews.service import checked_note
from scripts_library.checking.verdict import CATEGORIES

Sample = RandomSample | RiskSample
TABLES: dict[str, type[RandomSample] | type[RiskSample]] = {
    DrawKind.RANDOM: RandomSample,
    DrawKind.RISK: RiskSample,
}
FIRST_DRAW = timedelta(days=7)
"""How far the very first draw looks back."""
SETTLING = timedelta(minutes=10)
"""Replies younger than this wait for the next draw: their transaction may still be open."""
RECORD = timedelta(days=30)
MOST_CANDIDATES = 20_000


@dataclass(frozen=True, slots=True)
class Pool:
    """What one draw is made from."""

    kind: str
    day: date
    since: datetime
    until: datetime
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class SamplePage:
    """Some of a sample's replies, the oldest open ones first, and how many there are."""

    rows: Sequence[Sample]
    total: int


@dataclass(frozen=True, slots=True)
class SampleFigures:
    """What one sample found: `missed` of those judged; `is_unbiased` for the random one only."""

    kind: str
    open: int
    missed: Share

    @property
    def is_unbiased(self) -> bool:
        """Whether the share may be read as that of all unflagged replies."""
        return self.kind == DrawKind.RANDOM


def due_stretch(
    session: Session, kind: str, now: datetime
) -> tuple[date, datetime, datetime] | None:
    """Return day, beginning and end of the draw to make now; None if today's is made."""
    day = to_local(now).date()
    last = session.scalars(
        select(QualityDraw).where(QualityDraw.kind == kind).order_by(QualityDraw.day.desc())
    ).first()
    if last and last.day >= day:
        return None
    until = now - SETTLING
    return day, last.until if last else until - FIRST_DRAW, until


def pool(session: Session, kind: str, *, now: datetime) -> Pool | None:
    """Return the unflagged replies since the last draw; None if today's draw is made."""
    due = due_stretch(session, kind, now)
    if due is None:
        return None
    day, since, until = due
    flagged = exists().where(FlaggedReply.message_id == Message.id)
    query = (
        select(Message, Conversation.is_urgent)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.sender == Sender.AGENT,
            Message.staff_id.is_not(None),
            Message.created_at > since,
            Message.created_at <= until,
            ~flagged,
        )
        .order_by(Message.id.desc())
        .limit(MOST_CANDIDATES)
    )
    rows = session.execute(query).all()
    asked = _asked(session, {message.conversation_id for message, _ in rows})
    on_record = _on_record(session, now)
    found = tuple(
        _candidate(message, is_urgent, asked, message.staff_id in on_record)
        for message, is_urgent in rows
    )
    return Pool(kind, day, since, until, found)


def store(session: Session, pool: Pool, drawn: Sequence[Drawn], *, seed: str) -> int:
    """Keep a draw; return how many replies, 0 if another process has made today's."""
    draw = claim_draw(session, pool, seed, population=len(pool.candidates), drawn=len(drawn))
    if draw is None:
        return 0
    table = TABLES[pool.kind]
    session.add_all(
        table(
            draw_id=draw.id,
            message_id=one.candidate.message_id,
            conversation_id=one.candidate.conversation_id,
            agent_id=one.candidate.agent_id,
            reasons=list(one.reasons),
            weight=one.weight,
            finding=Finding.OPEN,
        )
        for one in drawn
    )
    session.flush()
    return len(drawn)


def claim_draw(
    session: Session, stretch: Any, seed: str, *, population: int, drawn: int
) -> QualityDraw | None:
    """Write the row of a day's draw; None if there is one already. `stretch` has `kind`, `day`,
    `since` and `until`."""
    draw = QualityDraw(
        kind=stretch.kind,
        day=stretch.day,
        since=stretch.since,
        until=stretch.until,
        seed=seed,
        population=population,
        drawn=drawn,
        drawn_at=utc_now(),
    )
    try:
        with session.begin_nested():
            session.add(draw)
    except IntegrityError:
        return None
    return draw


def list_samples(
    session: Session,
    reviewer: Staff,
    kind: str,
    *,
    finding: str | None = Finding.OPEN,
    limit: int = 50,
    offset: int = 0,
) -> SamplePage:
    """Return a sample's replies; `finding` None: all.

    Raises:
        Forbidden: neither QA nor a leader.
        InvalidInput: there is no such sample.
    """
    table = _table(reviewer, kind)
    wanted = [] if finding is None else [table.finding == finding]
    order = table.id if finding == Finding.OPEN else table.id.desc()
    query = select(table).where(*wanted).order_by(order).limit(limit).offset(offset)
    rows: Sequence[Sample] = session.scalars(query).all()  # type: ignore[assignment]
    total = session.scalar(select(func.count()).select_from(table).where(*wanted))
    return SamplePage(rows, total or 0)


def find_sample(session: Session, reviewer: Staff, kind: str, sample_id: int) -> Sample:
    """Return one; raises `NotFound`, and what `list_samples` raises."""
    table = _table(reviewer, kind)
    found = session.get(table, sample_id) if 0 < sample_id < 2**31 else None
    if not isinstance(found, RandomSample | RiskSample):
        raise NotFound("errors.sample_not_found")
    return found


def decide_sample(
    session: Session,
    reviewer: Staff,
    kind: str,
    sample_id: int,
    *,
    finding: str,
    category: str | None = None,
    note: str | None = None,
    now: datetime | None = None,
) -> Sample:
    """Say whether an unflagged reply is fine or has what should have been flagged.

    Raises:
        Forbidden: not QA or a leader, or one's own reply.
        InvalidInput: unknown finding, or a missed one without a category.
    """
    sample = find_sample(session, reviewer, kind, sample_id)
    if sample.agent_id == reviewer.id:
        raise Forbidden("errors.own_reply")
    if finding not in set(Finding):
        raise InvalidInput("errors.finding_unknown", field="finding")
    if finding == Finding.MISSED and category not in CATEGORIES:
        raise InvalidInput("errors.category_missing", field="category")
    is_open = finding == Finding.OPEN
    sample.finding, sample.note = finding, checked_note(note)
    sample.category = category if finding == Finding.MISSED else None
    sample.decided_by = None if is_open else session.merge(reviewer, load=False)
    sample.decided_at = None if is_open else (now or utc_now())
    session.flush()
    return sample


def figures(
    session: Session,
    kind: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> SampleFigures:
    """Return what one sample found, judged in a stretch of time; the caller checks the role."""
    table = TABLES[kind]
    conditions = []
    if since:
        conditions.append(table.decided_at >= since)
    if until:
        conditions.append(table.decided_at < until)
    counts: dict[str, int] = {}
    for finding, count in session.execute(
        select(table.finding, func.count())
        .where(table.finding != Finding.OPEN, *conditions)
        .group_by(table.finding)
    ):
        counts[finding] = count
    waiting = session.scalar(
        select(func.count()).select_from(table).where(table.finding == Finding.OPEN)
    )
    missed = share(counts.get(Finding.MISSED, 0), sum(counts.values()))
    return SampleFigures(kind, waiting or 0, missed)


def _table(reviewer: Staff, kind: str) -> type[RandomSample] | type[RiskSample]:
    require(reviewer, Role.QA, Role.SUPERVISOR)
    if kind not in TABLES:
        raise InvalidInput("errors.sample_kind_unknown", field="kind")
    return TABLES[kind]


def _asked(session: Session, conversations: set[str]) -> dict[str, list[tuple[int, Message]]]:
    """Return the customers' messages by conversation, by `seq`."""
    found: dict[str, list[tuple[int, Message]]] = {}
    wanted = sorted(conversations)
    for start in range(0, len(wanted), 500):
        query = (
            select(Message)
            .where(
                Message.conversation_id.in_(wanted[start : start + 500]),
                Message.sender == Sender.CUSTOMER,
            )
            .order_by(Message.conversation_id, Message.seq)
        )
        for message in session.scalars(query):
            found.setdefault(message.conversation_id, []).append((message.seq, message))
    return found


def _candidate(
    message: Message,
    is_urgent: bool,
    asked: dict[str, list[tuple[int, Message]]],
    has_record: bool,
) -> Candidate:
    before = asked.get(message.conversation_id, [])
    place = bisect_left(before, message.seq, key=lambda pair: pair[0])
    last = before[place - 1][1] if place else None
    return Candidate(
        message_id=message.id,
        conversation_id=message.conversation_id,
        agent_id=message.staff_id or 0,
        text=message.text,
        asked=last.text if last else "",
        waited=message.created_at - last.created_at if last else None,
        is_urgent=is_urgent,
        has_record=has_record,
    )


def _on_record(session: Session, now: datetime) -> set[int]:
    query = select(FlaggedReply.agent_id).where(
        FlaggedReply.decision == Decision.CONFIRMED, FlaggedReply.decided_at > now - RECORD
    )
    return set(session.scalars(query))
