"""The speed bench measures what it says; no figure decides a test."""

from pathlib import Path

import pytest

from scripts_library.checking.bench import bench_check, make_phrases, seconds_per_item
from scripts_library.checking.checker import Checker, load_checker
from scripts_library.checking.report import as_table, measure, read_labelled


def test_made_up_phrases_are_many_different_and_absent() -> None:
    text = "您好请问有什么可以帮您这套房子在三楼采光很好"
    phrases = make_phrases(text, 500)
    assert len(set(phrases)) == 500
    assert not any(phrase in text for phrase in phrases)


def test_too_few_replies_are_refused() -> None:
    with pytest.raises(ValueError, match="样本太少"):
        bench_check(["好"])


def test_seconds_per_item_calls_each_text_each_round() -> None:
    seen: list[str] = []
    assert seconds_per_item(seen.append, ["a", "b"], 3) >= 0
    assert seen == ["a", "b"] * 3


def test_report_counts_recall_precision_and_false_alarms() -> None:
    checker: Checker = load_checker(paraphrase=None)
    rows = measure(
        checker,
        [("急什么", ("impatience",)), ("您好", ("none",)), ("该找谁找谁", ("impatience",))],
    )
    table = {row.category: row for row in rows}
    assert table["impatience"].recall == 1.0
    assert table["impatience"].precision == 1.0
    assert table["buck_passing"].precision == 0.0
    assert table["none"].recall == 0.0
    assert "| impatience | 2 | 1.000 | 1.000 |" in as_table(rows)


def test_labelled_lines_are_read_and_disputed_ones_left_out(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(
        '{"text": "急什么", "labels": ["impatience"]}\n\n'
        '{"text": "哦", "labels": ["none", "refusal"]}\n',
        encoding="utf-8",
    )
    assert read_labelled(file) == [("急什么", ("impatience",))]
