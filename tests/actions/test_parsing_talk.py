"""Times, short answers, moods, matters, questions and hints."""

from datetime import UTC, date, datetime

import pytest

from actions.parsing.home_hints import read_home_hint
from actions.parsing.matters import is_matter, read_wish, without_personal_data
from actions.parsing.mood import is_angry, is_dangerous
from actions.parsing.orders import read_order_no
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
from actions.parsing.times import read_when, told_time
from actions.topics import questions_of

MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("昨晚八点多开始漏", "昨晚八点多"),
        ("上周三就这样了", "上周三"),
        ("都漏了三天了", "三天了"),
        ("路灯坏了半个月没人修", "半个月"),
        ("每天晚上十点以后", "每天晚上十点"),
        ("3栋2单元502室", None),
        ("你好", None),
    ],
)
def test_told_times(text: str, told: str | None) -> None:
    assert told_time(text) == told


@pytest.mark.parametrize("text", ["一直在响", "从早到晚电钻响", "现在没水了"])
def test_vague_words_are_no_time_unless_asked(text: str) -> None:
    assert told_time(text, is_asked=False) is None
    assert told_time(text) is not None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("明天下午三点", datetime(2026, 11, 24, 15)),
        ("周六上午10点", datetime(2026, 11, 28, 10)),
        ("11月25号下午2点半", datetime(2026, 11, 25, 14, 30)),
        ("明早9点", datetime(2026, 11, 24, 9)),
        ("三点", datetime(2026, 11, 23, 15)),
        ("晚上九点", datetime(2026, 11, 23, 21)),
        ("后天", date(2026, 11, 25)),
        ("我想约周六下午看房", date(2026, 11, 28)),
    ],
)
def test_appointments(text: str, when: datetime | date) -> None:
    read = read_when(text, MONDAY_10)
    if isinstance(when, datetime):
        assert read.at is not None
        assert read.at.replace(tzinfo=None) == when
    else:
        assert (read.day, read.at) == (when, None)


def test_an_hour_alone_belongs_to_the_day_agreed() -> None:
    read = read_when("上午10点", MONDAY_10, day=date(2026, 11, 28))
    assert read.at is not None
    assert (read.at.day, read.at.hour) == (28, 10)


@pytest.mark.parametrize("text", ["随时", "再说吧", "", "3栋2单元", "?" * 50])
def test_no_appointment_in_other_words(text: str) -> None:
    assert read_when(text, MONDAY_10).at is None


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


@pytest.mark.parametrize(
    ("text", "is_asked", "number"),
    [
        ("订单MC2610180003到哪了", False, "MC2610180003"),
        ("mc 2610180003", False, "MC2610180003"),
        ("2610180003", True, "MC2610180003"),
        ("2610180003", False, None),
        ("T261122-0007-3", True, None),
        ("不记得了", True, None),
    ],
)
def test_order_numbers(text: str, is_asked: bool, number: str | None) -> None:
    assert read_order_no(text, is_asked=is_asked) == number
