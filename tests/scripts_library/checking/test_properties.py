"""What holds of any text and any phrase: no crash, right spans, same answer, bounded time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library import Severity, TextError, load_checker
from scripts_library.checking.checker import MAX_TEXT, Checker
from scripts_library.text.view import folded_view

SCRAPS = st.sampled_from(
    [
        "不知道",
        "急什么",
        "我不管",
        "buzhidao",
        "cui",
        "最好的",
        "第1",
        "给您答复",
        "明天",
        "😡",
        "🐷",
        "*",
        " ",
        "。",
        "\u200b",
        "1",
        "ａ",
        "業主",
        "电话",
        "发给你",
        "13800138000",
        "s.b.",
        "不不不",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(SCRAPS, max_size=30).map("".join))
PHRASES = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() != "")


@pytest.fixture(scope="module")
def checker() -> Checker:
    checker = load_checker(paraphrase=None)
    checker.warm_up()
    return checker


@settings(deadline=None)
@given(TEXTS)
def test_spans_slice_the_original(checker: Checker, text: str) -> None:
    verdict = checker.check(text)
    for item in (*verdict.flags, *verdict.excused):
        assert text[item.start : item.end] == item.surface
    for promise in verdict.promises:
        assert 0 <= promise.start < promise.end <= len(text)


@settings(deadline=None)
@given(TEXTS)
def test_same_text_has_the_same_verdict(checker: Checker, text: str) -> None:
    assert checker.check(text) == checker.check(text)
    assert checker.check_by_rules(text) == (checker.check(text).flags, checker.check(text).excused)


@settings(deadline=None)
@given(TEXTS)
def test_every_view_leads_back_to_the_original(text: str) -> None:
    folded = folded_view(text)
    assert len(folded.text) == len(text)
    joined = folded.joined()
    if joined:
        assert [folded.text[start] for start in joined.starts] == list(joined.text)


@settings(deadline=None, max_examples=20)
@given(PHRASES, st.text(max_size=10), st.text(max_size=10))
def test_added_phrase_of_any_characters_is_found(
    checker: Checker, phrase: str, before: str, after: str
) -> None:
    text = before + phrase + after
    flags = checker.with_extra([phrase], severity=Severity.BLOCK).check(text).flags
    at = text.find(phrase)
    assert any(flag.start <= at and at + len(phrase) <= flag.end for flag in flags)


@pytest.mark.timeout(20)
@settings(deadline=None, max_examples=5)
@given(st.text(min_size=1, max_size=6))
def test_long_repeats_of_anything_come_to_an_end(checker: Checker, unit: str) -> None:
    checker.check((unit * 100_000)[:100_000])


@pytest.mark.parametrize("bad", [None, b"\xe4\xbd\xa0", 3, ["你好"], "好" * (MAX_TEXT + 1)])
def test_what_is_no_text_or_too_long_is_refused(checker: Checker, bad: object) -> None:
    with pytest.raises(TextError):
        checker.check(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", " ", "\n", "\u200b", "\ud800", "。"])
def test_text_that_says_nothing_has_an_empty_verdict(checker: Checker, text: str) -> None:
    verdict = checker.check(text)
    assert (verdict.flags, verdict.promises, verdict.worst) == ((), (), None)
