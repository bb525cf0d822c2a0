from collections.abc import Callable
from typing import Any

import pytest

Extract = Callable[[str], list[dict[str, Any]]]


def names(extract: Extract, text: str) -> list[tuple[str, str]]:
    return [(e["value"], e["role"]) for e in extract(text) if e["entity"] == "name"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我姓王", "王"),
        ("免贵姓陈，13800138000", "陈"),
        ("姓欧阳", "欧阳"),
        ("我叫李建国", "李建国"),
        ("我叫李建国就行", "李建国"),
        ("我是张伟，住3栋", "张伟"),
        ("姓名：赵敏 电话：13800138000", "赵敏"),
        ("联系人孙悦", "孙悦"),
        ("王女士", "王女士"),
        ("叫我刘先生", "刘先生"),
        ("我叫阿依·古丽", "阿依·古丽"),
    ],
)
def test_names_that_are_said(extract: Extract, text: str, name: str) -> None:
    assert names(extract, text) == [(name, "said")]


@pytest.mark.parametrize("text", ["李建国", "李建国 13900001234", "欧阳娜娜", "赵敏。"])
def test_a_bare_name_is_marked(extract: Extract, text: str) -> None:
    [(name, role)] = names(extract, text)
    assert text.startswith(name)
    assert role == "bare"


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "马上",
        "安装费",
        "我是业主",
        "我是上次那个",
        "方便吗",
        "时间长",
        "小王你好",
        "高层",
        "我姓什么你猜",
        "成交了",
        "房东先生贵姓",
        "万科",
        "安静",
        "于是我就走了",
        "温度太低",
    ],
)
def test_ordinary_words_are_no_names(extract: Extract, text: str) -> None:
    assert names(extract, text) == []
