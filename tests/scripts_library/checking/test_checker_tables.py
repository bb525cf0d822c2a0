"""Must flag beside must not flag: disguises, other senses, courtesy frames, quotations."""

from pathlib import Path

import pytest

from scripts_library import Severity, load_checker
from scripts_library.checking.checker import Checker

# The wording, and how it is disguised.
DISGUISED = [
    ("该*找*谁*找*谁", "buck_passing"),
    ("該找誰找誰，別來煩我", "buck_passing"),
    ("你 自 己 看 着 办", "buck_passing"),
    ("有.本.事.你.去.告", "provocation"),
    ("爱租bu租", "provocation"),
    ("ai zu bu zu", "provocation"),
    ("ni wen wo，wo wen shui", "buck_passing"),
    ("急😡什😡么", "impatience"),
    ("急\u200b什\u200b么", "impatience"),
    ("保证批下来，１００％放款", "overpromise"),
    ("全城第①品牌", "absolute_claim"),
    ("品质无与仑比", "absolute_claim"),
    ("我不館，该找谁找谁", "buck_passing"),
    ("墙上贴着，没長眼晴，没长眼睛呀", "condescension"),
    ("催催催催什么什么催", "impatience"),
    ("下 班 了，明 天 再 说", "off_duty"),
    ("眀天再説，収工了", "off_duty"),
    ("私下转我两仟，不走公司", "solicitation"),
    ("租客手机一三九0000八八八八", "privacy_leak"),
    ("業主電話：１３９－００００－８８８８", "privacy_leak"),
]

INNOCENT = [
    "不知道您什么时候方便过来",
    "不清楚您想要几楼，我多发几套给您选",
    "请问您找哪位，我帮您转过去",
    "我去问清楚再给您回话",
    "保证金按总价的百分之五收取",
    "实验第一小学在马路对面",
    "有结果第一时间通知您",
    "窗扇向外推出去就能拆下纱窗",
    "这户满五唯一，税费少",
    "这套唯一的不足是没有电梯",
    "您最好带上身份证原件",
    "最低首付三成",
    "您反映保安说“我不管，该找谁找谁”，我们马上核实",
    "您刚才说的“急什么”这句话确实不该讲，向您道歉",
    "这个我暂时不清楚，我马上帮您问工程部，下午四点前回复您",
    "他不在，我帮您转告，请留下您的电话",
    "办理不了的话您联系我，我陪您去窗口",
    "我们不收红包，也不收礼",
    "请勿向个人账户转账，谨防受骗",
    "业主的电话不便告诉您，我可以代您联系",
    "工程部值班电话13900001111，二十四小时有人",
    "我的手机13900002222，您随时打",
    "我们六点下班，夜里有急事请打值班电话",
    "您几点下班，我在小区门口等您",
    "升值与否没人能保证",
    "结果以银行审批为准，我不敢说一定能批",
    "滚筒洗衣机放阳台可以",
    "这套二百五十万",
    "不用着急，慢慢选",
    "您要投诉可以打总部电话，我也帮您记录",
    "今天晚点我把合同发您",
    "",
    "   ",
    "👍",
    "OK",
]


@pytest.fixture(scope="module")
def checker() -> Checker:
    return load_checker(paraphrase=None)


@pytest.mark.parametrize(("text", "category"), DISGUISED)
def test_disguise_is_seen_through(checker: Checker, text: str, category: str) -> None:
    verdict = checker.check(text)
    assert category in {flag.category for flag in verdict.flags}
    for flag in verdict.flags:
        assert text[flag.start : flag.end] == flag.surface


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_reply_passes(checker: Checker, text: str) -> None:
    hard = [flag for flag in checker.check(text).flags if flag.severity > Severity.HINT]
    assert hard == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("您反映保安说“我不管，该找谁找谁”，我们马上核实", "客户"),
        ("这个我暂时不清楚，我马上帮您问工程部，下午四点前回复您", "帮助"),
        ("我不清楚您的预算是多少", "礼貌"),
    ],
)
def test_excuse_is_named(checker: Checker, text: str, why: str) -> None:
    reasons = [item.why for item in checker.check(text).excused]
    assert any(why in reason for reason in reasons)


@pytest.mark.parametrize("value", [None, b"bytes", 3, ["list"]])
def test_text_of_another_type_is_refused(checker: Checker, value: object) -> None:
    with pytest.raises(TypeError, match="文字"):
        checker.check(value)  # type: ignore[arg-type]


def test_overlong_text_is_refused_with_the_limit(checker: Checker) -> None:
    with pytest.raises(TypeError, match="200000"):
        checker.check("好" * 1_000_000)


def test_same_text_gives_the_same_verdict_with_the_version(checker: Checker) -> None:
    first, second = checker.check("急什么"), checker.check("急什么")
    assert first == second
    assert first.ruleset_version == checker.version == load_checker(paraphrase=None).version


def test_extra_phrase_is_flagged_after_folding(checker: Checker) -> None:
    more = checker.with_extra(["內部消息(絕密)"])
    assert [flag.surface for flag in more.check("这是内部消息(绝密)哦").flags] == ["内部消息(绝密)"]
    assert checker.check("这是内部消息(绝密)哦").flags == ()


def test_json_has_the_keys_of_the_command(checker: Checker) -> None:
    flag = checker.check("急什么").to_dict()["flags"][0]
    assert set(flag) >= {"rule", "category", "severity", "start", "end", "clause", "better"}
    assert flag["severity"] == "block"


def test_missing_or_broken_model_is_noted_and_the_lists_still_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path))
    without = load_checker().check("急什么")
    assert without.flags
    assert "kefu train" in without.notes[0]
    (tmp_path / "wording.npz").write_bytes(b"broken")
    assert "无法读取" in load_checker().check("急什么").notes[0]


def test_model_that_is_not_sure_is_not_heard(checker: Checker) -> None:
    class Found:
        category, probability, start, end = "refusal", 0.85, 0, 4

    class Model:
        def detect(self, text: str) -> Found:
            return Found()

    assert Checker(checker.rule_set, paraphrases=Model()).check("恐难从命啊").flags == ()


def test_paraphrase_stage_speaks_where_no_rule_hits(checker: Checker) -> None:
    class Found:
        category, probability, start, end = "refusal", 0.99, 0, 4

    class Model:
        def detect(self, text: str) -> Found:
            return Found()

    both = Checker(checker.rule_set, paraphrases=Model())
    flag = both.check("恐难从命啊").flags[0]
    assert (flag.rule_id, flag.surface) == ("paraphrase.refusal", "恐难从命")
    assert [f.rule_id for f in both.check("急什么").flags] == [
        f.rule_id for f in checker.check("急什么").flags
    ]
