"""Hypothesis plays all roles on tickets in any order: who sees and does what, what always holds.

The model is kept here by hand, from the rules and not from the code: a department's handlers see
what belongs to their department or was transferred to it; QA reads and changes nothing; everything
that happens is in the timeline, in order; whoever sees a customer's data leaves a trace.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from desk.accounts.models import Role
from desk.audit.models import AuditEntry
from desk.audit.verification import verify
from desk.clock import utc_now
from desk.database import Database
from desk.encryption import use_key
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.tickets.domain import NewTicket
from desk.tickets.filters import TicketFilter
from desk.tickets.handling import Classification, assign, reclassify
from desk.tickets.listing import search
from desk.tickets.models import SETTLED_STATES, Ticket, TicketEntry
from desk.tickets.revealing import reveal
from desk.tickets.service import change_state, find_for_staff, note, open_ticket
from desk.tickets.timeline import fold
from desk.transfers import service as transfers
from tests.attacks.conftest import emptied
from tests.desk.support import ENCRYPTION_KEY, Builder

DEPARTMENTS = ("engineering", "security")
LEADING = {Role.SUPERVISOR, Role.MANAGER, Role.DIRECTOR, Role.ADMIN}
TALKING = {Role.AGENT, *LEADING}
HANDLING = {*TALKING, Role.DEPARTMENT}
PHONE = "13800138000"
people = st.integers(0, len(Role))
states = st.sampled_from(["open", "in_progress", "waiting_customer", "resolved", "closed"])


class Tickets(RuleBasedStateMachine):
    fresh_url: Callable[[], str]
    password_hash: str
    tickets = Bundle("tickets")

    def __init__(self):
        super().__init__()
        use_key(ENCRYPTION_KEY)
        self.database = Database(type(self).fresh_url())
        make = Builder(self.database, self.password_hash)
        self.staff = [make.staff(str(role)) for role in Role]
        self.staff.append(make.staff("department", department="security"))
        self.department, self.sent_to, self.entries = {}, {}, {}
        self.revealed = 0

    def teardown(self):
        with self.database.reading() as session:
            assert verify(session).fault is None
        self.database.dispose()

    def sees(self, staff, number):
        if staff.role != Role.DEPARTMENT:
            return True
        return staff.department == self.department[number] or (
            staff.department in self.sent_to[number]
        )

    def act(self, staff, number, work, roles, own_rule=True):
        """Try something; only who sees the ticket and has the role may get it done."""
        try:
            with self.database.transaction() as session:
                work(session, find_for_staff(session, number, staff))
        except NotFound:
            assert not self.sees(staff, number)
            return False
        except Forbidden:
            assert staff.role not in roles or not own_rule
            return False
        except (Conflict, InvalidInput):
            return False
        assert self.sees(staff, number) and staff.role in roles and own_rule
        return True

    @rule(target=tickets, department=st.sampled_from([None, *DEPARTMENTS]))
    def opens(self, department):
        new = NewTicket(
            kind="repair",
            description="窗户漏水",
            phone=PHONE,
            has_consent=True,
            department=department,
        )
        with self.database.transaction() as session:
            ticket = open_ticket(session, new)
            self.department[ticket.number] = ticket.department
        self.sent_to[ticket.number], self.entries[ticket.number] = set(), []
        return ticket.number

    @rule(number=tickets, who=people)
    def reads(self, number, who):
        staff = self.staff[who]
        with self.database.reading() as session:
            listed = {one.number for one in search(session, staff, TicketFilter(), limit=200).rows}
            try:
                find_for_staff(session, number, staff)
                found = True
            except NotFound:
                found = False
        assert found is (number in listed) is self.sees(staff, number)

    @rule(number=tickets, who=people, state=states)
    def moves(self, number, who, state):
        staff = self.staff[who]
        self.act(
            staff,
            number,
            lambda session, ticket: change_state(session, ticket, state, actor=staff.login),
            # The service moves for whoever sees it; who may is asked at the door.
            set(Role),
        )

    @rule(number=tickets, who=people, whom=people)
    def assigns(self, number, who, whom):
        staff, other = self.staff[who], self.staff[whom]
        self.act(
            staff,
            number,
            lambda session, ticket: assign(session, staff, ticket, other.id),
            HANDLING,
            staff.role != Role.DEPARTMENT or staff.id == other.id,
        )

    @rule(number=tickets, who=people, department=st.sampled_from(DEPARTMENTS))
    def reclassifies(self, number, who, department):
        staff, wanted = self.staff[who], Classification(department=department)
        done = self.act(
            staff,
            number,
            lambda session, ticket: reclassify(session, staff, ticket, wanted),
            TALKING,
        )
        if done:
            self.department[number] = department

    @rule(number=tickets, who=people, department=st.sampled_from(DEPARTMENTS))
    def transfers(self, number, who, department):
        staff = self.staff[who]
        done = self.act(
            staff,
            number,
            lambda session, ticket: transfers.create(
                session, staff, ticket, department=department, matter="请处理",
                required_by=utc_now() + timedelta(days=2), first_responsible=self.staff[0],
            ),
            TALKING,
        )  # fmt: skip
        if done:
            self.sent_to[number].add(department)

    @rule(number=tickets, who=people, text=st.sampled_from(["", "  ", "已联系", "<b>"]))
    def notes(self, number, who, text):
        staff = self.staff[who]
        self.act(
            staff,
            number,
            lambda session, ticket: note(session, ticket, text, actor=staff.login),
            set(Role),
        )

    @rule(number=tickets, who=people, reason=st.sampled_from(["", "核对地址"]))
    def reveals(self, number, who, reason):
        staff, shown = self.staff[who], []

        def work(session, ticket):
            shown.append(reveal(session, staff, ticket, reason))

        if self.act(staff, number, work, HANDLING):
            self.revealed += 1
            assert reason and shown[0].phone == PHONE

    @invariant()
    def every_timeline_only_grows_and_says_how_the_ticket_stands(self):
        with self.database.reading() as session:
            for ticket in session.scalars(select(Ticket)):
                query = select(TicketEntry).where(TicketEntry.ticket_id == ticket.id)
                entries = session.scalars(query.order_by(TicketEntry.id)).all()
                earlier, now = self.entries[ticket.number], [one.id for one in entries]
                assert now[: len(earlier)] == earlier
                self.entries[ticket.number] = now
                assert fold(entries).state == ticket.state
                assert (ticket.resolved_at is not None) or ticket.state not in SETTLED_STATES

    @invariant()
    def every_look_at_a_customers_data_is_in_the_trail(self):
        with self.database.reading() as session:
            query = select(func.count()).where(AuditEntry.action == "revealed")
            assert session.scalar(query) == self.revealed


@pytest.fixture
def on_sqlite(sqlite_template, tmp_path):
    """Return the URL of an empty database, of another one at each call."""
    names = (tmp_path / f"machine{number}.db" for number in count())
    return lambda: f"sqlite:///{shutil.copy(sqlite_template, next(names))}"


@pytest.fixture
def on_postgresql(postgres_schema):
    return lambda: emptied(postgres_schema)


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 8), ("postgresql", 4)])
def test_roles_and_tickets(request, password_hash, database, examples):
    Tickets.fresh_url = staticmethod(request.getfixturevalue(f"on_{database}"))
    Tickets.password_hash = password_hash
    Tickets.TestCase.settings = settings(
        max_examples=examples,
        stateful_step_count=18,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    Tickets.TestCase().runTest()
