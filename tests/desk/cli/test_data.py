"""kefu db, import, user."""

from pathlib import Path

import pytest

HOMES = "房源编号,楼盘,户型,面积(平方米),总价(元)\n"


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> str:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return str(path)


def test_import_adds_then_updates(kefu, tmp_path):
    file = write(tmp_path, "homes.csv", HOMES + "A1,望山府,三室,100,1000000\n")
    first = kefu("import", "homes", file)
    assert first.exit_code == 0, first.output
    assert "新增 1 行" in first.stderr
    write(tmp_path, "homes.csv", HOMES + "A1,望山府,三室,101,1000000\n")
    assert "更新 1 行" in kefu("import", "homes", file).stderr
    assert "未变 1 行" in kefu("import", "homes", file).stderr


def test_broken_import_names_every_problem_and_stores_nothing(kefu, tmp_path):
    rows = "A1,望山府,三室,100,1000000\nA2,,三室,很大,-5\nA1,望山府,三室,90,1\n"
    file = write(tmp_path, "homes.csv", HOMES + rows)
    result = kefu("import", "homes", file)
    assert result.exit_code == 1
    for expected in (
        "第 3 行「楼盘」：必须填写",
        "第 3 行「面积(平方米)」：「很大」应是数字",
        "第 3 行「总价(元)」：「-5」",
        "第 4 行「房源编号」：「A1」与第 2 行重复",
        "一行也没有导入",
    ):
        assert expected in result.stderr
    good = write(tmp_path, "good.csv", HOMES + "A1,望山府,三室,100,1000000\n")
    assert "新增 1 行" in kefu("import", "homes", good).stderr


@pytest.mark.parametrize(
    ("kind", "name", "content", "message"),
    [
        ("cars", "a.csv", b"x", "没有这种数据"),
        ("homes", "a.csv", b"\x89PNG\0\0\xff", "读不出来"),
        ("homes", "a.xlsx", b"not a workbook", "读不出来"),
        ("homes", "a.csv", b"", "缺少这一列"),
        ("homes", "a.csv", HOMES.encode(), "文件里没有数据"),
        ("homes", "a.csv", "价钱\n1\n".encode(), "不认识的列"),
    ],
)
def test_unusable_files(kefu, tmp_path, kind, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    result = kefu("import", kind, str(path))
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_missing_file(kefu, tmp_path):
    result = kefu("import", "homes", str(tmp_path / "nowhere.csv"))
    assert result.exit_code == 1
    assert "nowhere.csv 读不出来" in result.stderr


def test_user_add_and_list(kefu):
    password = "a-long-password"
    added = kefu("user", "add", "lili", "--name", "李丽", stdin=f"{password}\n{password}\n")
    assert added.exit_code == 0, added.output
    assert password not in added.output
    assert "lili" in kefu("user", "list").stdout


def test_demo_twice_changes_nothing(kefu):
    assert kefu("db", "demo").exit_code == 0
    assert kefu("db", "demo").exit_code == 0
    assert kefu("user", "list").stdout.count("xiaoli") == 1
