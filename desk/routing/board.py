"""What the live board shows: who waits, who talks to whom, how people stand, what presses.

A handful of queries whatever the number of conversations; no texts of customers but a preview.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.conversations import repository
from desk.conversations.domain import preview
from desk.conversations.models import Conversation, Message, Mode, QueueWait, Sender
from desk.escalation.models import Escalation
from desk.routing.groups import Colleague, colleagues
from desk.routing.models import Offer, StaffGroup
from desk.routing.presence import Presence
from desk.tickets.models import SETTLED_STATES, Ticket

MOST_TALKS = 500
BOT_TALK = timedelta(minutes=15)
"""A customer who wrote to the bot within this time counts as talking to it."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A customer who waits. `asked` is who has it offered now, `group` whom it was passed on to."""

    conversation_id: str
    queued_at: datetime
    reason: str
    is_urgent: bool
    preview: str
    asked: str | None
    group: str | None


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A conversation that somebody holds. `waits_since` is when the customer began to wait for an
    answer; None while nothing is owed."""

    conversation_id: str
    agent_id: int
    agent_name: str
    began_at: datetime
    waits_since: datetime | None
    preview: str


@dataclass(frozen=True, slots=True)
class Pressing:
    """Tickets and escalations that need somebody: counts."""

    near: int
    overdue: int
    to_acknowledge: int


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page shows."""

    waiting: tuple[WaitingRow, ...]
    talks: tuple[TalkRow, ...]
    people: tuple[Colleague, ...]
    with_bot: int
    pressing: Pressing

    def count(self, presence: Presence) -> int:
        """Return how many people stand so."""
        return sum(one.standing.presence == presence for one in self.people)


def read_board(session: Session, _leader: Staff, *, now: datetime | None = None) -> Board:
    """Return the board as it stands now; for leaders only, who may see all conversations."""
    now = now or utc_now()
    people = colleagues(session, now=now)
    agents_first = sorted(people, key=lambda one: one.role != "agent")
    return Board(
        waiting=_waiting(session),
        talks=_talks(session),
        people=tuple(
            one
            for one in agents_first
            if one.role == "agent"
            or one.groups
            or one.load
            or one.standing.presence != Presence.OFFLINE
        ),
        with_bot=_with_bot(session, now),
        pressing=_pressing(session, now),
    )


def _waiting(session: Session) -> tuple[WaitingRow, ...]:
    rows = repository.waiting(session)
    texts = repository.last_customer_texts(session, [one.id for one in rows])
    names = {
        row.conversation_id: row.display_name
        for row in session.execute(
            select(Offer.conversation_id, Staff.display_name)
            .join(Staff, Staff.id == Offer.staff_id)
            .where(Offer.outcome.is_(None))
        )
    }
    groups = {row.id: row.name for row in session.execute(select(StaffGroup.id, StaffGroup.name))}
    return tuple(
        WaitingRow(
            conversation_id=one.id,
            queued_at=one.queued_at or one.created_at,
            reason=one.queue_reason or "other",
            is_urgent=one.is_urgent,
            preview=preview(texts.get(one.id, "")),
            asked=names.get(one.id),
            group=groups.get(one.group_id) if one.group_id else None,
        )
        for one in rows
    )


def _talks(session: Session) -> tuple[TalkRow, ...]:
    rows = session.execute(
        select(
            Conversation.id,
            Conversation.assigned_to_id,
            Conversation.created_at,
            Staff.display_name,
        )
        .join(Staff, Staff.id == Conversation.assigned_to_id)
        .where(Conversation.mode == Mode.AGENT)
        .order_by(Conversation.id)
        .limit(MOST_TALKS)
    ).all()
    ids = [row.id for row in rows]
    texts, waits = repository.last_customer_texts(session, ids), _waits(session, ids)
    asked_at = _unanswered(session, ids)
    found = []
    for row in rows:
        wait = waits.get(row.id)
        began_at = (wait.taken_at if wait else None) or row.created_at
        since = asked_at.get(row.id)
        if wait and wait.first_reply_at is None:
            # Not a word yet: the customer waits since they were told that somebody is there.
            since = began_at
        found.append(
            TalkRow(
                conversation_id=row.id,
                agent_id=row.assigned_to_id,
                agent_name=row.display_name,
                began_at=began_at,
                waits_since=since,
                preview=preview(texts.get(row.id, "")),
            )
        )
    return tuple(sorted(found, key=_longest_owed))


def _longest_owed(one: TalkRow) -> tuple[bool, datetime, str]:
    return one.waits_since is None, one.waits_since or one.began_at, one.conversation_id


def _waits(session: Session, ids: list[str]) -> dict[str, QueueWait]:
    """Return the newest wait of each conversation."""
    newest = (
        select(func.max(QueueWait.id))
        .where(QueueWait.conversation_id.in_(ids))
        .group_by(QueueWait.conversation_id)
    )
    found = session.scalars(select(QueueWait).where(QueueWait.id.in_(newest)))
    return {one.conversation_id: one for one in found}


def _unanswered(session: Session, ids: list[str]) -> dict[str, datetime]:
    """Return when customers wrote first after the agent's last message."""
    answered = (
        select(Message.conversation_id, func.max(Message.seq).label("seq"))
        .where(Message.conversation_id.in_(ids), Message.sender == Sender.AGENT)
        .group_by(Message.conversation_id)
        .subquery()
    )
    query = (
        select(Message.conversation_id, func.min(Message.created_at).label("since"))
        .join(answered, answered.c.conversation_id == Message.conversation_id)
        .where(Message.sender == Sender.CUSTOMER, Message.seq > answered.c.seq)
        .group_by(Message.conversation_id)
    )
    return {row.conversation_id: row.since for row in session.execute(query)}


def _with_bot(session: Session, now: datetime) -> int:
    """Count conversations with the bot whose customer wrote lately."""
    recent = Conversation.last_customer_at >= now - BOT_TALK
    query = select(func.count()).where(Conversation.mode == Mode.BOT, recent)
    return session.scalar(query) or 0


def _pressing(session: Session, now: datetime) -> Pressing:
    is_open = Ticket.state.not_in(SETTLED_STATES) & Ticket.merged_into_id.is_(None)
    is_open &= Ticket.paused_since.is_(None)
    late = case((Ticket.due_at < now, 1), else_=0)
    query = select(func.count(), func.sum(late)).where(is_open, Ticket.warn_at < now)
    warned, overdue = session.execute(query).one()
    escalations = (
        select(func.count())
        .select_from(Escalation)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .where(
            Escalation.acknowledged_at.is_(None),
            Escalation.acknowledge_by.is_not(None),
            Ticket.state.not_in(SETTLED_STATES),
            Ticket.merged_into_id.is_(None),
        )
    )
    return Pressing((warned or 0) - (overdue or 0), overdue or 0, session.scalar(escalations) or 0)
