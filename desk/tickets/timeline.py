"""A ticket's timeline: entries are only ever added, and what a ticket is follows from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from desk.bulk import insert_rows, new_ids
from desk.errors import Forbidden
from desk.tickets.models import PendingEntry, Ticket, TicketEntry, TicketState
from desk.tickets.search import index_entry


class EntryKind(StrEnum):
    """What can happen to a ticket."""

    OPENED = "opened"
    SUPPLEMENTED = "supplemented"
    NOTED = "noted"
    STATE_CHANGED = "state_changed"
    CONTACT_SET = "contact_set"
    ASSIGNED = "assigned"
    RECLASSIFIED = "reclassified"
    ATTACHED = "attached"
    REVEALED = "revealed"
    URGED = "urged"
    """The customer pressed for an answer (催办)."""
    PRESSED = "pressed"
    """A leader pressed the department (督办)."""
    TRANSFERRED = "transferred"
    TRANSFER_ACCEPTED = "transfer_accepted"
    TRANSFER_ASKED_BACK = "transfer_asked_back"
    TRANSFER_ANSWERED = "transfer_answered"
    TRANSFER_PROGRESS = "transfer_progress"
    TRANSFER_PROPOSED = "transfer_proposed"
    TRANSFER_RETURNED = "transfer_returned"
    TRANSFER_DONE = "transfer_done"
    TRANSFER_CANCELLED = "transfer_cancelled"
    PAUSED = "paused"
    RESUMED = "resumed"
    DEADLINE_CHANGED = "deadline_changed"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    PROMISED = "promised"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    FEEDBACK_GIVEN = "feedback_given"
    CUSTOMER_TOLD = "customer_told"
    SURVEY_ASKED = "survey_asked"
    SURVEY_ANSWERED = "survey_answered"
    REOPENED = "reopened"
    COORDINATED = "coordinated"
    VALIDITY_PROPOSED = "validity_proposed"
    VALIDITY_DECIDED = "validity_decided"
    LINKED = "linked"
    UNLINKED = "unlinked"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"
    ABSORBED = "absorbed"
    SPLIT = "split"
    SPLIT_UNDONE = "split_undone"
    GROUPED = "grouped"
    UNGROUPED = "ungrouped"
    GROUP_TOLD = "group_told"


RESPONSES = frozenset(
    {EntryKind.TRANSFERRED, EntryKind.FEEDBACK_GIVEN, EntryKind.CUSTOMER_TOLD, EntryKind.NOTED}
)
"""Entries by which a person shows that the ticket was taken up, besides a change of state.

One with `data["is_automatic"]` is the desk's own message and does not count."""

BY_PEOPLE = frozenset({EntryKind.VALIDITY_PROPOSED, EntryKind.VALIDITY_DECIDED})
"""Judgements that only a person may write."""
NOT_PEOPLE = frozenset({"bot", "customer", "system"})
"""Actors that are no staff."""


class Standing(NamedTuple):
    """What a timeline adds up to; the columns of `Ticket` of the same names keep it for queries.
    A tuple, because a sweep makes tens of thousands of them.

    Attributes:
        state: a `TicketState`.
        level: how high it was escalated, 0 to 2.
        urged, pressed, reopened: how often.
        validity: `valid`, `invalid` or None while undecided.
        paused_since: the clock stands since then; never of a settled ticket.
        first_response_at: when somebody first took it up.
        resolved_at, closed_at: of the present round; None again when it is reopened.
        score: the customer's last answer, 1 to 5.
        merged_into_id: the ticket that this one went into.
    """

    state: str = TicketState.OPEN
    level: int = 0
    urged: int = 0
    pressed: int = 0
    reopened: int = 0
    validity: str | None = None
    paused_since: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    score: int | None = None
    merged_into_id: int | None = None


def step(standing: Standing, kind: str, at: datetime, data: dict[str, Any]) -> Standing:
    """Return the standing after one more entry."""
    if "after" in data:
        standing = _in_state(standing, data["after"], at)
    is_response = kind in RESPONSES and not data.get("is_automatic")
    if standing.first_response_at is None and is_response:
        standing = standing._replace(first_response_at=at)
    match kind:
        case EntryKind.URGED:
            return standing._replace(urged=standing.urged + 1)
        case EntryKind.PRESSED:
            return standing._replace(pressed=standing.pressed + 1)
        case EntryKind.REOPENED:
            return standing._replace(reopened=standing.reopened + 1)
        case EntryKind.ESCALATED if data.get("level", 0) > standing.level:
            return standing._replace(level=data["level"])
        case EntryKind.PAUSED:
            return standing._replace(paused_since=standing.paused_since or at)
        case EntryKind.RESUMED if not data.get("goes_on"):
            return standing._replace(paused_since=None)
        case EntryKind.VALIDITY_DECIDED:
            return standing._replace(validity=data["validity"])
        case EntryKind.SURVEY_ANSWERED:
            return standing._replace(score=data["score"])
        case EntryKind.MERGED:
            return standing._replace(merged_into_id=data["into_id"])
        case EntryKind.MERGE_UNDONE if "into" in data:
            return standing._replace(merged_into_id=None)
        case EntryKind.SPLIT_UNDONE if "into_id" in data:
            return standing._replace(merged_into_id=data["into_id"])
    return standing


