"""The key figures of one period, in a few queries that use indexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.conversations.models import Conversation, Message, Sender
from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.reports.model import Number, RowList, Rows, Unit
from desk.reports.periods import Period, Span
from desk.reports.row_filter import RowFilter, happened_in, row_conditions, sees_talks
from desk.reports.sql import counted, mean, pairs
from desk.tickets.filters import TicketFilter, conditions
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.timeline import EntryKind

PRESSING = {"urged": EntryKind.URGED, "pressed": EntryKind.PRESSED, "reopened": EntryKind.REOPENED}
SPEAKERS = {
    "turns_customer": Sender.CUSTOMER,
    "turns_bot": Sender.BOT,
    "turns_agent": Sender.AGENT,
    "turns_system": Sender.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks at which time, and when: what every query of a report needs.

    Attributes:
        span: what is counted; the whole period, or the part of an earlier one that is compared.
        now: the instant that "now" means.
    """

    session: Session
    staff: Staff
    period: Period
    span: Span
    now: datetime

    def tickets(self, wanted: TicketFilter) -> list[ColumnElement[bool]]:
        """Return the conditions of tickets behind a number."""
        return conditions(wanted, self.staff, self.now)

    def rows(self, rows: RowList, wanted: RowFilter) -> list[ColumnElement[bool]]:
        """Return the conditions of other rows behind a number."""
        return row_conditions(rows, wanted, self.staff, self.now)

    def spanned(self, name: str, **more: Any) -> TicketFilter:
        """Return the filter of tickets opened, answered, resolved or closed in the period."""
        span: dict[str, Any] = {
            f"{name}_from": self.span.begins_at,
            f"{name}_to": self.span.ends_at,
        }
        return TicketFilter(**span, **more)


def ticket_rows(wanted: TicketFilter) -> Rows:
    """Return the link to tickets."""
    return Rows(RowList.TICKETS, wanted.to_dict())


def other_rows(rows: RowList, wanted: RowFilter) -> Rows:
    """Return the link to rows of another list."""
    return Rows(rows, wanted.to_dict())


def share(part: int | None, whole: int | None, rows: Rows, base: Rows) -> Number:
    """Return a share with both its rows; no value without a whole."""
    return Number(part / whole if whole and part is not None else None, Unit.SHARE, rows, base)


def read_totals(look: Look) -> dict[str, Number]:
    """Return the key figures of the period, in the order in which they are shown."""
    numbers = {**_flow(look), **_timeliness(look), **_answers(look), **_pressing(look)}
    if sees_talks(look.staff):
        numbers |= _talks(look)
    return numbers


def _flow(look: Look) -> dict[str, Number]:
    end = look.span.ends_at
    opened = look.spanned("opened")
    done = look.spanned("opened", resolved_to=end)
    query = select(func.count(), counted(Ticket.resolved_at < end)).where(*look.tickets(opened))
    count, done_count = look.session.execute(query.select_from(Ticket)).one()
    closed, left = look.spanned("closed"), TicketFilter(open_at=end)
    return {
        "opened": Number(count, rows=ticket_rows(opened)),
        "resolution_rate": share(done_count, count, ticket_rows(done), ticket_rows(opened)),
        "closed": Number(_count(look, closed), rows=ticket_rows(closed)),
        "open_at_end": Number(_count(look, left), rows=ticket_rows(left)),
    }


def _timeliness(look: Look) -> dict[str, Number]:
    numbers: dict[str, Number] = {}
    columns = {"answered": Ticket.first_response_at, "resolved": Ticket.resolved_at}
    for name, instant in columns.items():
        wanted = look.spanned(name)
        in_time = look.spanned(name, **{f"{name}_late": False})
        query = select(func.count(), counted(instant <= Ticket.due_at)).select_from(Ticket)
        count, on_time = look.session.execute(query.where(*look.tickets(wanted))).one()
        rows, base = ticket_rows(in_time), ticket_rows(wanted)
        numbers[name] = Number(count, rows=base)
        numbers[f"{name}_in_time"] = share(on_time, count, rows, base)
    return numbers


def _answers(look: Look) -> dict[str, Number]:
    given = happened_in(look.span, is_answered=True)
    asked = RowFilter(asked_from=look.span.begins_at, asked_to=look.span.ends_at)
    replied = RowFilter(
        asked_from=look.span.begins_at, asked_to=look.span.ends_at, is_answered=True
    )
    query = select(func.count(), mean(Survey.score)).select_from(Survey)
    where = look.rows(RowList.ANSWERS, given)
    count, score = look.session.execute(query.where(*where)).one()
    shares = select(func.count(), counted(Survey.answered_at.is_not(None)))
    shares = shares.select_from(Survey)
    all_asked, all_replied = look.session.execute(
        shares.where(*look.rows(RowList.ANSWERS, asked))
    ).one()
    link, base = other_rows(RowList.ANSWERS, replied), other_rows(RowList.ANSWERS, asked)
    return {
        "answers": Number(count, rows=other_rows(RowList.ANSWERS, given)),
        "satisfaction": Number(score, Unit.SCORE, other_rows(RowList.ANSWERS, given)),
        "response_rate": share(all_replied, all_asked, link, base),
    }


def _pressing(look: Look) -> dict[str, Number]:
    happened = happened_in(look.span)
    query = (
        select(TicketEntry.kind, func.count())
        .where(*look.rows(RowList.ENTRIES, happened), TicketEntry.kind.in_(list(PRESSING.values())))
        .group_by(TicketEntry.kind)
    )
    found: Mapping[str, int] = pairs(look.session, query)
    numbers = {
        name: Number(
            found.get(kind, 0),
            rows=other_rows(RowList.ENTRIES, happened_in(look.span, kind=kind.value)),
        )
        for name, kind in PRESSING.items()
    }
    raised = select(func.count()).select_from(Escalation)
    where = look.rows(RowList.ESCALATIONS, happened)
    count = look.session.scalar(raised.where(*where))
    numbers["escalated"] = Number(count, rows=other_rows(RowList.ESCALATIONS, happened))
    return numbers


def _talks(look: Look) -> dict[str, Number]:
    begun = happened_in(look.span)
    handed = happened_in(look.span, is_handed_over=True)
    query = select(func.count(), counted(Conversation.queue_reason.is_not(None)))
    where = look.rows(RowList.CONVERSATIONS, begun)
    count, went = look.session.execute(query.select_from(Conversation).where(*where)).one()
    links = (other_rows(RowList.CONVERSATIONS, one) for one in (handed, begun))
    numbers = {
        "conversations": Number(count, rows=other_rows(RowList.CONVERSATIONS, begun)),
        "handed_over": share(went, count, *links),
    }
    said = select(Message.sender, func.count()).where(*look.rows(RowList.MESSAGES, begun))
    turns = pairs(look.session, said.group_by(Message.sender))
    for name, sender in SPEAKERS.items():
        rows = other_rows(RowList.MESSAGES, happened_in(look.span, sender=sender.value))
        numbers[name] = Number(turns.get(sender, 0), rows=rows)
    return numbers


def _count(look: Look, wanted: TicketFilter) -> int:
    query = select(func.count()).select_from(Ticket).where(*look.tickets(wanted))
    return look.session.scalar(query) or 0
