"""Marking flagged words: the text stays whole, the worst severity shows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.console.marks import RANK, Segment, Span, segments, spans_of

SPANS = st.builds(Span, st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(sorted(RANK)))


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("", [], []),
        ("您好", [], [Segment("您好", None)]),
        (
            "我不管，您请便",
            [Span(0, 3, "block")],
            [Segment("我不管", "block"), Segment("，您请便", None)],
        ),
        (
            "一二三四五",
            [Span(0, 3, "hint"), Span(2, 4, "block")],
            [Segment("一二", "hint"), Segment("三四", "block"), Segment("五", None)],
        ),
        ("一二", [Span(-3, 99, "warn")], [Segment("一二", "warn")]),
        ("一二", [Span(1, 1, "warn")], [Segment("一二", None)]),
        ("😀喂", [Span(1, 2, "block")], [Segment("😀", None), Segment("喂", "block")]),
        ("<b>", [Span(0, 1, "block")], [Segment("<", "block"), Segment("b>", None)]),
    ],
)
def test_segments(text: str, spans: list[Span], expected: list[Segment]) -> None:
    assert segments(text, spans) == expected


@given(st.text(max_size=50), st.lists(SPANS, max_size=6))
def test_segments_joined_are_the_text(text: str, spans: list[Span]) -> None:
    found = segments(text, spans)
    assert "".join(segment.text for segment in found) == text
    assert all(segment.text for segment in found)
    assert all(one.severity != two.severity for one, two in pairwise(found))


@given(st.text(max_size=30), st.lists(SPANS, max_size=4))
def test_each_character_has_the_worst_severity_over_it(text: str, spans: list[Span]) -> None:
    shown = [segment.severity for segment in segments(text, spans) for _ in segment.text]
    for index, severity in enumerate(shown):
        over = [span.severity for span in spans if span.start <= index < span.end]
        assert severity == max(over, key=RANK.__getitem__, default=None)


def test_malformed_flags_are_left_out() -> None:
    flags = [
        {"start": 0, "end": 2, "severity": "warn"},
        {"start": "0", "end": 2, "severity": "warn"},
        {"start": 0, "severity": "warn"},
        {"start": 0, "end": 2, "severity": "terrible"},
    ]
    assert spans_of(flags) == [Span(0, 2, "warn")]
