"""How the REST interface shows tickets, with their timelines and each other's numbers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.errors import InvalidInput
from desk.tickets import service
from desk.tickets.links import links_of
from desk.tickets.listing import Page
from desk.tickets.merging import merged_into
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.view import entry_json, ticket_json


def page_json(page: Page) -> dict[str, Any]:
    """Return a page of tickets; `next` is the cursor of the following one, null at the end."""
    return {
        "tickets": [ticket_json(ticket) for ticket in page.rows],
        "next": page.next_cursor,
        "total": page.total,
        "is_more": page.is_more,
    }


def with_timeline(session: Session, staff: Staff, number: str) -> dict[str, Any]:
    """Return a ticket with its timeline and the tickets that belong to it, read anew."""
    session.flush()
    session.expire_all()
    ticket = service.find_for_staff(session, number, staff)
    names = names_of(session, ticket.entries)
    into = service.standing_for(session, ticket)
    return {
        **ticket_json(ticket),
        "entries": [entry_json(entry, names) for entry in ticket.entries],
        "links": [
            {"number": linked.ticket.number, "kind": linked.kind}
            for linked in links_of(session, staff, ticket)
        ],
        "merged": [one.number for one in merged_into(session, ticket)],
        "stands_for_it": into.number if into is not ticket else None,
    }


def names_of(session: Session, entries: Sequence[TicketEntry]) -> dict[str, str]:
    """Return the display names of everybody named in a timeline, by login."""
    logins = {entry.actor for entry in entries}
    logins |= {str(entry.data["recipient"]) for entry in entries if "recipient" in entry.data}
    query = select(Staff.login, Staff.display_name).where(Staff.login.in_(logins))
    return {row.login: row.display_name for row in session.execute(query)}


def workable(session: Session, number: str, staff: Staff) -> Ticket:
    """Return a ticket this person may work on: all but QA, who only read."""
    ticket = service.find_for_staff(session, number, staff)
    require(staff, Role.AGENT, Role.SUPERVISOR, Role.DEPARTMENT)
    return ticket


def staff_id_of(session: Session, login: str) -> int:
    """Return the id of an active account by login; raises `InvalidInput`."""
    query = select(Staff.id).where(Staff.login == login.replace("\x00", ""), Staff.is_active)
    found = session.scalar(query)
    if found is None:
        raise InvalidInput("errors.recipient_unknown", field="login")
    return found
