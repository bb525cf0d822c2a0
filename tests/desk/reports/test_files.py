"""Reports as spreadsheet, PDF and in words."""

import io
from datetime import UTC, date, datetime

import pypdfium2
import pytest
from openpyxl import load_workbook

from desk.errors import Forbidden, InvalidInput
from desk.reports.model import Figure, Number, Unit
from desk.reports.periods import period_of
from desk.reports.printed import report_pdf
from desk.reports.service import report
from desk.reports.spreadsheet import report_xlsx
from desk.reports.view import change, span_text, title, value_text

NOW = datetime(2026, 10, 12, 3, tzinfo=UTC)


def september(database, staff):
    with database.reading() as session:
        return report(session, staff, period_of("month", date(2026, 9, 1)), now=NOW)


def test_the_spreadsheet_holds_numbers(year, make):
    found = september(year, make.staff("supervisor"))
    book = load_workbook(io.BytesIO(report_xlsx(found, "云栖物业")))
    assert book.sheetnames[:3] == ["关键指标", "受理与办结走势", "按类型"]
    rows = {row[0]: row[1:] for row in book["关键指标"].iter_rows(min_row=5, values_only=True)}
    assert rows["受理工单"][0] == found.figures["opened"].number.value
    assert rows["办结率"][0] == pytest.approx(found.figures["resolution_rate"].number.value)
    assert rows["受理工单"][2] == found.figures["opened"].before
    assert book["关键指标"]["A1"].value == "服务月报 2026年9月"
    volume = list(book["受理与办结走势"].iter_rows(min_row=2, values_only=True))
    assert len(volume) == 30
    assert sum(row[1] for row in volume) == found.figures["opened"].number.value
    heads = [cell.value for cell in book["各部门时效"][1]]
    assert "办结中位（小时）" in heads


def test_causes_that_look_like_formulas_stay_texts(year, make):
    with year.transaction() as session:
        from sqlalchemy import update

        from desk.tickets.models import Ticket

        session.execute(update(Ticket).values(cause='=cmd|"/c calc"!A1', category=None))
    book = load_workbook(io.BytesIO(report_xlsx(september(year, make.staff("qa")), "云栖")))
    cell = book["高频原因"]["A2"]
    assert (cell.data_type, "=cmd" in cell.value) == ("s", True)


def test_the_pdf_shows_figures_tables_and_charts(year, make):
    found = september(year, make.staff("supervisor"))
    document = pypdfium2.PdfDocument(report_pdf(found, "云栖物业"))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    for shown in ("服务月报", "云栖物业", "受理工单", "各部门时效", "满意度分布", "热点咨询"):
        assert shown in text
    assert value_text(found.figures["resolution_rate"].number) in text


def test_an_empty_period_makes_files_too(database, make):
    found = september(database, make.staff("supervisor"))
    assert found.is_empty
    pdf = pypdfium2.PdfDocument(report_pdf(found, "云栖"))
    assert "这段时间没有任何记录" in pdf[0].get_textpage().get_text_bounded()
    assert load_workbook(io.BytesIO(report_xlsx(found, "云栖"))).sheetnames[0] == "关键指标"


def test_an_agent_gets_no_report_and_nobody_one_of_the_future(database, make):
    with database.reading() as session:
        with pytest.raises(Forbidden):
            report(session, make.staff("agent"), period_of("day", date(2026, 10, 1)), now=NOW)
        with pytest.raises(InvalidInput):
            report(session, make.staff("qa"), period_of("day", date(2026, 10, 13)), now=NOW)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Number(12345), "12,345"),
        (Number(0), "0"),
        (Number(None, Unit.SHARE), "—"),
        (Number(0.8531, Unit.SHARE), "85.3%"),
        (Number(0.5, Unit.HOURS), "30分钟"),
        (Number(26.25, Unit.HOURS), "26.2小时"),
        (Number(72, Unit.HOURS), "3.0天"),
        (Number(4.256, Unit.SCORE), "4.26分"),
    ],
)
def test_values_in_words(number, text):
    assert value_text(number) == text


@pytest.mark.parametrize(
    ("key", "now", "before", "text", "trend"),
    [
        ("opened", 110, 100, "↑ 比上期多10（10.0%）", "even"),
        ("urged", 5, 8, "↓ 比上期少3（37.5%）", "better"),
        ("escalated", 3, 0, "↑ 比上期多3", "worse"),
        ("urged", 3, 3, "与上期持平", "even"),
        ("opened", 3, None, "上期无数据", "even"),
    ],
)
def test_changes_in_words(key, now, before, text, trend):
    moved = change(Figure(key, Number(now), before))
    assert (moved.text, moved.trend) == (text, trend)


def test_changes_of_shares_and_scores_in_words():
    share = change(Figure("resolution_rate", Number(0.9, Unit.SHARE), 0.879))
    score = change(Figure("satisfaction", Number(4.0, Unit.SCORE), None, 4.25), from_year=True)
    assert (share.text, share.trend) == ("↑ 比上期多2.1个百分点", "better")
    assert (score.text, score.trend) == ("↓ 比去年同期少0.25分", "worse")
    assert change(Figure("overdue_now", Number(4))) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("day", "2026年11月22日（周日）"),
        ("week", "2026年11月16日至11月22日"),
        ("month", "2026年11月"),
        ("quarter", "2026年第4季度"),
        ("year", "2026年"),
    ],
)
def test_periods_in_words(kind, text):
    assert span_text(period_of(kind, date(2026, 11, 22))) == text


def test_the_title_names_kind_and_time(database, make):
    assert title(september(database, make.staff("qa"))) == "服务月报 2026年9月"
