"""Every number of a report says which rows it counts, and counts exactly those."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import func, select

from desk.conversations.models import Conversation
from desk.escalation.models import Escalation
from desk.feedback.models import Survey
from desk.reports.model import RowList, Unit
from desk.reports.periods import period_of
from desk.reports.row_filter import RowFilter, row_conditions
from desk.reports.row_pages import list_rows
from desk.reports.service import report
from desk.tickets.filters import TicketFilter, conditions
from desk.tickets.listing import search
from desk.tickets.models import Ticket

NOW = datetime(2026, 10, 12, 3, tzinfo=UTC)
DAY = date(2026, 10, 10)
SLACK = 1e-6


def asked(rows):
    """The filter as the page behind the link reads it from its address."""
    address = urlsplit(rows.url)
    query = dict(parse_qsl(address.query))
    if address.path == "/desk/tickets":
        return RowList.TICKETS, TicketFilter.from_dict(query)
    assert address.path == "/desk/reports/rows"
    return RowList(query.pop("list")), RowFilter.from_dict(query)


def count(session, staff, rows, now=NOW):
    kind, wanted = asked(rows)
    if kind == RowList.TICKETS:
        return search(session, staff, wanted, now=now).total
    return list_rows(session, staff, kind, wanted, now=now).total


def numbers_of(found):
    for key, figure in found.figures.items():
        yield key, figure.number
    for key, grid in found.grids.items():
        for line in grid.lines:
            for column, number in zip(grid.columns, line.cells, strict=True):
                yield f"{key}/{line.key}/{column}", number


def expected(session, staff, name, number):
    """What the rows behind a number say that it should be."""
    rows = count(session, staff, number.rows)
    if number.unit == Unit.COUNT:
        return rows
    if number.unit == Unit.SHARE:
        base = count(session, staff, number.base)
        return rows / base if base else None
    values = sorted(measured(session, staff, name, number))
    if not values:
        return None
    if name.endswith("_median"):
        return values[(len(values) * 50 + 99) // 100 - 1]
    if name.endswith("_p90"):
        return values[(len(values) * 90 + 99) // 100 - 1]
    return sum(values) / len(values)


def measured(session, staff, name, number):
    """The times or scores of the rows behind a number."""
    kind, wanted = asked(number.rows)
    if kind == RowList.TICKETS:
        column = "first_response_at" if "answer_" in name else "resolved_at"
        for ticket in session.scalars(select(Ticket).where(*conditions(wanted, staff, NOW))):
            yield (getattr(ticket, column) - ticket.created_at) // timedelta(seconds=1) / 3600
    elif kind == RowList.ANSWERS:
        query = select(Survey).join(Ticket)
        for survey in session.scalars(query.where(*row_conditions(kind, wanted, staff, NOW))):
            yield survey.score
    else:
        query = select(Escalation).join(Ticket)
        for one in session.scalars(query.where(*row_conditions(kind, wanted, staff, NOW))):
            if one.acknowledged_at:
                yield (one.acknowledged_at - one.created_at) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("role", "kind"),
    [("supervisor", "day"), ("qa", "month"), ("director", "year"), ("department", "quarter")],
)
def test_every_number_is_that_of_its_rows(year, make, role, kind):
    staff = make.staff(role)
    with year.reading() as session:
        found = report(session, staff, period_of(kind, DAY), now=NOW)
        wrong = {}
        for name, number in numbers_of(found):
            wanted = expected(session, staff, name, number)
            got = number.value
            if wanted != got and (wanted is None or got is None or abs(wanted - got) > SLACK):
                wrong[name] = (got, wanted)
        assert wrong == {}


def test_the_report_of_a_full_month_leaves_no_table_and_no_figure_empty(year, make):
    with year.reading() as session:
        found = report(
            session, make.staff("manager"), period_of("month", date(2026, 9, 1)), now=NOW
        )
    empty = [key for key, figure in found.figures.items() if not figure.number.value]
    assert empty == []
    assert [key for key, grid in found.grids.items() if not grid.lines] == []
    assert all(
        figure.before is not None for key, figure in found.figures.items() if key != "overdue_now"
    )


def test_the_period_before_is_what_its_own_report_says(year, make):
    staff = make.staff("supervisor")
    august, september = (period_of("month", date(2026, month, 1)) for month in (8, 9))
    with year.reading() as session:
        found = report(session, staff, september, now=NOW)
        before = report(session, staff, august, now=NOW)
    for key, figure in found.figures.items():
        if figure.before is not None:
            assert figure.before == before.figures[key].number.value, key
    assert found.figures["opened"].before > 0


def test_a_period_that_goes_on_is_compared_with_as_much_of_the_one_before(year, make):
    staff = make.staff("supervisor")
    with year.reading() as session:
        found = report(session, staff, period_of("month", DAY), now=NOW)
        passed = NOW - found.period.begins_at
        part = found.period.previous().first_part(passed)
        wanted = TicketFilter(opened_from=part.begins_at, opened_to=part.ends_at)
        assert found.is_running
        assert found.figures["opened"].before == search(session, staff, wanted).total
        whole = report(session, staff, period_of("month", date(2026, 9, 1)), now=NOW)
        assert found.figures["opened"].before < whole.figures["opened"].number.value


def test_parts_add_up_to_the_whole(year, make):
    with year.reading() as session:
        found = report(session, make.staff("supervisor"), period_of("quarter", DAY), now=NOW)
    for name in ("opened", "closed", "resolved"):
        parts = found.grids["volume"].column(name)
        assert sum(one.value for one in parts) == found.figures[name].number.value
    for key in ("kind", "channel", "category"):
        parts = found.grids[key].column("opened")
        assert sum(one.value for one in parts) == found.figures["opened"].number.value
        assert sum(one.value for one in found.grids[key].column("share")) == pytest.approx(1)


def test_bot_agent_and_system_turns_are_kept_apart(year, make):
    with year.reading() as session:
        found = report(session, make.staff("qa"), period_of("year", DAY), now=NOW)
        turns = {key: figure.number for key, figure in found.figures.items() if "turns" in key}
        assert set(turns) == {"turns_customer", "turns_bot", "turns_agent", "turns_system"}
        for key, number in turns.items():
            assert asked(number.rows)[1].sender == key.removeprefix("turns_")


def test_a_department_sees_its_own_tickets_and_no_conversations(year, make):
    handler = make.staff("department", department="finance")
    with year.reading() as session:
        found = report(session, handler, period_of("year", DAY), now=NOW)
        mine = select(func.count()).where(
            Ticket.department == "finance",
            Ticket.created_at >= found.period.begins_at,
            Ticket.created_at < found.period.ends_at,
        )
        assert found.figures["opened"].number.value == session.scalar(mine) > 0
        assert [line.key for line in found.grids["department"].lines] == ["finance"]
        assert not {"conversations", "turns_bot"} & set(found.figures)
        assert not {"inquiry", "unanswered"} & set(found.grids)
        talks = list_rows(session, handler, RowList.CONVERSATIONS, RowFilter())
        assert (talks.total, session.scalar(select(func.count(Conversation.id))) > 0) == (0, True)


@pytest.mark.parametrize("kind", [one for one in RowList if one != RowList.TICKETS])
def test_row_lists_are_paged_newest_first(year, make, kind):
    staff = make.staff("supervisor")
    with year.reading() as session:
        first = list_rows(session, staff, kind, RowFilter(), limit=20)
        second = list_rows(session, staff, kind, RowFilter(), limit=20, offset=20)
    assert len(first.rows) == len(second.rows) == 20
    assert first.total == second.total > 40
    if kind != RowList.ANSWERS:
        times = [row["at"] for row in (*first.rows, *second.rows)]
        assert times == sorted(times, reverse=True)


def test_filters_survive_the_way_through_an_address():
    wanted = RowFilter(begins_at=NOW, ends_at=NOW, is_in_time=False, level=2, intent="ask_price")
    assert RowFilter.from_dict(wanted.to_dict()) == wanted
    assert RowFilter.from_dict({"begins_at": NOW.isoformat().replace("+", " ")}) == RowFilter(
        begins_at=NOW
    )
    assert replace(wanted, level=None).to_dict().keys() == wanted.to_dict().keys() - {"level"}
