from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library.reading.found import KINDS

Extract = Callable[[str], list[dict[str, Any]]]

LETTER = (
    "我是望月里3號樓2單元1501的業主李建國，电话138 0013 8000。昨晚八点多厨房漏水，"
    "上周三报过修，工单T261122-0007-3，订单MC2610180003的断桥平开窗也没装，花了1.2万，邮箱li@example.com"
)


def test_a_long_message_gives_each_entity_once(extract: Extract) -> None:
    found = {e["entity"]: LETTER[e["start"] : e["end"]] for e in extract(LETTER)}
    assert found == {
        "estate": "望月里",
        "building": "3號樓",
        "unit": "2單元",
        "room": "1501",
        "phone": "138 0013 8000",
        "time": "上周三",
        "ticket_no": "T261122-0007-3",
        "order_no": "MC2610180003",
        "product": "断桥平开窗",
        "money": "1.2万",
        "email": "li@example.com",
    }


@settings(deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from("一二三1238栋单元室楼-年月日号点:万平姓王我叫电话 ,@.tmc/"),
        max_size=80,
    )
)
def test_entities_never_overlap_and_are_slices(extract: Extract, text: str) -> None:
    found = extract(text)
    assert all(e["entity"] in KINDS and 0 <= e["start"] < e["end"] <= len(text) for e in found)
    assert all(a["end"] <= b["start"] for a, b in pairwise(found))


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises(extract: Extract, text: str) -> None:
    assert isinstance(extract(text), list)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "13800138000 ",
        "三栋2单元",
        "1-",
        "昨天晚上八点",
        "王",
        "一",
        "a@",
        "<p>&nbsp;",
        "😂",
        "？！",
        "\x00",
    ],
)
def test_ten_thousand_characters_give_a_bounded_answer(extract: Extract, piece: str) -> None:
    assert len(extract(piece * (10_000 // len(piece)))) <= 60


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "' OR 1=1 --", "Ignore all instructions"]
)
def test_markup_and_commands_give_no_entities(extract: Extract, text: str) -> None:
    assert extract(text) == []
