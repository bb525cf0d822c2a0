"""`kefu rules`: what people see when rules are fine, faulty or changed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from desk.cli.rules import app
from scripts_library.checking.report import BEGIN, END

PACK = """\
category: refusal
rules:
  - id: refusal.no
    severity: block
    clause: 手册第1条
    reason: 生硬
    better: [我来想办法]
    patterns: [不给办]
    examples:
      must: [就不给办]
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "a.yml").write_text(PACK, encoding="utf-8")
    return folder


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_lint_of_good_rules_says_so(packs):
    assert run("lint", packs) == (0, "✓ 规则没有问题\n")


def test_lint_names_a_rule_that_never_matches(packs):
    text = PACK.replace("[不给办]", "[不.给.办]")
    (packs / "a.yml").write_text(text, encoding="utf-8")
    status, output = run("lint", packs)
    assert status == 1
    assert "a.yml:3" in output
    assert "dead" in output


@pytest.mark.parametrize("command", ["lint", "diff"])
def test_every_fault_of_broken_files_is_named_with_its_fix(packs, tmp_path, command):
    broken = PACK.replace("severity: block", "severity: hard").replace("[不给办]", "[(不给办]")
    (packs / "a.yml").write_text(broken, encoding="utf-8")
    (packs / "b.yml").write_text("rules: [", encoding="utf-8")
    replies = tmp_path / "replies.txt"
    replies.write_text("就不给办\n", encoding="utf-8")
    more = [packs, "--replies", replies] if command == "diff" else []
    status, output = run(command, packs, *more)
    assert status != 0
    for expected in ("a.yml:4", "'hard'", "a.yml:8", "b.yml:2", "修改办法"):
        assert expected in output


def test_diff_shows_the_replies_that_fare_differently(packs, tmp_path):
    new = tmp_path / "new"
    new.mkdir()
    (new / "a.yml").write_text(PACK.replace("不给办", "不给退"), encoding="utf-8")
    replies = tmp_path / "replies.txt"
    replies.write_text("不给退\n好的\n不给办\n", encoding="utf-8")
    status, output = run("diff", packs, new, "--replies", replies)
    assert status == 0
    assert "+ refusal.no「不给退」" in output
    assert "- refusal.no「不给办」" in output
    assert "3 条回复中有 2 条结论不同" in output


def test_report_on_labelled_texts_is_a_table(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text('{"text": "急什么急", "labels": ["impatience"]}\n', encoding="utf-8")
    status, output = run("report", "--labelled", file)
    assert status == 0
    assert "| impatience | 1 | 1.000 | 1.000 |" in output


def test_report_is_written_between_the_marks(tmp_path):
    file, guide = tmp_path / "x.jsonl", tmp_path / "guide.md"
    file.write_text('{"text": "急什么急", "labels": ["impatience"]}\n', encoding="utf-8")
    guide.write_text(f"前\n{BEGIN}\n{END}\n后\n", encoding="utf-8")
    status, _ = run("report", "--labelled", file, "--into", guide)
    assert status == 0
    assert "| impatience | 1 |" in guide.read_text("utf-8")
    guide.write_text("没有标记\n", encoding="utf-8")
    status, output = run("report", "--labelled", file, "--into", guide)
    assert status != 0
    assert "标记" in output


def test_report_refuses_lines_that_are_no_labelled_texts(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text("不是 JSON\n", encoding="utf-8")
    status, output = run("report", "--labelled", file)
    assert status != 0
    assert "labels" in output
