"""Broken packs: all problems at once with file, line, value and fix; the last good set stays."""

from pathlib import Path

import pytest

from scripts_library import LexiconError, load_checker
from scripts_library.checking.linting import lint
from scripts_library.checking.packs import load_rule_set
from scripts_library.checking.ruleset_diff import diff

GOOD = """\
category: refusal
words:
  me: [我, 我们]
rules:
  - id: refusal.no
    severity: block
    clause: 手册第1条
    reason: 生硬
    better: [我来想办法]
    patterns: [<me>不办]
    exceptions:
      - {pattern: 我不办也行, why: 另一个意思}
    examples:
      must: [我们不办]
      must_not: [我不办也行]
"""
RULE = (
    "  - {{id: {id}, severity: {severity}, clause: c, reason: r, better: [b], "
    "patterns: [{pattern}], examples: {{must: [{must}]}}}}\n"
)


def write(folder: Path, text: str, name: str = "a.yml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def make_rule(id: str, pattern: str, *, severity: str = "block", must: str = "") -> str:
    return RULE.format(id=id, severity=severity, pattern=pattern, must=must or pattern)


def test_good_pack_loads_and_flags(tmp_path: Path) -> None:
    checker = load_checker(write(tmp_path, GOOD), paraphrase=None)
    assert [f.rule_id for f in checker.check("这事我们不办").flags] == ["refusal.no"]
    assert checker.check("我不办也行").flags == ()
    assert checker.check("我不办也行").excused[0].why == "另一个意思"


def test_a_repeated_id_is_reported_beside_the_rule_s_other_faults(tmp_path: Path) -> None:
    bad = GOOD + make_rule("refusal.no", "(不办", must="不办")
    with pytest.raises(LexiconError) as error:
        load_rule_set(write(tmp_path, bad))
    messages = [problem.message for problem in error.value.problems]
    assert any("编号重复,a.yml:5" in message for message in messages)
    assert any("缺少「)」" in message for message in messages)


def test_all_problems_are_reported_at_once_with_line_and_fix(tmp_path: Path) -> None:
    bad = GOOD.replace("severity: block", "severity: hard").replace("reason: 生硬", "reson: 生硬")
    bad = bad.replace("[<me>不办]", "[(不办]")
    with pytest.raises(LexiconError) as error:
        load_rule_set(write(tmp_path, bad))
    lines = {problem.line for problem in error.value.problems}
    assert {6, 8, 10} <= lines
    assert len(error.value.problems) >= 4
    for problem in error.value.problems:
        assert problem.file == "a.yml"
        assert problem.fix
    assert "a.yml:6" in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "最外层"),
        ("rules: [", "YAML"),
        ("rules: 3", "列表"),
        ("rules: [3]", "键: 值"),
        ("rule: []", "没有这个键"),
        (GOOD.replace("    better: [我来想办法]\n", ""), "better"),
        (GOOD.replace("      must: [我们不办]\n", ""), "examples.must"),
        (GOOD.replace("category: refusal", "category: nonsense"), "category"),
        (GOOD + GOOD.split("rules:\n")[1], "编号重复"),
        (GOOD.replace(", why: 另一个意思", ""), "why"),
    ],
)
def test_fault_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LexiconError, match=message):
        load_rule_set(write(tmp_path, text))


def test_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes("category: 拒绝".encode("gbk"))
    with pytest.raises(LexiconError, match="UTF-8"):
        load_rule_set(tmp_path)


def test_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="没有规则文件"):
        load_rule_set(tmp_path)


def test_reload_keeps_the_last_good_set_on_a_broken_file(tmp_path: Path) -> None:
    checker = load_checker(write(tmp_path, GOOD), paraphrase=None)
    version = checker.version
    write(tmp_path, GOOD.replace("severity: block", "severity: x"))
    with pytest.raises(LexiconError):
        checker.reload()
    assert checker.version == version
    assert checker.check("我们不办").flags
    write(tmp_path, GOOD.replace("severity: block", "severity: hint"))
    checker.reload()
    assert checker.version != version
    assert checker.check("我们不办").flags[0].severity.label == "hint"


def test_order_of_files_and_rules_is_irrelevant(tmp_path: Path) -> None:
    first, second = make_rule("refusal.a", "不给办"), make_rule("refusal.b", "给办")
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    a = load_checker(write(one, "category: refusal\nrules:\n" + first + second), paraphrase=None)
    b = load_checker(write(two, "category: refusal\nrules:\n" + second + first), paraphrase=None)
    text = "就不给办，给办也不办"
    assert a.check(text).flags == b.check(text).flags


@pytest.mark.parametrize(
    ("rules", "kind"),
    [
        (make_rule("refusal.a", "拒.绝.办.理", must="拒绝办理"), "dead"),
        (make_rule("refusal.a", "不给办") + make_rule("refusal.b", "就是不给办"), "shadowed"),
        (make_rule("refusal.a", "不给办", must="另一句"), "example"),
        (make_rule("refusal.a", "不"), "costly"),
    ],
)
def test_lint_names_what_is_wrong(tmp_path: Path, rules: str, kind: str) -> None:
    pack = write(tmp_path, "category: refusal\nrules:\n" + rules)
    findings = lint(load_checker(pack, paraphrase=None))
    assert kind in {finding.kind for finding in findings}
    assert all(finding.file == "a.yml" and finding.line for finding in findings)


def test_lint_names_an_exception_that_excuses_everything(tmp_path: Path) -> None:
    text = GOOD.replace("pattern: 我不办也行", "pattern: 不办")
    findings = lint(load_checker(write(tmp_path, text), paraphrase=None))
    assert {"contradiction", "example"} <= {finding.kind for finding in findings}


def test_diff_shows_what_a_change_alters(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    old = load_checker(write(one, GOOD), paraphrase=None)
    new = load_checker(
        write(two, GOOD.replace("[<me>不办]", "[不给退]").replace("我们不办", "不给退")),
        paraphrase=None,
    )
    result = diff(old, new, ["我们不办", "不给退", "好的", ""])
    assert result.replies == 3
    assert result.rules_changed == ("refusal.no",)
    assert (result.newly_flagged, result.no_longer_flagged) == (1, 1)
    assert [change.index for change in result.changes] == [0, 1]
