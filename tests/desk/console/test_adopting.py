"""Better wordings and suggestions in a reply."""

import re

import pytest

from desk.console.adopting import adopt, find_again, has_open_slot, with_slots
from scripts_library.paths import PACKAGE_DIR


@pytest.mark.parametrize(
    ("text", "flagged", "better", "expected"),
    [
        ("我不管。", "我不管", "这件事我来跟进。", "这件事我来跟进。"),
        ("您好，我不管，您找别人。谢谢", "我不管", "我来跟进。", "我来跟进。谢谢"),
        (
            "收到。急什么！马上。",
            "急什么",
            "请您不要着急，我马上处理。",
            "收到。请您不要着急，我马上处理。马上。",
        ),
        ("第一行\n喂？？\n第三行", "喂", "您好！", "第一行\n您好！\n第三行"),
        ("这是最好的户型", "最好的", "比较受欢迎的", "这是比较受欢迎的户型"),
        ("喂", "喂", "您好，请问有什么可以帮您？", "您好，请问有什么可以帮您？"),
    ],
)
def test_adopt(text: str, flagged: str, better: str, expected: str) -> None:
    start = text.index(flagged)
    assert adopt(text, start, start + len(flagged), better) == expected


def test_flag_is_found_again_after_the_text_moved() -> None:
    assert find_again("我不管", 0, "我不管") == 0
    assert find_again("您好，我不管", 0, "我不管") == 3
    assert find_again("喂喂，喂", 3, "喂") == 3
    assert find_again("喂喂，好", 3, "喂") == 1
    assert find_again("您好", 0, "我不管") is None


def test_fill_ins_are_known_or_visibly_open() -> None:
    known = {"company": "云栖", "deadline": "明天18:00"}
    text = with_slots("这里是{company}，{deadline}前答复，由{department}承办，{alternative}", known)
    assert text == ("这里是云栖，明天18:00前答复，由【请填写：负责部门】承办，【请填写：别的办法】")
    assert has_open_slot(text)
    assert not has_open_slot("您的工单号是【T261122-0001-8】")


def _wordings() -> list[str]:
    files = [*(PACKAGE_DIR / "phrases").glob("*.yml"), *(PACKAGE_DIR / "checking").rglob("*.yml")]
    found = {name for file in files for name in re.findall(r"\{[a-z_]+\}", file.read_text("utf-8"))}
    return sorted(found - {"{category}"})


@pytest.mark.parametrize("wording", _wordings())
def test_every_fill_in_of_the_packs_has_a_chinese_name(wording: str) -> None:
    assert not re.search(r"[a-z]", with_slots(wording, {}))
