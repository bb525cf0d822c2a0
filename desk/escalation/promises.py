"""Promises made to customers become dated commitments; a broken one is reported (R-G5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.clock import utc_now
from desk.deadlines.service import current_profile
from desk.errors import Conflict, NotFound
from desk.escalation.domain import SUPERVISOR
from desk.escalation.models import Commitment
from desk.escalation.people import Matter, find
from desk.escalation.promise_times import promised_by
from desk.escalation.roster import read_roster
from desk.outbox.models import Notice
from desk.tickets.models import SETTLED_STATES, Ticket, TicketEntry
from desk.tickets.timeline import EntryKind, append

OPEN, KEPT, BROKEN = "open", "kept", "broken"
WHAT_LIMIT = 200
MOST_SHOWN = 200
SETTLING_IN = timedelta(minutes=10)
"""An answer so soon after a promise, and before half of its time, belongs to the same talk
(「不客气，再见」): it does not keep the promise."""


class Promise(Protocol):
    """A promise found in a reply, as the phrase checker finds it."""

    @property
    def start(self) -> int:
        """Where it begins in the reply."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def when_text(self) -> str:
        """The time as written; empty if none."""


def heed_reply(
    session: Session,
    *,
    conversation_id: str,
    message_id: int,
    text: str,
    promises: Iterable[Promise],
    agent: Staff,
    now: datetime,
) -> list[Commitment]:
    """Settle what this reply keeps, and store what it promises; return the new commitments.

    Promises without a time, or for a time past, are not stored. Each is told on the
    conversation's newest open ticket, if there is one.
    """
    _keep_by_answer(session, conversation_id, now)
    ticket = _open_ticket(session, conversation_id)
    calendar = current_profile().calendar
    made: dict[str, Commitment] = {}
    for promise in promises:
        due_at = promised_by(promise.when_text, now, calendar)
        what = text[promise.start : promise.end][:WHAT_LIMIT]
        if due_at is None or what in made:
            continue
        made[what] = Commitment(
            ticket_id=ticket.id if ticket else None,
            conversation_id=conversation_id,
            message_id=message_id,
            staff_id=agent.id,
            what=what,
            due_at=due_at,
            created_at=now,
        )
    session.add_all(made.values())
    session.flush()
    if ticket:
        for commitment in made.values():
            _tell(session, ticket, commitment, EntryKind.PROMISED, agent.login, now)
    return list(made.values())


def keep(
    session: Session, staff: Staff, commitment_id: int, *, now: datetime | None = None
) -> Commitment:
    """Note that a promise was kept in another way, e.g. by a call.

    Raises:
        NotFound: no such promise, or it is somebody else's (leaders see all).
        Conflict: it is settled.
    """
    now = now or utc_now()
    query = select(Commitment).where(Commitment.id == commitment_id, *_visible_to(staff))
    commitment = session.scalar(query.with_for_update(of=Commitment))
    if commitment is None:
        raise NotFound("errors.promise_not_found")
    if commitment.state != OPEN:
        raise Conflict("errors.promise_settled")
    _settle(session, commitment, KEPT, actor=staff.login, now=now)
    return commitment


def promises_of(
    session: Session, staff: Staff, *, state: str | None = None, limit: int = MOST_SHOWN
) -> list[Commitment]:
    """Return promises, the newest deadline first for settled ones, the next for open ones.

    Leaders see everybody's, others their own.
    """
    query = (
        select(Commitment)
        .where(*_visible_to(staff))
        .options(joinedload(Commitment.staff), joinedload(Commitment.ticket))
    )
    if state:
        query = query.where(Commitment.state == state)
    order = Commitment.due_at if state == OPEN else Commitment.due_at.desc()
    return list(session.scalars(query.order_by(order, Commitment.id).limit(limit)))


