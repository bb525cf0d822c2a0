"""kefu import calendar, kefu db check, and the accounts of leaders."""

from pathlib import Path

import pytest

from desk.deadlines.service import PROFILES_FILE, use_days
from desk.settings import PROJECT_DIR

CALENDAR = """day,kind,name
2027-01-01,holiday,元旦
2027-10-01,holiday,国庆节
2027-10-02,holiday,国庆节
2027-10-03,holiday,国庆节
2028-01-01,holiday,元旦
2028-10-01,holiday,国庆节
2028-10-02,holiday,国庆节
2028-10-03,holiday,国庆节
"""


@pytest.fixture(autouse=True)
def no_days_left_over():
    yield
    use_days({})


def test_a_calendar_is_imported_and_checked(kefu, tmp_path):
    file = tmp_path / "calendar.csv"
    file.write_text(CALENDAR, "utf-8")
    result = kefu("import", "calendar", str(file))
    assert result.exit_code == 0, result.output
    assert "2027、2028 年的节假日安排已导入：放假 8 天" in result.stderr
    checked = kefu("db", "check")
    assert checked.exit_code == 0
    assert "检查完成" in checked.stderr


def test_a_wrong_calendar_is_refused_whole(kefu, tmp_path):
    file = tmp_path / "calendar.csv"
    file.write_text("day,kind,name\n2027-01-01,holiday,\n", "utf-8")
    result = kefu("import", "calendar", str(file))
    assert result.exit_code == 1
    assert "第 2 行：请写明节日名称" in result.stderr
    assert "一行也没有导入" in result.stderr


def test_check_names_what_is_wrong_with_the_company(kefu, tmp_path, monkeypatch):
    company = tmp_path / "company.yml"
    text = (PROJECT_DIR / "data" / "company.yml").read_text("utf-8")
    company.write_text(text.replace("service_profile: property", "service_profile: bank"), "utf-8")
    monkeypatch.setenv("KEFU_COMPANY_FILE", str(company))
    result = kefu("db", "check")
    assert result.exit_code == 1
    assert "没有“bank”这个服务标准" in result.stderr
    assert Path(PROFILES_FILE).is_file()


@pytest.mark.parametrize("role", ["manager", "director"])
def test_accounts_of_leaders_with_an_address(kefu, role):
    password = "a-long-password-7\n"
    arguments = ("user", "add", "boss", "--name", "老总", "--role", role)
    refused = kefu(*arguments, "--email", "nobody", stdin=password * 2)
    assert refused.exit_code == 1
    assert "邮箱地址不正确" in refused.stderr
    added = kefu(*arguments, "--email", "boss@example.com", stdin=password * 2)
    assert added.exit_code == 0, added.output
    assert role in kefu("user", "list").stdout
