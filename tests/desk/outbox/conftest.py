"""Fixtures of the outbox's tests: tickets, their entries, and the publisher's work."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.database import Database
from desk.outbox.channels import Channels, use_channels
from desk.outbox.models import Notice, OutboxMessage
from desk.outbox.service import publish
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.service import open_ticket
from desk.tickets.timeline import EntryKind, append

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PHONE = "13800138000"
CONTACT = {"has_consent": True, "phone": PHONE, "email": "wang@example.com"}


class Post:
    """What happens to tickets of one database, and what the publisher makes of it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def opened(self, description: str = "窗户漏水", **values: Any) -> Ticket:
        actor = values.pop("actor", "xiaoli")
        values.setdefault("kind", "repair")
        with self.database.transaction() as session:
            new = NewTicket(description=description, **values)
            return open_ticket(session, new, actor=actor, now=NOW)

    def happens(self, ticket: Ticket, kind: EntryKind, **values: Any) -> TicketEntry:
        values = {"actor": "xiaoli", "at": NOW, **values}
        with self.database.transaction() as session:
            return append(session, session.get_one(Ticket, ticket.id), kind, **values)

    def publish(self, now: datetime = NOW) -> int:
        with self.database.transaction() as session:
            return publish(session, now)

    def all(self, model: type[Any], **values: Any) -> list[Any]:
        with self.database.reading() as session:
            query = session.query(model).filter_by(**values).order_by(model.id)
            return query.all()

    def messages(self, channel: str) -> list[OutboxMessage]:
        return self.all(OutboxMessage, channel=channel)

    def notices(self, staff_id: int) -> list[Notice]:
        return self.all(Notice, staff_id=staff_id)

    def told(self, ticket: Ticket) -> list[TicketEntry]:
        return self.all(TicketEntry, ticket_id=ticket.id, kind="customer_told")


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database)


@pytest.fixture(autouse=True)
def channels() -> Iterator[Callable[..., None]]:
    """All channels set up; call it to have others."""

    def have(**values: bool) -> None:
        chosen = {"has_email": True, "has_sms": True, **values}
        use_channels(Channels("云栖", "400-820-0000", **chosen))

    have()
    yield have
    use_channels(None)
