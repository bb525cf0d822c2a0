"""Fixtures of the tickets' tests."""

from collections.abc import Callable
from typing import Any

import pytest

from desk.database import Database
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket

Opener = Callable[..., Ticket]


@pytest.fixture
def opened(database: Database) -> Opener:
    """Open a ticket with defaults; `now` and `actor` go to the service."""

    def make(description: str = "窗户漏水", **values: Any) -> Ticket:
        call = {name: values.pop(name) for name in ("now", "actor") if name in values}
        values.setdefault("kind", "repair")
        with database.transaction() as session:
            return open_ticket(session, NewTicket(description=description, **values), **call)

    return make
