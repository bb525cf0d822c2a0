"""Many rows at once are stored as SQLAlchemy itself would store them."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import func, select

from desk.bulk import insert_rows, new_ids
from desk.tickets.domain import NewTicket
from desk.tickets.models import TicketEntry
from desk.tickets.service import open_ticket

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
COLUMNS = ("data", "at", "kind", "text", "ticket_id", "actor")


def test_rows_are_what_single_rows_would_be(database):
    with database.transaction() as session:
        new = NewTicket(kind="repair", description="灯不亮", severity="general")
        ticket_id = open_ticket(session, new, now=NOON).id
        east = NOON.astimezone(timezone(timedelta(hours=8)))
        rows = [
            ({"why": "漏水", "level": 1}, NOON, "noted", "第一条", ticket_id, "li"),
            ({}, east, "noted", None, ticket_id, "li"),
            ({"why": "漏水", "level": 1}, NOON, "urged", None, ticket_id, "customer"),
        ]
        insert_rows(session.connection(), TicketEntry, COLUMNS, rows)
    with database.reading() as session:
        query = select(TicketEntry).where(TicketEntry.kind != "opened").order_by(TicketEntry.id)
        found = session.scalars(query).all()
        assert [tuple(getattr(one, name) for name in COLUMNS) for one in found] == rows
        assert {one.at for one in found} == {NOON}


def test_no_rows_are_no_statement(database):
    with database.transaction() as session:
        insert_rows(session.connection(), TicketEntry, COLUMNS, [])
        assert session.scalar(select(func.count()).select_from(TicketEntry)) == 0


def test_new_ids_rise_and_are_nobody_elses(database):
    with database.transaction() as session:
        new = NewTicket(kind="repair", description="灯不亮", severity="general")
        ticket_id = open_ticket(session, new, now=NOON).id
        connection = session.connection()
        ids = new_ids(connection, TicketEntry, 3)
        rows = [({}, NOON, "noted", None, ticket_id, "li", entry_id) for entry_id in ids]
        insert_rows(connection, TicketEntry, (*COLUMNS, "id"), rows)
        entry = TicketEntry(ticket_id=ticket_id, kind="noted", actor="li", at=NOON, data={})
        session.add(entry)
        session.flush()
        known = session.scalars(select(TicketEntry.id).order_by(TicketEntry.id)).all()
        assert known[-4:] == [*ids, entry.id]
        assert len(set(known)) == len(known)
