"""The ticket list: its address, its lines, and what the intake form understands."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import Request

from desk.accounts.models import Staff
from desk.console.intake_fields import _instant
from desk.console.ticket_list_query import OWN_VIEWS, ListQuery, own_view, read_query
from desk.console.ticket_list_rows import rows_of, span_text
from desk.errors import InvalidInput
from desk.tickets import service
from desk.tickets.domain import NewTicket
from desk.tickets.filters import TicketFilter

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
AGENT = Staff(id=7, login="xiaoli", role="agent")


def request(address):
    query = urlsplit(address).query.encode()
    return Request({"type": "http", "query_string": query, "path": "/desk/tickets", "headers": []})


@pytest.mark.parametrize("name", OWN_VIEWS)
def test_the_address_of_a_view_leads_back_to_it(name):
    query = own_view(name, AGENT)
    assert read_query(request(query.address), AGENT) == query


def test_every_filter_survives_the_address_but_the_phone():
    wanted = TicketFilter(
        text="3栋 漏水 & 100%",
        state=("open", "closed"),
        cause="材料老化",
        resolved_late=False,
        opened_from=NOW,
        level_min=1,
    )
    assert read_query(request(ListQuery(wanted, "newest").address), AGENT).wanted == wanted
    address = ListQuery(TicketFilter(phone="13800138000")).address
    assert "138" not in address
    assert read_query(request("?phone=13800138000&order=due"), AGENT).wanted.phone is None


def test_without_anything_what_is_unsettled_is_shown():
    assert read_query(request("/desk/tickets"), AGENT) == own_view("open", AGENT)


def test_a_saved_view_is_named_in_the_address():
    address = ListQuery(TicketFilter(text="漏水"), "due", 5).address
    assert parse_qs(urlsplit(address).query) == {"order": ["due"], "view": ["5"]}
    assert read_query(request(address), AGENT).view_id == 5
    assert read_query(request("?view=x"), AGENT).view_id is None


def test_an_impossible_value_in_an_address_is_refused():
    with pytest.raises(InvalidInput):
        read_query(request("?state=lost"), AGENT)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(seconds=20), "0 分钟"),
        (timedelta(minutes=59), "59 分钟"),
        (timedelta(hours=47), "47 小时"),
        (timedelta(days=3), "3 天"),
    ],
)
def test_spans_are_said_as_people_say_them(span, expected):
    assert span_text(span) == expected


def test_a_line_tells_how_a_ticket_stands_and_nothing_personal(database, make):
    agent = make.staff(display_name="小李")
    new = NewTicket(
        kind="complaint",
        description="电梯坏了",
        category="public_facility",
        has_consent=True,
        customer_name="李明",
        phone="13800138000",
        room="1201",
        estate="云栖雅苑",
        building="3栋",
        recipient_id=agent.id,
    )
    with database.transaction() as session:
        ticket = service.open_ticket(session, new, now=NOW)
        service.urge(session, ticket, actor="customer", now=NOW)
        late = ticket.due_at + timedelta(days=3)
        (row,) = rows_of(session, [ticket], late)
        assert (row.kind, row.recipient, row.place) == ("投诉 · 公共设施", "小李", "云栖雅苑3栋")
        assert (row.due_note, row.due_look) == ("已超 3 天", "is-late")
        assert "催办 1" in row.marks
        assert not any(word in repr(row) for word in ("李明", "1380013", "1201"))
        (row,) = rows_of(session, [ticket], NOW)
        assert row.due_note.startswith("还剩")
        service.change_state(session, ticket, "waiting_customer", actor="xiaoli", now=NOW)
        (row,) = rows_of(session, [ticket], late)
        assert (row.due_note, row.due_look) == ("计时暂停", "")
        service.change_state(session, ticket, "resolved", actor="xiaoli", now=NOW)
        (row,) = rows_of(session, [ticket], late)
        assert row.due_note == "按期办结"


@pytest.mark.parametrize("typed", ["2026-11-18 09:30", "2026/11/18 09:30", " 2026-11-18T09:30 "])
def test_a_time_of_receipt_is_on_the_companys_clock(typed):
    assert _instant(typed) == datetime(2026, 11, 18, 1, 30, tzinfo=UTC)


def test_no_time_means_now_and_nonsense_is_refused():
    assert _instant("  ") is None
    with pytest.raises(InvalidInput) as caught:
        _instant("昨天")
    assert caught.value.key == "intake.time_invalid"
