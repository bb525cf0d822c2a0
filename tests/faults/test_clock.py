"""The clock of a desk jumps days ahead, back, and ahead again, while customers ask."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from desk.conversations.models import Mode
from desk.deadlines.service import PROFILES_FILE, read_profile, use_profile
from desk.escalation.models import Escalation
from desk.settings import PROJECT_DIR
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket, TicketEntry
from desk.tickets.service import open_ticket
from tests.faults.conftest import open_shop
from tests.faults.crowd import crowd, modes
from tests.faults.processes import DeskProcess

LATE, EARLY, RIGHT = "+5d", "-2h", "+0"
SWEPT_WITHIN_S = 30


@dataclass
class Clock:
    """The file that libfaketime reads; never half written."""

    file: Path

    def set(self, offset):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(offset)
        fresh.replace(self.file)


@pytest.fixture
def clock(tmp_path):
    made = Clock(tmp_path / "clock")
    made.set(RIGHT)
    return made


@pytest.fixture
def desk(tmp_path, bots, clock):
    made = DeskProcess(tmp_path, [bots[0].url])
    made.use_clock(clock.file)
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
def profile():
    use_profile(read_profile(PROJECT_DIR / "data" / "company.yml", PROFILES_FILE))
    yield
    use_profile(None)


async def test_a_clock_that_jumps_breaks_neither_talks_nor_deadlines(
    tmp_path, desk, clock, profile
):
    database = open_shop(tmp_path, [desk])
    new = NewTicket(
        kind="complaint",
        description="走廊灯不亮",
        category="public_facility",
        department="engineering",
        severity="general",
    )
    with database.transaction() as session:
        ticket = open_ticket(session, new)
        due = ticket.due_at

    def counted():
        """How often the ticket went up, by its escalations and by its timeline."""
        with database.reading() as session:
            raised = select(func.count()).where(Escalation.ticket_id == ticket.id)
            entries = select(TicketEntry.data).where(
                TicketEntry.ticket_id == ticket.id, TicketEntry.kind == "escalated"
            )
            told = sum(1 + len(data.get("passed_over", ())) for data in session.scalars(entries))
            return session.scalar(raised), told

    async with crowd(database, [desk.url], customers=3) as people:
        await people.under_way(1)
        assert counted() == (0, 0)
        clock.set(LATE)
        async with asyncio.timeout(SWEPT_WITHIN_S):
            while not counted()[0]:
                await asyncio.sleep(0.1)
        await people.under_way(1)
        raised = counted()
        for offset in (EARLY, LATE):
            clock.set(offset)
            await asyncio.sleep(1.5)
            await people.under_way(1)
        assert counted() == raised
        assert raised[0] == raised[1]
    assert people.timings.reconnects == 0
    assert modes(database, people.accounts) == {Mode.BOT}
    with database.reading() as session:
        assert session.get_one(Ticket, ticket.id).due_at == due
    database.dispose()