def fold(entries: Iterable[TicketEntry]) -> Standing:
    """Return what a whole timeline, in order, adds up to."""
    standing = Standing()
    for entry in entries:
        standing = step(standing, entry.kind, entry.at, entry.data)
    return standing


def append(
    session: Session,
    ticket: Ticket,
    kind: EntryKind,
    *,
    actor: str,
    at: datetime,
    text: str | None = None,
    data: dict[str, Any] | None = None,
) -> TicketEntry:
    """Add an entry and bring the ticket's columns up to date with it.

    `actor` is a login, `bot`, `customer` or `system`. `data` holds codes and numbers, never
    personal data; `data["after"]` names the state that the entry leads to. The entry is passed
    on to customer, colleagues and other systems after the commit (`PendingEntry`).

    Raises:
        Forbidden: a judgement that only people make, by another actor.
    """
    if kind in BY_PEOPLE and actor in NOT_PEOPLE:
        raise Forbidden("errors.people_only")
    entry = TicketEntry(
        ticket_id=ticket.id, kind=kind, actor=actor, at=at, text=text, data=data or {}
    )
    session.add(entry)
    _read_again(session, ticket)
    before = standing_of(ticket)
    standing = step(before, kind, at, entry.data)
    for name, value in standing._asdict().items():
        setattr(ticket, name, value)
    if (before.state, before.merged_into_id) != (standing.state, standing.merged_into_id):
        # What is due may be another now: the sweeper finds out.
        ticket.next_check_at = at
    session.flush()
    session.add(PendingEntry(entry_id=entry.id))
    session.flush()
    index_entry(session, entry)
    return entry


class Line(NamedTuple):
    """An entry without a text, for `append_many`."""

    ticket_id: int
    kind: EntryKind
    actor: str
    at: datetime
    data: dict[str, Any]


def append_many(session: Session, lines: Sequence[Line], standings: Mapping[int, Standing]) -> None:
    """Add entries to many tickets in a few statements; otherwise as `append`.

    Args:
        lines: in order.
        standings: what the columns of each ticket hold; the caller has locked the tickets before
            reading them. Tickets that the session holds as objects must be refreshed afterwards.
    """
    if not lines:
        return
    after: dict[int, Standing] = {}
    for line in lines:
        before = after.get(line.ticket_id, standings[line.ticket_id])
        after[line.ticket_id] = step(before, line.kind, line.at, line.data)
    connection = session.connection()
    ids = new_ids(connection, TicketEntry, len(lines))
    # SQLite's driver takes a plain text faster than an `EntryKind`.
    entries = [
        (entry_id, line.ticket_id, line.kind.value, line.actor, line.at, line.data)
        for entry_id, line in zip(ids, lines, strict=True)
    ]
    insert_rows(connection, TicketEntry, ("id", *Line._fields), entries)
    pending = [(entry_id, 0) for entry_id in ids]
    insert_rows(connection, PendingEntry, ("entry_id", "failures"), pending)
    for change, ticket_ids in _changes(standings, after).items():
        of = Ticket.id.in_(ticket_ids)
        connection.execute(update(Ticket).where(of).values(dict(change)))


def _changes(
    before: Mapping[int, Standing], after: Mapping[int, Standing]
) -> dict[tuple[tuple[str, Any], ...], list[int]]:
    """Return which columns get which values, and of which tickets: most change alike."""
    found: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for ticket_id, standing in after.items():
        columns = zip(Standing._fields, before[ticket_id], standing, strict=True)
        change = tuple((name, new) for name, old, new in columns if new != old)
        if change:
            found[change].append(ticket_id)
    return found


def standing_of(ticket: Ticket) -> Standing:
    """Return the standing that the ticket's columns hold."""
    return Standing(*(getattr(ticket, name) for name in Standing._fields))


def _read_again(session: Session, ticket: Ticket) -> None:
    """Lock the ticket and read its standing anew: another process may have added an entry since.

    On SQLite the transaction itself is the lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.refresh(ticket, Standing._fields, with_for_update={"key_share": True})


def _in_state(standing: Standing, state: str, at: datetime) -> Standing:
    is_closed, is_settled = (
        state == TicketState.CLOSED,
        state in {TicketState.RESOLVED, TicketState.CLOSED},
    )
    return standing._replace(
        state=state,
        first_response_at=standing.first_response_at or at,
        resolved_at=(standing.resolved_at or at) if is_settled else None,
        closed_at=(standing.closed_at or at) if is_closed else None,
        paused_since=None if is_settled else standing.paused_since,
    )
