"""The rows behind numbers that are not tickets, a page at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.conversations.domain import preview
from desk.conversations.models import Conversation, Message
from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.reports.model import RowList
from desk.reports.row_filter import RowFilter, row_conditions
from desk.tickets.models import Ticket, TicketEntry

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows as plain values, newest first, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


def list_rows(
    session: Session,
    staff: Staff,
    rows: RowList,
    wanted: RowFilter,
    *,
    limit: int = 50,
    offset: int = 0,
    now: datetime | None = None,
) -> RowPage:
    """Return the rows of a list that fit and that this person may see."""
    where = row_conditions(rows, wanted, staff, now or utc_now())
    query, show = _LISTS[rows]
    total = session.scalar(select(func.count()).select_from(query.where(*where).subquery()))
    page = query.where(*where).limit(max(1, min(limit, MOST_ROWS))).offset(offset)
    found = session.execute(page.order_by(*_ORDER[rows]))
    return RowPage([show(row._mapping) for row in found], total or 0)


def _same(row: Mapping[Any, Any]) -> dict[str, Any]:
    return dict(row)


def _shortened(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**row, "text": preview(row["text"] or "")}


_Shown = Callable[[Mapping[Any, Any]], dict[str, Any]]
_LISTS: dict[RowList, tuple[Any, _Shown]] = {
    RowList.ENTRIES: (
        select(
            TicketEntry.at,
            Ticket.number.label("ticket"),
            TicketEntry.kind,
            TicketEntry.actor,
            TicketEntry.text,
        ).join(Ticket, Ticket.id == TicketEntry.ticket_id),
        _shortened,
    ),
    RowList.ESCALATIONS: (
        select(
            Escalation.created_at.label("at"),
            Ticket.number.label("ticket"),
            Escalation.level,
            Escalation.cause,
            Staff.display_name.label("staff"),
            Escalation.acknowledge_by,
            Escalation.acknowledged_at,
        )
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .outerjoin(Staff, Staff.id == Escalation.staff_id),
        _same,
    ),
    RowList.ANSWERS: (
        select(
            Survey.answered_at.label("at"),
            Ticket.number.label("ticket"),
            Survey.asked_at,
            Survey.round,
            Survey.score,
            Survey.comment,
        ).join(Ticket, Ticket.id == Survey.ticket_id),
        _same,
    ),
    RowList.CONVERSATIONS: (
        select(
            Conversation.created_at.label("at"),
            Conversation.id.label("conversation"),
            Conversation.source,
            Conversation.mode,
            Conversation.queue_reason,
            Conversation.last_intent,
        ),
        _same,
    ),
    RowList.MESSAGES: (
        select(
            Message.created_at.label("at"),
            Message.conversation_id.label("conversation"),
            Message.sender,
            Message.intent,
            Message.text,
        ),
        _shortened,
    ),
}
_ORDER: dict[RowList, tuple[Any, ...]] = {
    RowList.ENTRIES: (TicketEntry.at.desc(), TicketEntry.id.desc()),
    RowList.ESCALATIONS: (Escalation.created_at.desc(), Escalation.id.desc()),
    RowList.ANSWERS: (Survey.asked_at.desc(), Survey.id.desc()),
    RowList.CONVERSATIONS: (Conversation.created_at.desc(), Conversation.id),
    RowList.MESSAGES: (Message.created_at.desc(), Message.id.desc()),
}
