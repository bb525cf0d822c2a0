"""Short answers, moods, matters, questions and hints."""

import pytest

from actions.parsing.home_hints import read_home_hint
from actions.parsing.matters import is_matter, read_wish, without_personal_data
from actions.parsing.mood import is_angry, is_dangerous
from actions.parsing.replies import (
    is_correction,
    is_edit,
    is_no,
    is_refusal,
    is_skip,
    is_stop,
    is_urging,
    is_yes,
    named_field,
)
from actions.topics import questions_of


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        (
            is_skip,
            ["跳过", "不方便说", "没有要求", "随便", "记不清了", "不想留电话"],
            ["跳过那个坑", "没有电", "3栋"],
        ),
        (
            is_stop,
            ["算了", "不投诉了", "取消", "先不预约了吧", "不用修了，取消吧", "算了，不投诉了"],
            ["算了一笔账", "取消订单怎么弄", "不投诉了吗你们"],
        ),
        (is_yes, ["好的", "对", "是的呢", "确认提交", "没问题"], ["对面工地", "好吵", "是3栋"]),
        (is_no, ["不", "不对", "不同意", "没有"], ["不对，是3栋", "没有水", "不知道"]),
        (is_edit, ["修改", "改一下", "我要修改"], ["改成5栋", "修改密码"]),
        (is_refusal, ["电话就不留了", "不想留电话", "为什么要留电话"], ["电话坏了", "没人接电话"]),
        (is_correction, ["不对，是3栋", "电话错了", "应该是5栋", "改成明天"], ["3栋", "是的"]),
        (is_urging, ["催一下", "怎么还没人来", "都三天了"], ["处理到哪了"]),
        (
            is_angry,
            ["你们到底管不管", "垃圾物业", "气死我了", "有完没完"],
            ["楼道有很多灰", "麻烦处理一下"],
        ),
        (
            is_dangerous,
            ["电梯坠落有人受伤", "着火了", "燃气泄漏"],
            ["担心着火", "怕有人受伤", "差点砸伤人", "门坏了"],
        ),
        (
            is_matter,
            ["楼上漏水把墙泡了", "电梯坏了三天"],
            ["我要投诉", "投诉物业", "你好，我想反映个问题", "<script>x</script>", "哈哈"],
        ),
    ],
)
def test_what_short_messages_mean(test: object, yes: list[str], no: list[str]) -> None:
    assert callable(test)
    assert [text for text in yes if not test(text)] == []
    assert [text for text in no if test(text)] == []


def test_named_fields() -> None:
    assert named_field("电话错了") == "case_phone"
    assert named_field("房号写错了") == "case_place"
    assert named_field("随便") is None


def test_wishes() -> None:
    assert read_wish("漏水三天了，希望尽快修好，谢谢") == "希望尽快修好，谢谢"
    assert read_wish("漏水三天了") is None


def test_personal_data_leaves_free_text() -> None:
    text = without_personal_data("我叫王小明，电话13800138000，身份证330102199001011234，墙漏水")
    assert "王小明" not in text
    assert "13800138000" not in text
    assert "330102199001011234" not in text
    assert "墙漏水" in text


@pytest.mark.parametrize(
    ("text", "intent", "asked"),
    [
        ("这套多少钱，有学区吗？", "ask_price", ["ask_price", "ask_school"]),
        ("满二了吗车位多少钱", "ask_title_deed", ["ask_title_deed", "ask_parking"]),
        ("物业费多少钱", "ask_property_fee", ["ask_property_fee"]),
        ("装修押金多少，几点可以装修", "ask_renovation_rules", ["ask_renovation_rules"]),
        ("你好，想问一下价格", "ask_price", ["ask_price"]),
        (
            "首付多少 学校呢 车位呢 物业费呢",
            "ask_payment",
            ["ask_payment", "ask_school", "ask_parking"],
        ),
        ("", "ask_price", ["ask_price"]),
    ],
)
def test_several_questions_in_their_order(text: str, intent: str, asked: list[str]) -> None:
    assert [question.intent for question in questions_of(text, intent)] == asked


def test_home_hints() -> None:
    hint = read_home_hint("3栋三室的，110平左右，200万以内")
    assert (hint.building, hint.rooms, hint.area, hint.budget) == ("3", 3, 110.0, 2_000_000.0)
    assert not read_home_hint("3栋2单元502室漏水").rooms
    assert not read_home_hint("二手房")
