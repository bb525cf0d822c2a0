from collections.abc import Callable
from typing import Any

import pytest

Extract = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("text", "said", "begins"),
    [
        ("昨晚八点多楼上装修", "昨晚八点多", "2026-11-21T20:00:00+08:00"),
        ("昨晚上八点", "昨晚上八点", "2026-11-21T20:00:00+08:00"),
        ("上周三报的修", "上周三", "2026-11-11T00:00:00+08:00"),
        ("今天早上停水", "今天早上", "2026-11-22T06:00:00+08:00"),
        ("明早能来吗", "明早", "2026-11-23T06:00:00+08:00"),
        ("明天下午3点看房", "明天下午3点", "2026-11-23T15:00:00+08:00"),
        ("禮拜二晚上七點", "礼拜二晚上七点", "2026-11-17T19:00:00+08:00"),
        ("2026年11月5日上午9:30", "2026年11月5日上午9:30", "2026-11-05T09:30:00+08:00"),
        ("11月5号交的", "11月5号", "2026-11-05T00:00:00+08:00"),
        ("2026-11-05到货", "2026-11-05", "2026-11-05T00:00:00+08:00"),
        ("28号下午到", "28号下午", "2026-11-28T13:00:00+08:00"),
        ("三天前就报了", "三天前", "2026-11-19T00:00:00+08:00"),
        ("半个小时前", "半个小时前", "2026-11-22T09:00:00+08:00"),
        ("刚才电梯停了", "刚才", "2026-11-22T09:00:00+08:00"),
        ("上个月交的费", "上个月", "2026-10-01T00:00:00+08:00"),
        ("月底来", "月底", "2026-11-21T00:00:00+08:00"),
        ("下周末看房", "下周末", "2026-11-28T00:00:00+08:00"),
        ("大前天", "大前天", "2026-11-19T00:00:00+08:00"),
    ],
)
def test_times_keep_their_words_and_are_resolved(
    extract: Extract, text: str, said: str, begins: str
) -> None:
    [found] = [e for e in extract(text) if e["entity"] == "time"]
    assert (found["value"], found["begins"]) == (said, begins)


@pytest.mark.parametrize(
    "text",
    [
        "便宜一点",
        "快一点行吗",
        "两点意见",
        "满五唯一",
        "5号楼",
        "今年满二",
        "3号线",
        "周一鸣",
        "水温40时",
        "",
    ],
)
def test_other_words_are_no_times(extract: Extract, text: str) -> None:
    assert [e["value"] for e in extract(text) if e["entity"] == "time"] in ([], ["周一"])


def test_a_time_that_does_not_exist_keeps_its_words_only(extract: Extract) -> None:
    [found] = [e for e in extract("13月40号") if e["entity"] == "time"]
    assert "begins" not in found
