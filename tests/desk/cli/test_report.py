"""kefu report."""

import pytest


def test_an_empty_period_says_so_and_shows_all_figures(kefu):
    result = kefu("report", "month", "--date", "2026-02-10")
    assert result.exit_code == 0, result.output
    for shown in ("服务月报 2026年2月", "没有任何记录", "受理工单", "转人工率"):
        assert shown in result.stdout


def test_it_writes_pdf_and_spreadsheet(kefu, tmp_path):
    pdf, xlsx = tmp_path / "r.pdf", tmp_path / "r.xlsx"
    result = kefu("report", "--pdf", str(pdf), "--xlsx", str(xlsx))
    assert result.exit_code == 0, result.output
    assert pdf.read_bytes()[:5] == b"%PDF-"
    assert xlsx.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("day", ["2026-13-01", "gestern", "9999-12-31"])
def test_a_day_that_is_none_is_refused(kefu, day):
    result = kefu("report", "day", "--date", day)
    assert result.exit_code == 1
    assert "日期不正确" in result.stderr


def test_a_period_to_come_is_refused(kefu):
    result = kefu("report", "day", "--date", "2099-01-01")
    assert result.exit_code == 1
    assert "还没有开始" in result.stderr


def test_a_folder_that_is_not_there_is_refused(kefu, tmp_path):
    result = kefu("report", "--pdf", str(tmp_path / "none" / "r.pdf"))
    assert result.exit_code == 1
    assert "无法写入" in result.stderr
