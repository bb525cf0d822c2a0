"""The 30 taboo phrases of the rule book word for word, and the openers (R-C2)."""

import pytest

from scripts_library import Severity, load_checker
from scripts_library.checking.checker import Checker

TABOO = [
    ("喂！", "rude_opening"),
    ("不知道", "ignorance"),
    ("墙上贴着，没长眼睛呀", "condescension"),
    ("急什么，烦死人了", "impatience"),
    ("急什么，没看到我在忙着吗？", "impatience"),
    ("哪个？他不在", "refusal"),
    ("要下班了，有事明天再来", "off_duty"),
    ("不舒服，你别来了", "provocation"),
    ("快点，说完了没有", "impatience"),
    ("就这么说，怎么样？", "provocation"),
    ("有本事你去告", "provocation"),
    ("喊什么，等一下", "impatience"),
    ("讲了半天，你还没听懂？", "condescension"),
    ("出去，今天不办公", "refusal"),
    ("你问我，我问谁？", "buck_passing"),
    ("我不管，该找谁找谁？", "buck_passing"),
    ("我说不能办就不能办", "refusal"),
    ("你怎么这么麻烦", "impatience"),
    ("这个事儿我处理不了", "refusal"),
    ("我正在忙呢，你找他吧", "buck_passing"),
    ("你说话清楚点", "condescension"),
    ("你真烦，等一会吧，我在忙", "impatience"),
    ("你找谁呀，再说一遍，我没听清楚", "rude_opening"),
    ("都下班了，你不知道呀", "off_duty"),
    ("急什么", "impatience"),
    ("你看清楚再问", "condescension"),
    ("墙上有，你自己看看就行了", "condescension"),
    ("你找谁，没这个人儿", "refusal"),
    ("渴了自己倒水，那儿有杯子", "condescension"),
    ("你自己都不知道，我怎么知道", "ignorance"),
    ("不清楚", "ignorance"),
    ("不管我事", "buck_passing"),
    ("喂，有话快说", "rude_opening"),
    ("讲话", "rude_opening"),
    ("哪里", "rude_opening"),
    ("找谁", "rude_opening"),
]

COURTESY = [
    "您好！",
    "下午好，客服中心，我姓王，请问有什么可以帮您？",
    "谢谢！",
    "对不起！",
    "不客气！",
    "再见！",
    "请稍等！",
    "是的，先生",
    "请问您找谁？",
    "请问有什么可以帮您吗？",
    "请您不要着急！",
    "请您与工程部李先生联系。",
    "请留下您的电话号码和姓名，好吗？",
    "我们会为您提供帮助！",
    "请您填好投诉单！",
    "谢谢您的批评指正！",
    "这是我们应该做的！",
    "谢谢您的来电！",
    "对不起，打扰了！",
    "对于您反映的问题我们会马上处理，并尽快给您回复，好吗？",
]


@pytest.fixture(scope="module")
def checker() -> Checker:
    return load_checker(paraphrase=None)


@pytest.mark.parametrize(("text", "category"), TABOO)
def test_taboo_phrase_is_flagged_in_its_category(
    checker: Checker, text: str, category: str
) -> None:
    verdict = checker.check(text)
    assert category in {flag.category for flag in verdict.flags}
    assert verdict.worst is not None
    assert verdict.worst >= Severity.WARN


@pytest.mark.parametrize("text", COURTESY)
def test_courtesy_phrase_passes(checker: Checker, text: str) -> None:
    assert checker.check(text).flags == ()


@pytest.mark.parametrize(("text", "category"), TABOO)
def test_flag_explains_itself(checker: Checker, text: str, category: str) -> None:
    for flag in checker.check(text).flags:
        assert text[flag.start : flag.end] == flag.surface != ""
        assert flag.clause
        assert flag.reason
        assert all(flag.better)
        assert flag.rule_id.split(".")[0] == flag.category


def test_two_hits_of_a_rule_that_overlap_are_told_once(checker: Checker) -> None:
    text = "墙上贴着呢，您自己看看就行了"
    (flag,) = checker.check(text).flags
    assert (flag.start, flag.end, flag.surface) == (0, len(text), text)
