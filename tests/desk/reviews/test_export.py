"""The spreadsheet of flagged replies: readable, and nothing in it is a formula."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from desk.accounts.models import Staff
from desk.locale import t
from desk.reviews.export import CELL_LIMIT, COLUMNS, export_xlsx
from desk.reviews.models import FlaggedReply

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def flagged(text="急什么", **values):
    given = {
        "id": 1,
        "conversation_id": "0" * 32,
        "after_seq": 3,
        "text": text,
        "flags": [{"surface": "急什么", "clause": "R-C2", "category": "impatience"}],
        "categories": "|impatience|own_pack|",
        "worst": "block",
        "ruleset_version": "2026.1",
        "outcome": "blocked",
        "created_at": AT,
        "decision": "open",
        "agent": Staff(display_name="小李"),
    }
    return FlaggedReply(**{**given, **values})


def sheet_of(content):
    return load_workbook(io.BytesIO(content)).active


def test_a_row_in_words():
    sheet = sheet_of(export_xlsx([flagged()]))
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert head[:4] == ["时间", "客服", "回复内容", "结果"]
    assert row[:7] == [
        "2026-11-22 10:00",
        "小李",
        "急什么",
        t("review.outcome.blocked"),
        t("review.severity.block"),
        f"{t('review.category.impatience')}、own_pack",
        "急什么",
    ]
    assert len(head) == len(row) == len(COLUMNS)


def test_no_rows_give_a_sheet_with_its_head():
    assert sheet_of(export_xlsx([])).max_row == 1


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example","点我")',
        "=1+1",
        "+8613800138000",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "＝1+1",
    ],
)
@pytest.mark.parametrize("column", ["text", "override_reason", "decision_note"])
def test_nothing_becomes_a_formula(text, column):
    content = export_xlsx([flagged(**{column: text})])
    sheet = sheet_of(content)
    cell = sheet.cell(row=2, column=list(COLUMNS).index(column) + 1)
    assert cell.data_type == "s"
    assert cell.quotePrefix or text == "＝1+1"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_characters_that_xml_cannot_hold_are_left_out():
    sheet = sheet_of(export_xlsx([flagged("急\x00什\x0b么\ud800😡")]))
    assert sheet["C2"].value == "急什么😡"


def test_a_cell_is_cut_at_what_excel_can_read():
    sheet = sheet_of(export_xlsx([flagged("长" * 40_000)]))
    assert len(sheet["C2"].value) == CELL_LIMIT
