"""Filters: what each one finds, their form in addresses, and pages that stay right."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from desk.errors import InvalidInput
from desk.tickets.filters import TicketFilter
from desk.tickets.listing import search
from desk.tickets.models import Ticket

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture
def found(database, make):
    staff = make.staff("supervisor")

    def run(who=staff, **wanted):
        with database.reading() as session:
            page = search(session, who, TicketFilter(**wanted), now=NOW + timedelta(days=30))
            assert page.total == len(page.rows)
            return sorted(ticket.number for ticket in page.rows)

    return run


@pytest.fixture
def put(database):
    def run(ticket, **values):
        with database.transaction() as session:
            session.execute(update(Ticket).where(Ticket.id == ticket.id).values(**values))

    return run


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ({"state": "resolved"}, {"state": ("resolved",)}),
        ({"kind": "complaint"}, {"kind": ("complaint", "viewing")}),
        ({"category": "fees"}, {"category": ("fees",)}),
        ({"severity": "major"}, {"severity": "major"}),
        ({"department": "finance"}, {"department": ("finance",)}),
        ({"channel": "letter"}, {"channel": ("letter",)}),
        ({"estate": "云栖雅苑"}, {"estate": "云栖雅苑"}),
        ({"building": "3栋"}, {"building": "3栋"}),
        ({"building": "3"}, {"building": "3栋"}),
        ({"level": 2}, {"level_min": 1}),
        ({"paused_since": NOW}, {"is_paused": True}),
        ({"created_at": NOW - timedelta(days=3)}, {"opened_to": NOW - timedelta(days=1)}),
        ({"created_at": NOW + timedelta(days=3)}, {"opened_from": NOW + timedelta(days=1)}),
        ({"cause": "材料老化"}, {"cause": "材料老化"}),
        ({"reopened": 2}, {"reopened_min": 1}),
        ({"validity": "invalid"}, {"validity": "invalid"}),
        ({"score": 1}, {"score_max": 2}),
        ({"resolved_at": NOW + timedelta(days=25)}, {"resolved_late": True}),
        ({"resolved_at": NOW}, {"resolved_late": False}),
        ({"state": "closed"}, {"is_overdue": False}),
    ],
)
def test_each_filter_finds_what_it_names(columns, wanted, opened, put, found):
    opened(now=NOW)
    one = opened(now=NOW)
    put(one, **columns)
    assert found(**wanted) == [one.number]


def test_overdue_means_unsettled_running_and_late(opened, put, found):
    late, paused, settled = opened(now=NOW), opened(now=NOW), opened(now=NOW)
    put(paused, paused_since=NOW)
    put(settled, state="resolved", resolved_at=NOW)
    assert found(is_overdue=True) == [late.number]


def test_tickets_without_a_category(opened, found):
    without = opened(kind="repair")
    opened(kind="complaint", category="fees")
    assert found(category=("none",)) == [without.number]
    assert len(found(category=("none", "fees"))) == 2


def test_phone_and_number(opened, found):
    one = opened(has_consent=True, phone="13800138000")
    opened()
    assert found(phone="13800138000") == found(number=one.number.lower()) == [one.number]
    assert found(phone="1380013800") == []


def test_a_department_finds_its_own_only(opened, found, make):
    own = opened(department="engineering")
    opened(department="sales")
    assert found(who=make.staff("department")) == [own.number]
    assert len(found()) == 2


def test_a_filter_survives_address_and_storage_without_the_phone():
    wanted = TicketFilter(
        text="漏水",
        state=("open", "in_progress"),
        is_overdue=True,
        level_min=1,
        opened_from=NOW,
        phone="13800138000",
    )
    kept = wanted.to_dict()
    assert "13800138000" not in str(kept)
    assert TicketFilter.from_dict(kept) == TicketFilter(
        text="漏水", state=("open", "in_progress"), is_overdue=True, level_min=1, opened_from=NOW
    )
    in_address = {"state": "open,in_progress", "level_min": "1", "is_overdue": "true", "x": "y"}
    assert TicketFilter.from_dict(in_address).state == ("open", "in_progress")


def test_a_day_is_meant_whole_on_the_companys_clock():
    wanted = TicketFilter.from_dict({"opened_from": "2026-11-20", "opened_to": "2026-11-20"})
    assert wanted.opened_from == datetime(2026, 11, 19, 16, tzinfo=UTC)
    assert wanted.opened_to == datetime(2026, 11, 20, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        {"state": "lost"}, {"severity": "general,major"}, {"level_min": "x"}, {"level_min": 3},
        {"is_overdue": "maybe"}, {"opened_from": "yesterday"}, {"opened_from": 5},
        {"group_id": 2**40}, {"estate": 7}, {"kind": [1]}, {"score_max": 0},
    ],
)  # fmt: skip
def test_impossible_values_are_refused(raw):
    with pytest.raises(InvalidInput) as caught:
        TicketFilter.from_dict(raw)
    assert caught.value.details["field"] == next(iter(raw))


@pytest.mark.parametrize("order", ["newest", "due"])
def test_pages_hold_every_ticket_once_while_others_open_new_ones(order, opened, database, make):
    staff = make.staff("supervisor")
    numbers = [opened(now=NOW + timedelta(hours=3 * (hour % 4))).number for hour in range(7)]
    seen, after = [], None
    while True:
        with database.reading() as session:
            page = search(session, staff, TicketFilter(), limit=3, after=after, order=order)
        seen += [ticket.number for ticket in page.rows]
        opened(now=NOW - timedelta(days=9))
        after = page.next_cursor
        if after is None:
            break
    old = [number for number in seen if number in numbers]
    assert sorted(old) == sorted(numbers)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("after", ["x", "", "W10", "WyJkdWUiLDFd", "💥", "A" * 999])
def test_a_made_up_cursor_is_refused(after, database, make):
    with database.reading() as session:
        if after == "":
            search(session, make.staff(), TicketFilter(), after=after)
            return
        with pytest.raises(InvalidInput):
            search(session, make.staff(), TicketFilter(), after=after)
