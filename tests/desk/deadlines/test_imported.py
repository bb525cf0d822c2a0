"""`kefu import calendar` and `kefu db check`: all of a file or nothing of it."""

from datetime import date
from pathlib import Path

import pytest

from desk.database import Database
from desk.deadlines.imported import import_calendar, read_days
from desk.errors import InvalidInput

GOOD = """日期,类型,名称
2027-01-01,放假,元旦
2027-10-01,放假,国庆节
2027-10-02,放假,国庆节
2027-10-03,放假,国庆节
2027/10/09,上班,国庆节调休
"""
GOOD_YAML = """
- {day: 2027-01-01, kind: holiday, name: 元旦}
- {day: 2027-10-01, kind: holiday, name: 国庆节}
- {day: 2027-10-02, kind: holiday, name: 国庆节}
- {day: 2027-10-03, kind: holiday, name: 国庆节}
"""


def write(folder: Path, content: str, name: str = "2027.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(content, encoding)
    return path


def problems_of(database: Database, path: Path) -> list[str]:
    with database.transaction() as session, pytest.raises(InvalidInput) as caught:
        import_calendar(session, path)
    with database.reading() as session:
        assert read_days(session) == {}
    return list(caught.value.details["problems"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_year_is_imported(database, tmp_path, encoding):
    with database.transaction() as session:
        report = import_calendar(session, write(tmp_path, GOOD, encoding=encoding))
    assert (report.years, report.holidays, report.workdays) == ((2027,), 4, 1)
    with database.reading() as session:
        days = read_days(session)
    assert days[date(2027, 10, 9)] == "workday"
    assert days[date(2027, 1, 1)] == "holiday"


def test_importing_again_replaces_the_year(database, tmp_path):
    for path in (write(tmp_path, GOOD), write(tmp_path, GOOD_YAML, "2027.yml")):
        with database.transaction() as session:
            import_calendar(session, path)
    with database.reading() as session:
        assert date(2027, 10, 9) not in read_days(session)
        assert len(read_days(session)) == 4


def test_every_problem_is_named_and_nothing_written(database, tmp_path):
    rows = """2027-13-01,放假,元旦
2026-10-01,放假,国庆节
2027-10-02,休假,国庆节
2027-10-04,上班,调休
2027-10-03,放假,
2027-10-01,放假,国庆节
2027-10-01,放假,国庆节
"""
    found = problems_of(database, write(tmp_path, "日期,类型,名称\n" + rows))
    for expected in (
        "第 2 行：日期「2027-13-01」",
        "第 3 行：2026-10-01 不能导入",
        "第 4 行：类型「休假」",
        "第 5 行：2027-10-04 不是周末",
        "第 6 行：请写明节日名称",
        "第 8 行：2027-10-01 出现了不止一次",
        "2027 年缺少 01-01、10-02、10-03",
    ):
        assert any(problem.startswith(expected) for problem in found), (expected, found)
    assert len(found) == 7


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", ""), ("a.csv", "日期,类型,名称\n"), ("a.yml", "[]")],
)
def test_empty_files(database, tmp_path, name, content):
    assert problems_of(database, write(tmp_path, content, name)) == ["文件里没有数据"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.yml", "{"), ("a.yml", "a: 1"), ("a.csv", b"\xff\xfe\x00\x01")],
)
def test_unreadable_files(database, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with database.transaction() as session, pytest.raises(InvalidInput):
        import_calendar(session, path)


def test_a_list_of_other_things_is_no_calendar(database, tmp_path):
    assert len(problems_of(database, write(tmp_path, "[1, {x: 2}]", "a.yml"))) == 6
