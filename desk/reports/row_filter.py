"""Filters of the lists other than tickets: what happened in a span of time, and to what."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, select, true

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.clock import LOCAL_ZONE
from desk.conversations.models import Conversation, Message, Sender
from desk.errors import InvalidInput
from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.reports.model import RowList
from desk.reports.periods import Span
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.visibility import visible_to

CODE_LIMIT = 48
NO_INTENT = "none"
_RANGES = {"level": (0, 2), "score": (1, 5)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """Which rows of a list; instants are half-open spans, None: any.

    Attributes:
        begins_at, ends_at: when it happened: an entry was added, someone was told, a customer
            answered, a conversation began, a message was sent.
        asked_from, asked_to: when the customer was asked (answers).
        kind: of an entry.
        level: of an escalation.
        is_in_time: an escalation was acknowledged in time, or late or not at all though its time
            is over.
        is_answered: an answer was given.
        score: of an answer.
        is_handed_over: a conversation went to people.
        sender: of a message.
        intent: what a customer's message was understood as; `none`: not understood by a bot.
        department: of the ticket.
    """

    begins_at: datetime | None = None
    ends_at: datetime | None = None
    asked_from: datetime | None = None
    asked_to: datetime | None = None
    kind: str | None = None
    level: int | None = None
    is_in_time: bool | None = None
    is_answered: bool | None = None
    score: int | None = None
    is_handed_over: bool | None = None
    sender: str | None = None
    intent: str | None = None
    department: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what is set, for an address."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
            if value is not None
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "RowFilter":
        """Return the filter of `to_dict` or of an address; unknown names are left out.

        Raises:
            InvalidInput: a value that the field cannot have; `field` names it.
        """
        values = {}
        for field in fields(cls):
            text = raw.get(field.name)
            if text in (None, ""):
                continue
            try:
                values[field.name] = _read(field.name, text)
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                raise InvalidInput("errors.filter_invalid", field=field.name) from error
        return cls(**values)


def happened_in(span: Span, **more: Any) -> RowFilter:
    """Return the filter for what happened in a span of time."""
    return RowFilter(begins_at=span.begins_at, ends_at=span.ends_at, **more)


def row_conditions(
    rows: RowList, wanted: RowFilter, staff: Staff, now: datetime
) -> list[ColumnElement[bool]]:
    """Return what must hold of the list's rows, for what the person may see."""
    match rows:
        case RowList.ENTRIES:
            found = _between(TicketEntry.at, wanted)
            found += _of_tickets(TicketEntry.ticket_id, wanted, staff)
            if wanted.kind:
                found.append(TicketEntry.kind == wanted.kind)
        case RowList.ESCALATIONS:
            found = _between(Escalation.created_at, wanted)
            found += _of_tickets(Escalation.ticket_id, wanted, staff)
            found += _of_escalation(wanted, now)
        case RowList.ANSWERS:
            found = _between(Survey.answered_at, wanted)
            found += _of_tickets(Survey.ticket_id, wanted, staff)
            found += _of_answer(wanted)
        case RowList.CONVERSATIONS:
            found = [*_between(Conversation.created_at, wanted), _talks_visible(staff)]
            if wanted.is_handed_over is not None:
                went = Conversation.queue_reason.is_not(None)
                found.append(went if wanted.is_handed_over else ~went)
        case RowList.MESSAGES:
            found = [*_between(Message.created_at, wanted), _talks_visible(staff)]
            found += _of_message(wanted)
        case _:
            raise InvalidInput("errors.filter_invalid", field="list")
    return found


def sees_talks(staff: Staff) -> bool:
    """Tell whether this person may read conversations of others."""
    return has_role(staff, Role.QA, Role.SUPERVISOR)


def in_time(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of an escalation acknowledged in time, and of one that was not."""
    limit, done = Escalation.acknowledge_by, Escalation.acknowledged_at
    late = (done > limit) | (done.is_(None) & (limit < now))
    return done.is_not(None) & (limit.is_(None) | (done <= limit)), late


def _of_tickets(ticket_id: Any, wanted: RowFilter, staff: Staff) -> list[ColumnElement[bool]]:
    """Return the conditions on a row's ticket; none where every ticket will do."""
    needed: list[ColumnElement[bool]] = []
    if staff.role == Role.DEPARTMENT:
        needed.append(visible_to(staff))
    if wanted.department:
        needed.append(Ticket.department == wanted.department)
    return [ticket_id.in_(select(Ticket.id).where(*needed))] if needed else []


def _of_escalation(wanted: RowFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.level is not None:
        found.append(Escalation.level == wanted.level)
    if wanted.is_in_time is not None:
        found.append(in_time(now)[0 if wanted.is_in_time else 1])
    return found


def _of_answer(wanted: RowFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.asked_from:
        found.append(Survey.asked_at >= wanted.asked_from)
    if wanted.asked_to:
        found.append(Survey.asked_at < wanted.asked_to)
    if wanted.is_answered is not None:
        given = Survey.answered_at.is_not(None)
        found.append(given if wanted.is_answered else ~given)
    if wanted.score is not None:
        found.append(Survey.score == wanted.score)
    return found


def _of_message(wanted: RowFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.sender:
        found.append(Message.sender == wanted.sender)
    if wanted.intent == NO_INTENT:
        found.append(Message.intent.is_(None))
    elif wanted.intent:
        found.append(Message.intent == wanted.intent)
    if wanted.is_handed_over is not None:
        handed = select(Conversation.id).where(Conversation.queue_reason.is_not(None))
        went = Message.conversation_id.in_(handed)
        found.append(went if wanted.is_handed_over else ~went)
    return found


def _talks_visible(staff: Staff) -> ColumnElement[bool]:
    return true() if sees_talks(staff) else false()


def _between(column: Any, wanted: RowFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.begins_at:
        found.append(column >= wanted.begins_at)
    if wanted.ends_at:
        found.append(column < wanted.ends_at)
    return found


def _read(name: str, value: Any) -> Any:
    if name in {"begins_at", "ends_at", "asked_from", "asked_to"}:
        # A plus sign in an address arrives as a space.
        instant = datetime.fromisoformat(str(value).replace(" ", "+"))
        return instant if instant.tzinfo else instant.replace(tzinfo=LOCAL_ZONE)
    if name in _RANGES:
        number, (least, most) = int(value), _RANGES[name]
        if not least <= number <= most:
            raise ValueError
        return number
    if name == "sender":
        return Sender(value).value
    if name.startswith("is_"):
        return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]
    text = str(value)
    if len(text) > CODE_LIMIT or "\x00" in text:
        raise ValueError
    return text
