"""Folding and joining, and what holds of them for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library import normalize
from scripts_library.text.sound_codes import sound, split_pinyin
from scripts_library.text.spelling import spell_out
from scripts_library.text.view import folded_view

CASES = [
    ("你好", "你好"),
    ("ＡＢＣ１２３％", "abc123%"),
    ("愛買不買", "爱买不买"),
    ("拒*绝*办*理", "拒绝办理"),
    ("不 关 我 事", "不关我事"),
    ("喂.喂.喂", "喂"),
    ("好好好好说", "好说"),
    ("看看再说", "看看再说"),
    ("不\u200b知\u200b道", "不知道"),
    ("我😡很😡忙", "我很忙"),
    ("⑥点见", "6点见"),
    ("价格 3-5万左右", "价格 3-5万左右"),
    ("好的，明天见。", "好的，明天见。"),
    ("一、二、三号楼", "一、二、三号楼"),
    ("wán了没", "wan了没"),
    ("全🇨🇳第❶", "全国第1"),
    ("第1️⃣名", "第1名"),
    ("你是🐷", "你是猪"),
    ("拒🐷绝", "拒绝"),
    ("s.b.一个", "sb一个"),
    ("g u n 吧", "gun吧"),
    ("a b 两栋", "a b 两栋"),
    ("⑩0%", "十0%"),
    ("地址 www.a.com", "地址 www.a.com"),
    ("", ""),
]
ANY_TEXT = st.text(max_size=80)
CHINESE = st.text(alphabet="不知道我爱买的，。 *·急什么1a😡\u200b", max_size=60)


@pytest.fixture(autouse=True, scope="module")
def tables() -> None:
    """Build the tables before Hypothesis looks at the clock."""
    spell_out(folded_view("ni"))


@pytest.mark.parametrize(("text", "plain"), CASES)
def test_normal_form(text: str, plain: str) -> None:
    assert normalize(text).text == plain


@given(st.one_of(ANY_TEXT, CHINESE))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize(text).text
    assert normalize(once).text == once


@given(st.one_of(ANY_TEXT, CHINESE))
def test_offsets_rise_and_lie_in_the_original(text: str) -> None:
    normal = normalize(text)
    assert len(normal.starts) == len(normal.ends) == len(normal.text)
    at = 0
    for start, end in zip(normal.starts, normal.ends, strict=True):
        assert at <= start < end <= len(text)
        at = end


@settings(max_examples=10, deadline=None)
@given(st.text(min_size=2_000, max_size=4_000))
def test_long_text_of_any_characters_is_normalised(text: str) -> None:
    assert len(normalize(text).text) <= len(text)


@given(CHINESE)
def test_sound_text_has_one_code_for_each_character(text: str) -> None:
    assert len(sound(text)) == len(text)


@given(st.text(alphabet="buzhidaoni我你8 ，", max_size=40))
def test_spelled_out_offsets_slice_the_text(text: str) -> None:
    sounds = spell_out(folded_view(text))
    assert len(sounds.starts) == len(sounds.ends) == len(sounds.text)
    for start, end in zip(sounds.starts, sounds.ends, strict=True):
        assert 0 <= start < end <= len(text)


def test_homophones_and_pinyin_sound_alike() -> None:
    assert sound("布知道") == sound("不知道") == spell_out(folded_view("buzhidao")).text
    assert spell_out(folded_view("bu zhi dao")).text == sound("不知道")
    assert spell_out(folded_view("b知道")).text == sound("不知道")


def test_letters_that_are_no_pinyin_do_not_split() -> None:
    assert split_pinyin("phone") is None
    assert split_pinyin("") is None
    assert split_pinyin("a" * 100) is None
