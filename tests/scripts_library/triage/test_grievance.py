"""Does somebody complain? Must be found beside must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts_library.errors import TextError
from scripts_library.triage.grievance import MOST_WORDS, grievance

COMPLAINTS = [
    "停车费说涨就涨，凭什么",
    "报修三次都没人来，再不处理我找媒体曝光",
    "你们保安态度太差了，还骂人",
    "投 诉 你 们 物 业",
    "樓上裝修嘈到癲，投訴咗都冇人理",
]
OTHERS = [
    "请问这套房子多少钱",
    "周六可以看房吗",
    "谢谢，服务不错，点赞",
    "订单发货了吗",
    "你好",
    "",
]


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_complaint_is_heard(text):
    found = grievance(text)
    assert found.score >= 0.5
    assert found.words


@pytest.mark.parametrize("text", OTHERS)
def test_a_question_is_none(text):
    assert grievance(text).score < 0.3


def test_several_signs_weigh_more_than_one():
    one, two = grievance("漏水了"), grievance("漏水了，报了好几次没人来")
    assert two.score > one.score > 0


@given(st.text(max_size=200))
def test_the_score_is_a_chance_and_the_words_are_few(text):
    found = grievance(text)
    assert 0 <= found.score <= 1
    assert len(found.words) <= MOST_WORDS
    assert (found.score > 0) == bool(found.words)


def test_something_else_than_a_text_is_refused():
    with pytest.raises(TextError):
        grievance(None)
