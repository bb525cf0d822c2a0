"""Automaton against naive search, the pattern language, and hostile input."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts_library import PatternError, load_checker
from scripts_library.checking.checker import Checker
from scripts_library.checking.scanner import Scanner, naive_find
from scripts_library.checking.templates import Template, compile_template, samples, template_regex

WORDS = {"me": ("我", "我们")}
LETTERS = "不知道我们.*([😀🐷"


def literal(text: str) -> Template:
    return Template(text, (text,), None, len(text))


@given(
    st.lists(
        st.text(alphabet=LETTERS, min_size=1, max_size=4), min_size=1, max_size=8, unique=True
    ),
    st.text(alphabet=LETTERS, max_size=40),
)
def test_automaton_equals_naive_search(phrases: list[str], text: str) -> None:
    hits = Scanner([literal(p) for p in phrases]).find(text)
    assert {(h.start, h.end, phrases[h.pattern]) for h in hits} == naive_find(phrases, text)


@given(
    st.lists(
        st.sampled_from(["不[要|用]*急", "我{3}管", "(不|没)知道", "^我", "管$", "<me>不管"]),
        min_size=1,
        max_size=5,
        unique=True,
    ),
    st.text(alphabet="不要用急我们管没知道，", max_size=40),
)
def test_scanner_agrees_with_the_regular_expression(sources: list[str], text: str) -> None:
    scanner = Scanner([compile_template(s, WORDS) for s in sources])
    found = {h.pattern for h in scanner.find(text)}
    expected = {i for i, s in enumerate(sources) if re.search(template_regex(s, WORDS), text)}
    assert found == expected


@pytest.mark.parametrize(
    ("source", "hits", "misses"),
    [
        ("(不|没)知道", ["没知道"], ["知道"]),
        ("我[可]不管", ["我不管", "我可不管"], ["我都不管"]),
        ("我[可|才]*不管", ["我可才可不管"], ["我都不管"]),
        ("我{2}管", ["我管", "我都不管"], ["我，管", "我从来都管"]),
        ("我{4+}管", ["我，不管"], ["我。管"]),
        ("急，走", ["急走", "急，走", "急! 走"], ["急着走"]),
        ("^喂$", ["喂", "好。喂！"], ["喂奶", "好喂"]),
        ("^^不管", ["好，不管"], ["我不管"]),
        ("不管(!您|你)", ["不管他"], ["不管您"]),
        ("(-租)出去", ["出去"], ["租出去"]),
        ("<me>不管", ["我们不管"], ["他不管"]),
        ("#条烟", ["两条烟", "2条烟"], ["条烟"]),
        (r"\(急\)", ["(急)"], ["急"]),
        ("走(了|，)", ["走了", "走"], ["走着"]),
    ],
)
def test_pattern_language(source: str, hits: list[str], misses: list[str]) -> None:
    scanner = Scanner([compile_template(source, WORDS)])
    assert [text for text in hits if not scanner.find(text)] == []
    assert [text for text in misses if scanner.find(text)] == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        "   ",
        "(不",
        "不)",
        "{3}",
        "[可]",
        "我{99}管",
        "我{x}管",
        "<none>管",
        "我|你",
        "我*",
        "^$",
        "(|我)",
    ],
)
def test_faulty_pattern_is_refused_with_a_reason(source: str) -> None:
    with pytest.raises(PatternError, match="句式"):
        compile_template(source, WORDS)


@given(st.sampled_from(["(不|没)[要]*知道", "我{3}管[了|吗]", "<me>(来|去)#次"]))
def test_samples_match_their_pattern(source: str) -> None:
    for text in samples(source, WORDS, 8):
        assert re.search(template_regex(source, WORDS), text)


@pytest.fixture(scope="module")
def checker() -> Checker:
    return load_checker(paraphrase=None)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_checked_and_spans_slice_it(checker: Checker, text: str) -> None:
    verdict = checker.check(text)
    for item in (*verdict.flags, *verdict.excused):
        assert 0 <= item.start < item.end <= len(text)
        assert text[item.start : item.end] == item.surface
    for promise in verdict.promises:
        assert 0 <= promise.start < promise.end <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "不",
        "不知道",
        "我不管，",
        "急什么",
        "a",
        "1",
        " ",
        "喂.",
        "😡",
        "不*",
        "buzhidao",
        "最好的",
        "（",
        "\ud800",
    ],
)
def test_pathological_repeats_come_to_an_end(checker: Checker, unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    verdict = checker.check(text)
    assert all(text[f.start : f.end] == f.surface for f in verdict.flags)


@settings(max_examples=20, deadline=None)
@given(st.permutations(["我不管", "不管我", "管我", "不(管|行)", "我{2}管"]))
def test_order_of_patterns_is_irrelevant(sources: list[str]) -> None:
    text = "我不管我行不行"
    scanner = Scanner([compile_template(s, WORDS) for s in sources])
    found = {(h.start, h.end, sources[h.pattern]) for h in scanner.find(text)}
    ordered = sorted(sources)
    again = Scanner([compile_template(s, WORDS) for s in ordered])
    assert found == {(h.start, h.end, ordered[h.pattern]) for h in again.find(text)}
