"""Full-text search over tickets: SQLite's FTS5 or PostgreSQL's `tsvector`, behind one condition.

The index is kept in the transaction that changes the ticket. It holds what the ticket's open
columns and its timeline say; names, phones and rooms are not in it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Row, false, literal, or_, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from desk.encryption import personal_data
from desk.locale import t
from desk.tickets.domain import read_phone
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.numbers import parse_number
from desk.tickets.places import named
from desk.tickets.search_terms import fts5_query, index_terms, query_phrases, tsquery, tsvector

_LITE = {
    "put": "INSERT INTO ticket_search (rowid, terms) VALUES (:id, :terms)",
    "drop": "DELETE FROM ticket_search WHERE rowid = :id",
    "add": "UPDATE ticket_search SET terms = terms || ' ' || :terms WHERE rowid = :id",
}
_POSTGRES = {
    "put": "INSERT INTO ticket_search (ticket_id, terms) VALUES (:id, CAST(:terms AS tsvector))",
    "drop": "DELETE FROM ticket_search WHERE ticket_id = :id",
    "add": "UPDATE ticket_search SET terms = terms || CAST(:terms AS tsvector)"
    " WHERE ticket_id = :id",
}


SEARCHED = (
    "number", "kind", "category", "department", "estate", "building", "unit", "spot", "order_no",
    "cause", "occurred", "description", "wish",
)  # fmt: skip
"""Columns of a ticket that can be searched."""


def index_ticket(session: Session, ticket: Ticket | Row[Any]) -> None:
    """Write a ticket's row of the index anew, from its columns and its timeline."""
    said = session.scalars(
        select(TicketEntry.text)
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.text.is_not(None))
        .order_by(TicketEntry.id)
    )
    terms = index_terms([*searched_texts(ticket), *said])
    _execute(session, "drop", id=ticket.id)
    _execute(session, "put", id=ticket.id, terms=stored_terms(session, terms))


def index_entry(session: Session, entry: TicketEntry) -> None:
    """Add the text of a new line of the timeline to its ticket's row of the index."""
    terms = index_terms([entry.text])
    if terms:
        _execute(session, "add", id=entry.ticket_id, terms=stored_terms(session, terms))


def searched_texts(ticket: Ticket | Row[Any]) -> list[str | None]:
    """Return the texts of a ticket's `SEARCHED` columns, in a fixed order."""
    return [
        ticket.number,
        ticket.number.removeprefix("T"),
        t(f"ticket.kind_{ticket.kind}"),
        t(f"ticket.category_{ticket.category}") if ticket.category else None,
        t(f"ticket.department_{ticket.department}"),
        ticket.estate,
        named(ticket.building, "栋"),
        named(ticket.unit, "单元"),
        ticket.spot,
        ticket.order_no,
        ticket.cause,
        ticket.occurred,
        ticket.description,
        ticket.wish,
    ]


def stored_terms(session: Session, terms: Sequence[str]) -> str:
    """Return terms as the session's database keeps them."""
    return tsvector(terms) if _is_postgres(session) else " ".join(terms)


def text_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition that a ticket fits what somebody typed, be it any characters.

    Parts divided by spaces must all occur. A whole ticket number finds that ticket alone; a whole
    phone number also finds the tickets opened under it. What holds nothing to search for, such as
    punctuation only, finds nothing.
    """
    number = parse_number(typed)
    if number:
        return Ticket.number == number
    phrases = query_phrases(typed)
    found: list[ColumnElement[bool]] = []
    if phrases:
        found.append(
            _InIndex(Ticket.id.expression, literal(fts5_query(phrases)), literal(tsquery(phrases)))
        )
    phone = read_phone(typed)
    if phone:
        found.append(Ticket.phone_index == personal_data().index(phone))
    return or_(*found) if found else false()


class _InIndex(FunctionElement[bool]):
    """`(ticket id, FTS5 query, tsquery)`; each database reads its own query."""

    type = Boolean()
    name = "in_ticket_search"
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_InIndex":
        """Stay as it is: as `(…) = 1` SQLite would walk all tickets instead of those found."""
        return self


@compiles(_InIndex, "sqlite")
def _in_fts5(element: _InIndex, compiler: SQLCompiler, **options: Any) -> str:
    ticket_id, query, _ = (compiler.process(part, **options) for part in element.clauses)
    return f"{ticket_id} IN (SELECT rowid FROM ticket_search WHERE ticket_search MATCH {query})"


@compiles(_InIndex, "postgresql")
def _in_tsvector(element: _InIndex, compiler: SQLCompiler, **options: Any) -> str:
    ticket_id, _, query = (compiler.process(part, **options) for part in element.clauses)
    found = f"SELECT ticket_id FROM ticket_search WHERE terms @@ CAST({query} AS tsquery)"
    return f"{ticket_id} IN ({found})"


def _execute(session: Session, statement: str, **values: Any) -> None:
    statements = _POSTGRES if _is_postgres(session) else _LITE
    session.execute(text(statements[statement]), values)


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
