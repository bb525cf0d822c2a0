"""The word lists of triage, their marks, and the features that are read from a letter."""

from itertools import pairwise
from pathlib import Path

import pytest

from scripts_library.errors import LexiconError
from scripts_library.text.normal_form import normalize
from scripts_library.triage import lexicon as triage_lexicon
from scripts_library.triage.features import HEAD_LIMIT, Vocabulary, grams, head_end
from scripts_library.triage.lexicon import load_lexicon

FAULTS = [
    ("words.yml", "words: {nonsense: {3: [电梯]}}", "没有这个投诉类别"),
    ("words.yml", "words: {fees: {高: [收费]}}", "权重"),
    ("words.yml", "words: {fees: {3: [12]}}", "不是文字"),
    ("words.yml", "words: {fees: {3: ['~费']}}", "不是文字"),
    ("words.yml", "words: [", "YAML"),
    ("words.yml", "- 一", "键值表"),
    ("severity.yml", "groups: {a: {weight: 1, words: [隐患]}}", "缺少这一节"),
]


@pytest.mark.parametrize(("name", "content", "message"), FAULTS, ids=[f[2] for f in FAULTS])
def test_faulty_word_list_names_file_and_fix(
    name: str, content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in triage_lexicon.FOLDER.glob("*.yml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(triage_lexicon, "FOLDER", tmp_path)
    with pytest.raises(LexiconError, match=message) as error:
        load_lexicon.__wrapped__()
    assert name in str(error.value)
    assert "修改办法" in str(error.value)


def test_missing_word_list_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triage_lexicon, "FOLDER", tmp_path)
    with pytest.raises(LexiconError, match=r"categories\.yml"):
        load_lexicon.__wrapped__()


PATTERN_CASES = [
    ("gap", "物业公司真的不作为", "物业~不作为", True),
    ("gap too long", "物业公司今天明天后天大后天全都不作为", "物业~不作为", False),
    ("gap over a sentence", "找物业。他们不作为", "物业~不作为", False),
    ("number", "投诉十几次", "投诉#次", True),
    ("number first", "我们三百多户人", "#多户", True),
    ("digits stand alone", "电话1234567", "12345", False),
]


@pytest.mark.parametrize(
    ("text", "word", "is_found"), [c[1:] for c in PATTERN_CASES], ids=[c[0] for c in PATTERN_CASES]
)
def test_marks_of_the_word_lists(text: str, word: str, is_found: bool) -> None:
    pattern = triage_lexicon._compile(word)
    entry = triage_lexicon.Word(word, "fees", "fees", "category", 1.0, pattern)
    lexicon = triage_lexicon.TriageLexicon([], [entry])
    assert bool(lexicon.scan(normalize(text).text)) is is_found


def test_longest_word_of_a_group_counts_once() -> None:
    hits = load_lexicon().scan("地下车库车位")
    parking = [hit for hit in hits if hit.word.points_to == "parking"]
    assert len(parking) == 2
    assert all(a.end <= b.start for a, b in pairwise(parking))


def test_head_ends_with_the_first_sentence() -> None:
    assert head_end("电梯坏了。还有灯") == 5
    assert head_end("无" * 500) == HEAD_LIMIT
    assert head_end("") == 0


def test_grams_leave_out_place_codes_and_numbers() -> None:
    assert set(grams("a3区停水12天")) == {"停", "水", "0", "天", "停水", "水0", "0天"} | {
        "停水0",
        "水0天",
    }


def test_vocabulary_of_nothing_weighs_nothing() -> None:
    assert Vocabulary.learn([]).weigh("电梯") == {}


def test_categories_are_those_of_the_taxonomy() -> None:
    departments = {entry.department for entry in load_lexicon().categories}
    assert len(load_lexicon().categories) == 18
    assert departments == {
        "engineering",
        "sales",
        "property_management",
        "finance",
        "security",
        "quality_control",
        "after_sales",
        "customer_service",
    }
