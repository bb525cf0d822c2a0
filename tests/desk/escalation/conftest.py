"""Fixtures of the ladder's tests: the property profile, people of all levels, tickets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from desk.accounts.models import Staff
from desk.clock import LOCAL_ZONE
from desk.database import Database
from desk.deadlines.service import PROFILES_FILE, read_profile, use_profile
from desk.escalation.models import Escalation
from desk.settings import PROJECT_DIR
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.service import open_ticket
from tests.desk.support import Builder


@pytest.fixture(autouse=True)
def property_profile() -> Iterator[None]:
    use_profile(read_profile(PROJECT_DIR / "data" / "company.yml", PROFILES_FILE))
    yield
    use_profile(None)


def at(text: str) -> datetime:
    """A time of Friday, 20 November 2026, or of the day given."""
    text = text if " " in text else f"2026-11-20 {text}"
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


@dataclass
class People:
    """One of each level."""

    agent: Staff
    supervisor: Staff
    manager: Staff
    director: Staff
    admin: Staff


@pytest.fixture
def people(make: Builder) -> People:
    return People(
        make.staff("agent", login="li"),
        make.staff("supervisor", login="chen"),
        make.staff("manager", login="zhou"),
        make.staff("director", login="lin"),
        make.staff("admin", login="root"),
    )


Opener = Callable[..., Ticket]


@pytest.fixture
def opened(database: Database, people: People) -> Opener:
    """Open a general complaint on Friday at 10:00 (warned at 16:22:30, due at 18:00)."""

    def make_ticket(**values: Any) -> Ticket:
        now = values.pop("now", at("10:00"))
        defaults = {
            "kind": "complaint",
            "description": "走廊灯不亮",
            "category": "public_facility",
            "department": "engineering",
            "severity": "general",
            "recipient_id": people.agent.id,
        }
        with database.transaction() as session:
            return open_ticket(session, NewTicket(**{**defaults, **values}), now=now)

    return make_ticket


@dataclass
class Look:
    """Reads what became of a ticket."""

    database: Database

    def rows(self, ticket: Ticket) -> list[Escalation]:
        query = select(Escalation).where(Escalation.ticket_id == ticket.id)
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(Escalation.id)))

    def told(self, ticket: Ticket) -> list[tuple[str, int, str | None]]:
        """What kind of cause, which level, who."""
        return [
            (row.cause.split(":")[0], row.level, row.staff.login if row.staff else None)
            for row in self.rows(ticket)
        ]

    def entries(self, ticket: Ticket, *kinds: str) -> list[TicketEntry]:
        query = select(TicketEntry).where(
            TicketEntry.ticket_id == ticket.id, TicketEntry.kind.in_(kinds)
        )
        with self.database.reading() as session:
            return list(session.scalars(query.order_by(TicketEntry.id)))

    def ticket(self, ticket: Ticket) -> Ticket:
        with self.database.reading() as session:
            return session.get_one(Ticket, ticket.id)


@pytest.fixture
def look(database: Database) -> Look:
    return Look(database)
