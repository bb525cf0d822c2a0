"""Writes what the ladder decided: a row for who has to acknowledge, and an entry of the timeline.

The entry ESCALATED has in `data`: `escalation_id`, `cause`, `level`, `duty`, `staff_id`,
`substitute_for_id`, `acknowledge_by`, `passed` where nobody is to be called for it; and for the
timeline's text `why` (`escalation.cause_…`) and `told` (`escalation.told_…`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.bulk import insert_rows
from desk.escalation.domain import Raise
from desk.escalation.models import Escalation
from desk.escalation.people import Matter
from desk.escalation.roster import Ladder
from desk.tickets.timeline import EntryKind, Line, Standing, append_many


@dataclass(frozen=True, slots=True)
class Item:
    """A raise of a ticket, which the caller has locked and then read.

    Attributes:
        matter: who is concerned; its `turn` is the ticket's id.
        standing: what the ticket's columns hold.
        what: how it is raised.
    """

    matter: Matter
    standing: Standing
    what: Raise


def matter_of(ticket: Any) -> Matter:
    """Return what decides who is told about a ticket, or a row with its columns."""
    return Matter(ticket.recipient_id, ticket.department, turn=ticket.id)


def record(
    session: Session, items: Sequence[Item], ladder: Ladder, *, actor: str, now: datetime
) -> list[int]:
    """Store the raises, each with its entry; return the ids of their rows, in the same order.

    Tickets that the session holds as objects must be refreshed afterwards.
    """
    if not items:
        return []
    rows = [_row(item, ladder, now) for item in items]
    insert_rows(session.connection(), Escalation, _Row._fields, rows)
    ids = _ids(session, rows)
    lines = [
        Line(item.matter.turn, EntryKind.ESCALATED, actor, now, _data(escalation_id, row, item))
        for escalation_id, row, item in zip(ids, rows, items, strict=True)
    ]
    append_many(session, lines, {item.matter.turn: item.standing for item in items})
    return ids


class _Row(NamedTuple):
    """The columns of `Escalation` that a new one has."""

    ticket_id: int
    cause: str
    level: int
    duty: bool
    staff_id: int | None
    substitute_for_id: int | None
    created_at: datetime
    acknowledge_by: datetime | None


def _ids(session: Session, rows: Sequence[_Row]) -> list[int]:
    """Read the ids of rows just stored, in their order. SQLite returns ids in no certain order
    and would have to be asked row by row."""
    query = select(Escalation.ticket_id, Escalation.cause, Escalation.id)
    tickets = {row.ticket_id for row in rows}
    stored = session.connection().execute(query.where(Escalation.ticket_id.in_(tickets))).all()
    found = {(ticket_id, cause): escalation_id for ticket_id, cause, escalation_id in stored}
    return [found[row.ticket_id, row.cause] for row in rows]


def _row(item: Item, ladder: Ladder, now: datetime) -> _Row:
    what = item.what
    told = ladder.told(item.matter, what.level, is_duty=what.is_duty)
    return _Row(
        item.matter.turn,
        what.cause,
        what.level,
        what.is_duty,
        told.staff_id,
        told.substitute_for_id,
        now,
        None if what.is_passed else what.acknowledge_by,
    )


def kind_of(cause: str) -> str:
    """Return what a cause is about: `urgent`, `warning`, `breach`, `silent`, `dissatisfied` or
    another word that it begins with; its text is `escalation.cause_<kind>`."""
    return cause.partition(":")[0]


def _data(escalation_id: int, row: _Row, item: Item) -> dict[str, Any]:
    by = row.acknowledge_by
    return {
        "escalation_id": escalation_id,
        "cause": row.cause,
        "level": row.level,
        "duty": row.duty,
        "staff_id": row.staff_id,
        "substitute_for_id": row.substitute_for_id,
        "acknowledge_by": by.isoformat() if by else None,
        "passed": item.what.is_passed,
        "why": kind_of(row.cause),
        "told": "duty" if row.duty else row.level,
    }
