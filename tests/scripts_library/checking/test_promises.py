"""Promises: what and when (R-G5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts_library.checking.promises import find_promises

FOUND = [
    ("明天上午给您答复", "明天上午", "给您答复"),
    ("24小时内给您回电", "24小时内", "给您回电"),
    ("我马上帮您问", "马上", "帮您问"),
    ("师傅下午三点上门", "下午三点", "上门"),
    ("三个工作日内我们会处理好", "三个工作日内", "处理好"),
    ("请放心，周五下班前我们给您反馈结果", "周五下班前", "反馈"),
    ("有结果第一时间通知您", "有结果第一时间", "通知您"),
    ("12月5日前安排师傅上门维修", "12月5日前", "安排师傅上门"),
    ("稍后由专人联系您", "稍后", "联系您"),
]
NONE = [
    "您明天方便过来吗",
    "请您明天上午给我答复",
    "明天能给您答复吗？",
    "您好，请问有什么可以帮您？",
    "业主下周出差",
    "我不能保证明天给您答复",
    "房子是去年装修的",
    "",
]


@pytest.mark.parametrize(("text", "when", "what"), FOUND)
def test_promise_is_found(text: str, when: str, what: str) -> None:
    promises = find_promises(text)
    assert len(promises) == 1
    assert promises[0].when_text == when
    assert what in promises[0].what
    assert text[promises[0].start : promises[0].end].startswith(promises[0].when_text)


@pytest.mark.parametrize("text", NONE)
def test_no_promise_is_made_up(text: str) -> None:
    assert find_promises(text) == ()


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for promise in find_promises(text):
        assert 0 <= promise.start < promise.end <= len(text)
