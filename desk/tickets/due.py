"""A ticket's deadline follows from its timeline: when it was received or reopened, what paused it,
whether a department has it, and what was agreed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.deadlines.pauses import Pause, pauses_from
from desk.deadlines.service import DueDate, agreed_deadline, deadline_for
from desk.errors import InvalidInput
from desk.tickets.models import SETTLED_STATES, Ticket, TicketEntry
from desk.tickets.timeline import EntryKind, append


@dataclass(slots=True)
class Clock:
    """What the timeline says about a ticket's time, in its present round.

    Attributes:
        start: when it was received, or last reopened.
        changes: see `pauses_from`.
        open_reasons: what it is paused for now.
        transfers: ids of the transfers to departments that were not taken back.
        is_recalled: there were transfers, and all were taken back.
        agreed: the deadline agreed last, with the instant of the agreement.
    """

    start: datetime
    changes: list[tuple[datetime, int]] = field(default_factory=list)
    open_reasons: list[str] = field(default_factory=list)
    transfers: frozenset[int] = frozenset()
    is_recalled: bool = False
    agreed: tuple[datetime, datetime] | None = None

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """When the ticket's time stood still."""
        return pauses_from(self.changes)

    def resume(self, at: datetime, reasons: Sequence[str]) -> None:
        """Let the time run on as far as these reasons go."""
        for reason in reasons:
            if reason in self.open_reasons:
                self.open_reasons.remove(reason)
                self.changes.append((at, -1))


def clock_of(session: Session, ticket: Ticket) -> Clock:
    """Read a ticket's timeline for all that its deadline depends on."""
    query = select(TicketEntry).where(TicketEntry.ticket_id == ticket.id)
    return read_clock(ticket.created_at, session.scalars(query.order_by(TicketEntry.id)).all())


def read_clock(start: datetime, entries: Sequence[TicketEntry]) -> Clock:
    """Return what a timeline, in order, says about a ticket's time."""
    clock = Clock(start)
    for entry in entries:
        match entry.kind:
            case EntryKind.REOPENED:
                clock = Clock(entry.at, transfers=clock.transfers, is_recalled=clock.is_recalled)
            case EntryKind.PAUSED if entry.data["reason"] not in clock.open_reasons:
                clock.open_reasons.append(entry.data["reason"])
                clock.changes.append((entry.at, 1))
            case EntryKind.RESUMED:
                clock.resume(entry.at, entry.data["reasons"])
            case EntryKind.TRANSFERRED:
                clock.transfers |= {entry.data["transfer_id"]}
                clock.is_recalled = False
            case EntryKind.TRANSFER_CANCELLED:
                clock.transfers -= {entry.data["transfer_id"]}
                clock.is_recalled = not clock.transfers
            case EntryKind.DEADLINE_CHANGED if entry.data.get("agreed"):
                clock.agreed = (entry.at, datetime.fromisoformat(entry.data["due_at"]))
        if entry.data.get("after") in SETTLED_STATES:
            clock.resume(entry.at, list(clock.open_reasons))
    return clock


def set_deadline(ticket: Ticket, due: DueDate, *, now: datetime) -> None:
    """Store a deadline with the ticket and have the sweeper look at it."""
    ticket.due_at, ticket.warn_at = due.due_at, due.warn_at
    ticket.due_trace, ticket.due_steps = list(due.trace), list(due.steps)
    ticket.next_check_at = now


def deadline_of(ticket: Ticket, clock: Clock) -> DueDate:
    """Return a ticket's deadline by its clock."""
    if clock.agreed:
        return agreed_deadline(*clock.agreed, pauses=clock.pauses)
    return deadline_for(
        ticket.kind,
        ticket.severity,
        clock.start,
        channel=ticket.channel,
        pauses=clock.pauses,
        is_transferred=bool(clock.transfers),
        is_recalled=clock.is_recalled,
    )


def recompute_deadline(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Compute the deadline from the timeline and store it; no entry is added."""
    set_deadline(ticket, deadline_of(ticket, clock_of(session, ticket)), now=now)


def renew_deadline(
    session: Session,
    ticket: Ticket,
    *,
    actor: str,
    now: datetime | None = None,
    never_later: bool = False,
) -> TicketEntry | None:
    """Bring the deadline up to date after a reopening, a transfer or another classification.

    `never_later` keeps the present deadline if the new one would give more time. Adds
    DEADLINE_CHANGED with `data["due_at"]` and `data["was"]`; returns None if nothing changed.
    """
    now = now or utc_now()
    was = ticket.due_at
    due = deadline_of(ticket, clock_of(session, ticket))
    ticket.next_check_at = now
    if never_later and due.due_at >= was:
        return None
    set_deadline(ticket, due, now=now)
    if due.due_at == was:
        return None
    data: dict[str, Any] = {"due_at": due.due_at.isoformat(), "was": was.isoformat()}
    return append(session, ticket, EntryKind.DEADLINE_CHANGED, actor=actor, at=now, data=data)


def agree_deadline(
    session: Session,
    ticket: Ticket,
    due_at: datetime,
    *,
    actor: str,
    text: str | None = None,
    now: datetime | None = None,
) -> TicketEntry:
    """Set the deadline that was agreed on with the customer or between departments (R-B8).

    Raises:
        InvalidInput: it is in the past.
    """
    now = now or utc_now()
    if due_at <= now:
        raise InvalidInput("errors.deadline_past", field="due_at")
    was = ticket.due_at
    data = {"due_at": due_at.isoformat(), "was": was.isoformat(), "agreed": True}
    entry = append(
        session, ticket, EntryKind.DEADLINE_CHANGED, actor=actor, at=now, text=text, data=data
    )
    recompute_deadline(session, ticket, now=now)
    return entry
