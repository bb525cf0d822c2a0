"""Speed of following complaints, with a year of tickets: open, search, sweep, report."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update

from desk.accounts.models import Role, Staff
from desk.bench_data import ESTATES, PASTS, PLACES, THINGS, TROUBLES, WISHES, make_tickets
from desk.collecting import settle
from desk.database import Database
from desk.deadlines.service import deadline_for
from desk.escalation.models import Escalation
from desk.escalation.sweeping import BATCH, sweep
from desk.installation import open_database
from desk.reports.periods import PeriodKind, period_of
from desk.reports.service import report
from desk.settings import Settings
from desk.tickets.domain import NewTicket
from desk.tickets.filters import UNSETTLED, TicketFilter
from desk.tickets.listing import search
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket, triage_of
from scripts_library.measurement import Measurement

TICKETS = 200_000
OPENED, SEARCHED, COMPUTED, SWEPT = 300, 300, 2_000, 10_000
# The tickets fill the calendar year before, so that its report has all of them.
NOW = datetime(2025, 12, 31, 12, tzinfo=UTC)


def bench_tickets(count: int = TICKETS) -> list[Measurement]:
    """Return the figures, on a SQLite file of its own; making the data takes a minute or two."""
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database_url="")
        with open_database(settings) as database:
            begin = time.perf_counter()
            make_tickets(database, count, now=NOW)
            made_s = time.perf_counter() - begin
            # As a desk does when it has started.
            settle()
            chance = random.Random(2)
            return [
                Measurement("tickets made", made_s, "s", None, "lower", count),
                *_opening(database, chance),
                *_searching(database, chance),
                *_deadlines(chance),
                *_reporting(database),
                *_sweeping(database),
            ]


def _opening(database: Database, chance: random.Random) -> list[Measurement]:
    """Open tickets as all callers do: complaints are judged before the transaction, which keeps
    other writers waiting."""
    held_ms: list[float] = []

    def once() -> None:
        new = NewTicket(
            kind=chance.choice(("complaint", "repair")),
            description=_matter(chance),
            wish=chance.choice(WISHES),
            has_consent=True,
            customer_name="王先生",
            phone="13800138000",
            estate=chance.choice(ESTATES),
            building="3栋",
        )
        triage = triage_of(new)
        begin = time.perf_counter()
        with database.transaction() as session:
            open_ticket(session, new, triage=triage, now=NOW)
        held_ms.append((time.perf_counter() - begin) * 1000)

    figures = _figures("open a ticket", _times_ms(once, OPENED), 30)
    held = statistics.median(held_ms)
    return [
        *figures,
        Measurement("of it the transaction, median", held, "ms", None, "lower", len(held_ms)),
    ]


def _searching(database: Database, chance: random.Random) -> list[Measurement]:
    with database.reading() as session:
        people = list(session.scalars(select(Staff).where(Staff.role.in_(_READERS))))

    def once() -> None:
        wanted = TicketFilter(
            text=_typed(chance), state=tuple(UNSETTLED) if chance.random() < 0.3 else ()
        )
        with database.reading() as session:
            search(session, chance.choice(people), wanted, limit=25, now=NOW)

    return _figures("search", _times_ms(once, SEARCHED), 100)


def _deadlines(chance: random.Random) -> list[Measurement]:
    def once() -> None:
        start = NOW - timedelta(minutes=chance.randint(0, 300_000))
        kind = chance.choice(("complaint", "repair", "inquiry"))
        deadline_for(kind, chance.choice(("general", "major")), start)

    times_us = [ms * 1000 for ms in _times_ms(once, COMPUTED)]
    p95 = statistics.quantiles(times_us, n=20)[-1]
    return [
        Measurement(
            "deadline, median", statistics.median(times_us), "µs", 200, "lower", len(times_us)
        ),
        Measurement("deadline, p95", p95, "µs", None, "lower", len(times_us)),
    ]


def _reporting(database: Database) -> list[Measurement]:
    period = period_of(PeriodKind.YEAR, date(NOW.year, 1, 1))
    with database.reading() as session:
        leader = session.scalars(select(Staff).where(Staff.role == Role.SUPERVISOR)).first()
        assert leader is not None
        begin = time.perf_counter()
        made = report(session, leader, period, now=NOW)
        taken_s = time.perf_counter() - begin
    assert made.period == period
    return [Measurement("report over a year", taken_s, "s", 5, "lower", 1)]


def _sweeping(database: Database) -> list[Measurement]:
    """Sweep the unsettled tickets three times: first those that are late are raised, then all
    were looked at already and nothing changes, at last all are late and go up two levels."""
    raising_s, swept = _sweep_all(database, NOW)
    again_s, _ = _sweep_all(database, NOW)
    with database.transaction() as session:
        session.execute(delete(Escalation))
        late = {"warn_at": None, "due_at": NOW - timedelta(days=30), "paused_since": None}
        session.execute(update(Ticket).where(Ticket.state.in_(UNSETTLED)).values(late))
    worst_s, _ = _sweep_all(database, NOW)
    return [
        Measurement("sweep of 10,000, late ones raised", raising_s, "s", 2, "lower", swept),
        Measurement("sweep again", again_s, "s", 2, "lower", swept),
        Measurement("sweep, all raised two levels", worst_s, "s", 2, "lower", swept),
    ]


def _sweep_all(database: Database, now: datetime) -> tuple[float, int]:
    """Return how long it took in seconds, and how many tickets were looked at."""
    with database.transaction() as session:
        unsettled = select(Ticket.id).where(Ticket.state.in_(UNSETTLED)).limit(SWEPT)
        session.execute(update(Ticket).values(next_check_at=None))
        session.execute(update(Ticket).where(Ticket.id.in_(unsettled)).values(next_check_at=now))
    begin, total, swept = time.perf_counter(), 0, BATCH
    while swept == BATCH:
        with database.transaction() as session:
            swept = sweep(session, now, BATCH)
        total += swept
    return time.perf_counter() - begin, total


_READERS = (Role.AGENT, Role.SUPERVISOR, Role.DEPARTMENT)


def _matter(chance: random.Random) -> str:
    place, thing, trouble = map(chance.choice, (PLACES, THINGS, TROUBLES))
    return f"{place}的{thing}{trouble}，{chance.choice(PASTS)}"


def _typed(chance: random.Random) -> str:
    """Return what somebody types: a word, two of them, or part of a sentence."""
    words = [*PLACES, *THINGS, *TROUBLES, *ESTATES]
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(words)
    if kind < 0.7:
        return f"{chance.choice(words)} {chance.randint(1, 30)}栋"
    if kind < 0.9:
        begin = chance.randint(0, 6)
        return _matter(chance)[begin : begin + chance.randint(2, 5)]
    return f"DD{chance.randint(100, 999)}"


def _figures(name: str, times_ms: list[float], target: float) -> list[Measurement]:
    p95 = statistics.quantiles(times_ms, n=20)[-1]
    return [
        Measurement(
            f"{name}, median", statistics.median(times_ms), "ms", None, "lower", len(times_ms)
        ),
        Measurement(f"{name}, p95", p95, "ms", target, "lower", len(times_ms)),
    ]


def _times_ms(once: Callable[[], None], count: int) -> list[float]:
    """Return how long each of `count` calls took, after a few that do not count."""
    for _ in range(5):
        once()
    times_ms = []
    for _ in range(count):
        begin = time.perf_counter()
        once()
        times_ms.append((time.perf_counter() - begin) * 1000)
    return times_ms
