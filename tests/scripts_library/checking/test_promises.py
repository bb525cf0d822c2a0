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


@pytest.mark.parametrize(
    "when",
    [
        *(
            "今天",
            "明早",
            "后天",
            "大后天",
            "当天",
            "次日",
            "隔天",
            "第二天",
            "本周五",
            "这周",
            "下个月",
        ),
        *(
            "周一",
            "星期二",
            "礼拜三",
            "月底",
            "年底",
            "节后",
            "3月5日",
            "十五号",
            "凌晨两点",
            "早上九点",
        ),
        *(
            "上午10点",
            "中午十二点",
            "下午3:30",
            "傍晚六点",
            "晚上八点半",
            "9点",
            "两小时内",
            "3个工作日内",
        ),
        *(
            "马上",
            "立刻",
            "立即",
            "即刻",
            "尽快",
            "第一时间",
            "稍后",
            "待会儿",
            "等会",
            "一会儿",
            "回头",
        ),
        *("晚点", "随后", "现在就", "这就", "到时候", "届时", "有了结果", "一有消息"),
    ],
)
def test_time_may_be_named_in_many_ways(when: str) -> None:
    (promise,) = find_promises(f"好的，{when}给您答复")
    assert promise.when_text.startswith(when[:2])


@pytest.mark.parametrize(
    "who", ["我", "我们", "咱们", "这边", "客服", "师傅", "工程部", "物业", "同事", "专人"]
)
def test_promise_without_a_time_names_who_keeps_it(who: str) -> None:
    (promise,) = find_promises(f"您放心，{who}一定会联系您处理")
    assert promise.when_text == ""


def test_promise_in_traditional_characters_is_found() -> None:
    text = "您好，師傅下午三點上門維修"
    (promise,) = find_promises(text)
    assert promise.when_text == "下午三點"
    assert text[promise.start : promise.end] == "下午三點上門維修"


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for promise in find_promises(text):
        assert 0 <= promise.start < promise.end <= len(text)