def settle_due(session: Session, now: datetime | None = None, limit: int = 200) -> int:
    """Decide about promises whose time has passed; return how many were looked at.

    Kept is one whose ticket got its feedback, or was settled, in time; the others are broken:
    PROMISE_BROKEN on the ticket names the agent and a supervisor in `data["staff_ids"]`.
    """
    now = now or utc_now()
    query = (
        select(Commitment)
        .where(Commitment.state == OPEN, Commitment.due_at <= now)
        .order_by(Commitment.due_at, Commitment.id)
        .limit(limit)
        .with_for_update(of=Commitment, skip_locked=True)
    )
    due = session.scalars(query).all()
    for commitment in due:
        state = KEPT if _was_answered(session, commitment) else BROKEN
        _settle(session, commitment, state, actor="system", now=now)
    return len(due)


def has_due_promise(session: Session, now: datetime | None = None) -> bool:
    """Tell whether there is a promise to decide about."""
    due = select(Commitment.id).where(
        Commitment.state == OPEN, Commitment.due_at <= (now or utc_now())
    )
    return session.scalar(due.limit(1)) is not None


def _keep_by_answer(session: Session, conversation_id: str, now: datetime) -> None:
    open_ones = select(Commitment).where(
        Commitment.conversation_id == conversation_id,
        Commitment.state == OPEN,
        Commitment.due_at >= now,
    )
    for commitment in session.scalars(open_ones.with_for_update(of=Commitment)):
        half = (commitment.due_at - commitment.created_at) / 2
        if now - commitment.created_at >= min(SETTLING_IN, half):
            _settle(session, commitment, KEPT, actor="system", now=now)


def _settle(
    session: Session, commitment: Commitment, state: str, *, actor: str, now: datetime
) -> None:
    commitment.state, commitment.settled_at = state, now
    session.flush()
    told = _concerned(session, commitment, now) if state == BROKEN else []
    kind = EntryKind.PROMISE_BROKEN if state == BROKEN else EntryKind.PROMISE_KEPT
    ticket = commitment.ticket_id and session.get(Ticket, commitment.ticket_id)
    if ticket:
        _tell(session, ticket, commitment, kind, actor, now, staff_ids=told)
        return
    for staff_id in told:
        session.add(
            Notice(
                dedupe_key=f"promise:{commitment.id}:{staff_id}",
                staff_id=staff_id,
                key="escalation.notice_promise_broken",
                created_at=now,
            )
        )


def _tell(
    session: Session,
    ticket: Ticket,
    commitment: Commitment,
    kind: EntryKind,
    actor: str,
    now: datetime,
    staff_ids: Sequence[int] = (),
) -> None:
    data = {
        "commitment_id": commitment.id,
        "staff_id": commitment.staff_id,
        "due_at": commitment.due_at.isoformat(),
        **({"staff_ids": list(staff_ids)} if staff_ids else {}),
    }
    append(session, ticket, kind, actor=actor, at=now, text=commitment.what, data=data)


def _concerned(session: Session, commitment: Commitment, now: datetime) -> list[int]:
    """Return who must know of a broken promise: who made it, and a supervisor."""
    matter = Matter(commitment.staff_id, "", turn=commitment.id)
    leader = find(read_roster(session, now), matter, SUPERVISOR).staff_id
    return [commitment.staff_id, *([leader] if leader is not None else [])]


def _was_answered(session: Session, commitment: Commitment) -> bool:
    """Tell whether the ticket got its feedback, or was settled, after the promise and in time."""
    if commitment.ticket_id is None:
        return False
    between = TicketEntry.at.between(commitment.created_at, commitment.due_at)
    entries = select(TicketEntry.kind, TicketEntry.data).where(
        TicketEntry.ticket_id == commitment.ticket_id, between
    )
    return any(
        kind == EntryKind.FEEDBACK_GIVEN or data.get("after") in SETTLED_STATES
        for kind, data in session.execute(entries)
    )


def _open_ticket(session: Session, conversation_id: str) -> Ticket | None:
    query = select(Ticket).where(
        Ticket.conversation_id == conversation_id,
        Ticket.state.not_in(SETTLED_STATES),
        Ticket.merged_into_id.is_(None),
    )
    return session.scalars(query.order_by(Ticket.id.desc()).limit(1)).first()


def _visible_to(staff: Staff) -> tuple[ColumnElement[bool], ...]:
    return () if has_role(staff, Role.SUPERVISOR) else (Commitment.staff_id == staff.id,)
