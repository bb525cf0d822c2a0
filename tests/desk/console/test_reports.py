"""What the page of reports makes of its address and of its rows."""

from datetime import UTC, date, datetime

import pytest

from desk.clock import to_local, utc_now
from desk.console.reports.heading import address
from desk.console.reports.page import read_period
from desk.console.reports.plans import read_day
from desk.console.reports.rows_page import cell_text, narrowed
from desk.errors import InvalidInput
from desk.reports.model import RowList, Rows
from desk.reports.periods import PeriodKind, period_of
from desk.reports.row_filter import RowFilter


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_an_address_leads_back_to_its_period(kind):
    period = period_of(kind, date(2026, 11, 22))
    query = dict(part.split("=") for part in address(period).split("?")[1].split("&"))
    assert read_period(query["period"], query["date"]) == period


@pytest.mark.parametrize(
    ("kind", "day"), [("", ""), ("decade", "2026-01-01"), ("month", "soon"), ("day", "0001-01-01")]
)
def test_an_address_without_sense_shows_the_present(kind, day):
    period = read_period(kind, day)
    wanted = "day" if kind == "day" else "month"
    assert period.kind == wanted
    if kind != "decade":
        assert period.first <= to_local(utc_now()).date() <= period.next().first


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("at", datetime(2026, 11, 21, 16, 5, tzinfo=UTC), "2026-11-22 00:05"),
        ("acknowledged_at", None, "—"),
        ("level", 2, "分管副总"),
        ("score", 1, "非常不满意"),
        ("kind", "urged", "客户催办"),
        ("actor", "customer", "客户"),
        ("actor", "xiaoli", "xiaoli"),
        ("sender", "bot", "智能客服"),
        ("queue_reason", "misunderstanding", "未能听懂"),
        ("intent", "ask_price", "价格"),
        ("intent", "made_up", "made_up"),
        ("text", "", "—"),
    ],
)
def test_cells_in_words(name, value, text):
    assert cell_text(name, value) == text


def test_links_to_rows_keep_lists_and_flags():
    tickets = Rows(RowList.TICKETS, {"category": ["parking", "fees"], "is_overdue": True})
    assert tickets.url == "/desk/tickets?category=parking%2Cfees&is_overdue=true"
    late = RowFilter(is_in_time=False, level=1)
    rows = Rows(RowList.ESCALATIONS, late.to_dict())
    assert rows.url == "/desk/reports/rows?list=escalations&level=1&is_in_time=false"


def test_a_list_says_what_it_is_narrowed_to():
    wanted = RowFilter(level=1, is_in_time=False, department="finance")
    assert [*narrowed(wanted)] == ["主管", "财务部", "超时"]
    assert [*narrowed(RowFilter())] == []


def test_a_day_is_read_strictly():
    assert read_day(" 2027/01/31 ") == date(2027, 1, 31)
    with pytest.raises(InvalidInput):
        read_day("明天")
