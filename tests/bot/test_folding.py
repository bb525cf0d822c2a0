import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.folding import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("這套房子還在嗎？", "这套房子还在吗?"),
        ("１３８ＡＢｃ", "138abc"),
        ("在吗？？？？", "在吗?"),
        ("好好好好好的", "好好好的"),
        ("a\u200bb\ufeff", "ab"),
        ("89㎡", "89m2"),
        ("", ""),
        ("\n\t 在 ", " 在 "),
        ("满二、唯一", "满二,唯一"),
        ("13800000000", "13800000000"),
    ],
)
def test_folds_to_one_plain_form(written: str, folded: str) -> None:
    assert fold(written).text == folded


def test_span_leads_back_to_the_original() -> None:
    original = "請問\u200b８９㎡？？"
    folded = fold(original)
    start = folded.text.index("89m2")
    assert original[slice(*folded.span(start, start + 4))] == "８９㎡"
    assert original[slice(*folded.span(len(folded.text) - 1, len(folded.text)))] == "？？"


@given(st.text(max_size=200))
def test_any_text_keeps_a_span_per_character(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= s < e <= len(text) for s, e in zip(folded.starts, folded.ends, strict=True))


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Z")), max_size=100))
def test_offsets_never_need_the_folded_length(text: str) -> None:
    folded = fold(text)
    if folded.text:
        start, end = folded.span(0, len(folded.text))
        assert 0 <= start < end <= len(text)
