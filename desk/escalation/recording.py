"""Writes what the ladder decided: a row for each step, and an entry of the timeline for each that
somebody is told of.

The entry ESCALATED has in `data`: `escalation_id`, `cause`, `level`, `duty`, `staff_id`,
`substitute_for_id`, `acknowledge_by`; for the timeline's text `why` (`escalation.cause_…`) and
`told` (`escalation.told_…`); and after a sleep through several deadlines `passed_over`, the steps
of which nobody is told any more, each with `escalation_id`, `cause` and `level`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from desk.bulk import insert_rows, new_ids
from desk.escalation.domain import Raise
from desk.escalation.models import Escalation
from desk.escalation.people import Matter
from desk.tickets.timeline import EntryKind, Line, Standing, append_many


def matter_of(ticket: Any) -> Matter:
    """Return what decides who is told about a ticket, or a row with its columns."""
    return Matter(ticket.recipient_id, ticket.department, turn=ticket.id)


def record(
    session: Session,
    raises: Sequence[tuple[int, Raise]],
    standings: Mapping[int, Standing],
    *,
    actor: str,
    now: datetime,
) -> list[int]:
    """Store the raises with their entries; return the ids of their rows, in the same order.

    Args:
        raises: each with the id of its ticket, which the caller has locked and then read.
        standings: what the columns of these tickets hold.
    """
    if not raises:
        return []
    connection = session.connection()
    rows, told = [], []
    passed_over: dict[int, list[dict[str, Any]]] = defaultdict(list)
    ids = new_ids(connection, Escalation, len(raises))
    for escalation_id, (ticket_id, what) in zip(ids, raises, strict=True):
        row = _Row(
            escalation_id,
            ticket_id,
            what.cause,
            what.level,
            what.is_duty,
            what.staff_id,
            what.substitute_for_id,
            now,
            what.acknowledge_by,
        )
        rows.append(row)
        if what.is_passed:
            step = {"escalation_id": row.id, "cause": row.cause, "level": row.level}
            passed_over[ticket_id].append(step)
        else:
            told.append(row)
    insert_rows(connection, Escalation, _Row._fields, rows)
    lines = []
    for row in told:
        # With the first that is told of the ticket.
        data = _data(row, passed_over.pop(row.ticket_id, []))
        lines.append(Line(row.ticket_id, EntryKind.ESCALATED, actor, now, data))
    append_many(session, lines, standings)
    return ids


class _Row(NamedTuple):
    """The columns of `Escalation` that a new one has."""

    id: int
    ticket_id: int
    cause: str
    level: int
    duty: bool
    staff_id: int | None
    substitute_for_id: int | None
    created_at: datetime
    acknowledge_by: datetime | None


def kind_of(cause: str) -> str:
    """Return what a cause is about: `urgent`, `warning`, `breach`, `silent`, `dissatisfied` or
    another word that it begins with; its text is `escalation.cause_<kind>`."""
    return cause.partition(":")[0]


def _data(row: _Row, passed_over: Sequence[dict[str, Any]]) -> dict[str, Any]:
    by = row.acknowledge_by
    data = {
        "escalation_id": row.id,
        "cause": row.cause,
        "level": row.level,
        "duty": row.duty,
        "staff_id": row.staff_id,
        "substitute_for_id": row.substitute_for_id,
        "acknowledge_by": by.isoformat() if by else None,
        "why": kind_of(row.cause),
        "told": "duty" if row.duty else row.level,
    }
    return {**data, "passed_over": passed_over} if passed_over else data
