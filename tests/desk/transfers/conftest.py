"""A complaint, the people around it, and a working day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import find_ticket, open_ticket
from desk.transfers import service
from desk.transfers.models import Transfer
from tests.desk.support import Builder

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai."""
IN_TWO_DAYS = NOW + timedelta(days=2)


class Office:
    """One complaint, with an agent, a supervisor and two handlers of the engineering department."""

    def __init__(self, make: Builder) -> None:
        self.make = make
        self.agent = make.staff(display_name="小李")
        self.supervisor = make.staff("supervisor", display_name="主管陈静")
        self.handler = make.staff("department", display_name="工程部老赵")
        self.colleague = make.staff("department", display_name="工程部小孙")
        self.outsider = make.staff("department", department="finance", display_name="财务部老钱")
        self.qa = make.staff("qa")
        new = NewTicket(
            kind="complaint",
            description="厨房漏水，报修三次没人来",
            category="indoor_repair",
            department="customer_service",
            severity="general",
            estate="云栖雅苑",
            building="3栋",
            has_consent=True,
            customer_name="王丽",
            phone="13800138000",
            room="1201",
        )
        self.number = self.run(open_ticket, new, actor="xiaoli", now=NOW).number

    def run(self, function: Callable, *args, **values):
        with self.make.database.transaction() as session:
            return function(session, *args, **values)

    def ticket(self) -> Ticket:
        with self.make.database.reading() as session:
            return find_ticket(session, self.number)

    def entries(self, *kinds: str):
        return [e for e in self.ticket().entries if not kinds or e.kind in kinds]

    def send(self, department: str = "engineering", **values) -> Transfer:
        def create(session, **given):
            ticket = find_ticket(session, self.number)
            return service.create(session, given.pop("staff", self.agent), ticket, **given)

        given = {
            "department": department,
            "matter": "上门检查厨房漏水",
            "required_by": IN_TWO_DAYS,
            "first_responsible": self.agent.id,
            "now": NOW,
        }
        return self.run(create, **(given | values))

    def accepted(self) -> Transfer:
        return self.run(service.accept, self.handler, self.send().id, NOW + timedelta(minutes=5))


@pytest.fixture
def office(make: Builder) -> Office:
    return Office(make)
