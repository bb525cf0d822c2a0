"""Looks at the tickets whose time has come. Any number of processes may sweep at once: each
ticket is claimed by its row's lock, and looked at, raised and put off in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.escalation.domain import Facts, Raise, plan
from desk.escalation.models import Escalation
from desk.escalation.recording import matter_of, record
from desk.escalation.roster import ladder_at
from desk.escalation.urgency import is_urgent
from desk.tickets.models import SETTLED_STATES, Ticket
from desk.tickets.timeline import Standing

BATCH = 500
SYSTEM = "system"
_NEEDED = (
    Ticket.id,
    Ticket.category,
    Ticket.department,
    Ticket.severity,
    Ticket.severity_reasons,
    Ticket.recipient_id,
    Ticket.created_at,
    Ticket.warn_at,
    Ticket.due_at,
    # Last, in the order of `Standing`.
    *(getattr(Ticket, name) for name in Standing._fields),
)


def sweep(session: Session, now: datetime | None = None, limit: int = BATCH) -> int:
    """Raise what is due and set when to look again; return how many tickets were looked at.

    Tickets that another process holds are left to it. Cost: a few statements per call, whatever
    the number of tickets.
    """
    now = now or utc_now()
    tickets = _claim(session, now, limit)
    if not tickets:
        return 0
    known = _raised(session, [ticket.id for ticket in tickets])
    ladder = ladder_at(session, now)
    raises: list[tuple[int, Raise]] = []
    standings: dict[int, Standing] = {}
    checks: dict[int, datetime | None] = {}
    settled = []
    for ticket in tickets:
        if ticket.state in SETTLED_STATES or ticket.merged_into_id is not None:
            settled.append(ticket.id)
            checks[ticket.id] = None
            continue
        facts = _facts(ticket, known.get(ticket.id, ()))
        steps = plan(facts, now, ladder.place_for(matter_of(ticket)))
        if steps.raises:
            raises += [(ticket.id, one) for one in steps.raises]
            standings[ticket.id] = Standing(*ticket[-len(Standing._fields) :])
        checks[ticket.id] = steps.check_at
    record(session, raises, standings, actor=SYSTEM, now=now)
    _settle(session, settled, now)
    _look_again(session, checks)
    return len(tickets)


def has_due(session: Session, now: datetime | None = None) -> bool:
    """Tell whether there is a ticket to look at."""
    due = select(Ticket.id).where(Ticket.next_check_at <= (now or utc_now())).limit(1)
    return session.scalar(due) is not None


def _claim(session: Session, now: datetime, limit: int) -> Sequence[Row[Any]]:
    query = (
        select(*_NEEDED)
        .where(Ticket.next_check_at <= now)
        .order_by(Ticket.next_check_at, Ticket.id)
        .limit(limit)
        .with_for_update(of=Ticket, key_share=True, skip_locked=True)
    )
    return session.connection().execute(query).all()


def _look_again(session: Session, checks: dict[int, datetime | None]) -> None:
    connection = session.connection()
    done = [ticket_id for ticket_id, at in checks.items() if at is None]
    if done:
        connection.execute(update(Ticket).where(Ticket.id.in_(done)).values(next_check_at=None))
    rows = [{"of": ticket_id, "next_check_at": at} for ticket_id, at in checks.items() if at]
    if rows:
        connection.execute(update(Ticket).where(Ticket.id == bindparam("of")), rows)


def _raised(session: Session, ids: Sequence[int]) -> dict[int, list[Raise]]:
    query = select(
        Escalation.ticket_id,
        Escalation.cause,
        Escalation.level,
        Escalation.duty,
        Escalation.created_at,
        Escalation.acknowledge_by,
        Escalation.acknowledged_at.is_not(None),
    ).where(Escalation.ticket_id.in_(ids))
    rows = session.connection().execute(query).all()
    found: dict[int, list[Raise]] = defaultdict(list)
    for ticket_id, cause, level, duty, at, by, is_acknowledged in rows:
        found[ticket_id].append(Raise(cause, level, duty, at, by, is_acknowledged=is_acknowledged))
    return found


def _facts(ticket: Row[Any], raised: Sequence[Raise]) -> Facts:
    return Facts(
        since=ticket.created_at,
        warn_at=ticket.warn_at,
        due_at=ticket.due_at,
        is_paused=ticket.paused_since is not None,
        is_urgent=is_urgent(ticket.severity, ticket.category, ticket.severity_reasons),
        raised=raised,
    )


def _settle(session: Session, ticket_ids: Sequence[int], now: datetime) -> None:
    """Nothing of a settled ticket waits for anybody."""
    if ticket_ids:
        waiting = Escalation.ticket_id.in_(ticket_ids) & Escalation.acknowledged_at.is_(None)
        session.execute(
            update(Escalation).where(waiting).values(acknowledged_at=now),
            execution_options={"synchronize_session": False},
        )
