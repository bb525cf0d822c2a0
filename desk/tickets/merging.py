"""Several tickets about one matter become one, or one about several is divided; both with undo.

A merged ticket is closed and points to the ticket that stands for it; what its customer adds goes
there (`desk.tickets.service.standing_for`). Nothing is moved or lost, so undoing only lets the
ticket stand for itself again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput
from desk.tickets.domain import NewTicket
from desk.tickets.due import recompute_deadline
from desk.tickets.handling import open_one
from desk.tickets.intake import OLDEST_RECEIPT
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketEntry, TicketLink, TicketState
from desk.tickets.pausing import follow_state
from desk.tickets.service import open_ticket
from desk.tickets.timeline import EntryKind, append

MERGERS = (Role.AGENT, Role.SUPERVISOR)
MOST_AT_ONCE = 50
CARRIED = (
    "conversation_id", "has_consent", "customer_name", "phone", "email", "reply_channel",
    "estate", "building", "unit", "room", "spot",
)  # fmt: skip
"""What a ticket split off takes from the one it comes from where nothing else is said."""


def merge(
    session: Session,
    staff: Staff,
    into: Ticket,
    others: Sequence[Ticket],
    *,
    text: str | None = None,
    now: datetime | None = None,
) -> None:
    """Let one ticket stand for others too; they are closed, and all timelines say so.

    Raises:
        InvalidInput: no others, too many, or the ticket itself among them.
        Conflict: one of them is closed or merged already; then nothing is merged.
    """
    require(staff, *MERGERS)
    ids = sorted({other.id for other in others})
    if not ids:
        raise InvalidInput("errors.merge_nothing", field="others")
    if into.id in ids:
        raise InvalidInput("errors.merge_itself", field="others")
    if len(ids) > MOST_AT_ONCE:
        raise InvalidInput("errors.too_many_tickets", field="others", limit=MOST_AT_ONCE)
    now = now or utc_now()
    # In the order of their ids: two people merging the same tickets must not wait in a circle.
    locked = {
        one: open_one(session, session.get_one(Ticket, one)) for one in sorted([*ids, into.id])
    }
    for one in ids:
        _merge_one(session, staff, locked[into.id], locked[one], text, now)


def undo_merge(
    session: Session, staff: Staff, ticket: Ticket, *, now: datetime | None = None
) -> None:
    """Let a merged ticket stand for itself again, in the state it had.

    Raises:
        Conflict: it is not merged.
    """
    require(staff, *MERGERS)
    ticket = lock_ticket(session, ticket.id)
    if ticket.merged_into_id is None:
        raise Conflict("errors.not_merged", number=ticket.number)
    now = now or utc_now()
    into = session.get_one(Ticket, ticket.merged_into_id)
    merged = _last(session, ticket, (EntryKind.MERGED, EntryKind.SPLIT_UNDONE))
    data = {"into": into.number, "before": ticket.state, "after": merged.data["before"]}
    append(session, ticket, EntryKind.MERGE_UNDONE, actor=staff.login, at=now, data=data)
    recompute_deadline(session, ticket, now=now)
    follow_state(session, ticket, before=TicketState.CLOSED, actor=staff.login, now=now)
    data = {"other": ticket.number, "other_id": ticket.id}
    append(session, into, EntryKind.MERGE_UNDONE, actor=staff.login, at=now, data=data)


def split(
    session: Session,
    staff: Staff,
    ticket: Ticket,
    new: NewTicket,
    *,
    now: datetime | None = None,
) -> Ticket:
    """Open a ticket for a part of this one's matter; who and where are taken over.

    Raises:
        InvalidInput: as `open_ticket` says.
        Conflict: the ticket is closed or merged.
    """
    require(staff, *MERGERS)
    ticket = open_one(session, ticket)
    now = now or utc_now()
    carried = {
        name: getattr(ticket, name)
        for name in CARRIED
        if getattr(new, name) in (None, False, "chat")
    }
    new = replace(
        new,
        **carried,
        channel=ticket.channel,
        source_key=None,
        received_at=max(ticket.created_at, now - OLDEST_RECEIPT),
    )
    part = open_ticket(session, new, actor=staff.login, now=now)
    first, second = sorted((ticket.id, part.id))
    session.add(TicketLink(ticket_id=first, other_id=second, kind="split", created_at=now))
    data = {"other": part.number, "other_id": part.id}
    append(session, ticket, EntryKind.SPLIT, actor=staff.login, at=now, data=data)
    data = {"from": ticket.number, "from_id": ticket.id}
    append(session, part, EntryKind.SPLIT, actor=staff.login, at=now, data=data)
    return part


def undo_split(
    session: Session, staff: Staff, ticket: Ticket, *, now: datetime | None = None
) -> Ticket:
    """Bring a ticket that was split off back into the one it came from; return that one.

    Raises:
        Conflict: it was not split off, or one of the two is closed or merged.
    """
    require(staff, *MERGERS)
    origin_id = _origin_id(session, ticket)
    now = now or utc_now()
    pair = {
        one: open_one(session, session.get_one(Ticket, one))
        for one in sorted((origin_id, ticket.id))
    }
    part, origin = pair[ticket.id], pair[origin_id]
    data = {
        "into": origin.number,
        "into_id": origin.id,
        "before": part.state,
        "after": TicketState.CLOSED.value,
    }
    append(session, part, EntryKind.SPLIT_UNDONE, actor=staff.login, at=now, data=data)
    part.next_check_at = None
    back = {"other": part.number, "other_id": part.id}
    append(session, origin, EntryKind.SPLIT_UNDONE, actor=staff.login, at=now, data=back)
    return origin


def merged_into(session: Session, ticket: Ticket) -> list[Ticket]:
    """Return the tickets that this one stands for besides itself, oldest first."""
    query = select(Ticket).where(Ticket.merged_into_id == ticket.id).order_by(Ticket.id)
    return list(session.scalars(query.limit(200)))


def _merge_one(
    session: Session, staff: Staff, into: Ticket, other: Ticket, text: str | None, now: datetime
) -> None:
    data = {
        "into": into.number,
        "into_id": into.id,
        "before": other.state,
        "after": TicketState.CLOSED.value,
    }
    append(session, other, EntryKind.MERGED, actor=staff.login, at=now, text=text, data=data)
    other.next_check_at = None
    back = {"other": other.number, "other_id": other.id}
    append(session, into, EntryKind.ABSORBED, actor=staff.login, at=now, text=text, data=back)


def _origin_id(session: Session, ticket: Ticket) -> int:
    entries = session.scalars(
        select(TicketEntry).where(
            TicketEntry.ticket_id == ticket.id, TicketEntry.kind == EntryKind.SPLIT
        )
    )
    found: int | None = next(
        (one.data["from_id"] for one in entries if "from_id" in one.data), None
    )
    if found is None:
        raise Conflict("errors.not_split", number=ticket.number)
    return found


def _last(session: Session, ticket: Ticket, kinds: Sequence[EntryKind]) -> TicketEntry:
    query = select(TicketEntry).where(
        TicketEntry.ticket_id == ticket.id, TicketEntry.kind.in_(kinds)
    )
    return session.scalars(query.order_by(TicketEntry.id.desc()).limit(1)).one()
