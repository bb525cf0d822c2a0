"""The script library: what the shipped scripts hold to, and how broken files are reported."""

import re
from collections import Counter
from pathlib import Path

import pytest

from scripts_library import Severity, load_checker
from scripts_library.suggesting.library import (
    FILL_INS,
    STEPS,
    TONES,
    Script,
    ScriptFileError,
    ScriptLibrary,
    complaint_topics,
    load_scripts,
    topic_names,
)
from scripts_library.suggesting.suggester import fill_in

COURTESY = {
    1: r"[你您]好",
    2: r"(上午|下午|晚上)好！\{company\}客服中心，我姓\{agent_name\}，请问有什么可以帮您",
    3: r"谢谢",
    4: r"对不起",
    5: r"不客气",
    6: r"再见",
    7: r"请稍等",
    8: r"是的，\{customer_title\}",
    9: r"请问您找哪位",
    10: r"请问有什么可以帮您吗",
    11: r"请您不要着急",
    12: r"请您与\{department\}\{handler\}联系",
    13: r"请留下您的电话号码和姓名，好吗",
    14: r"我们会为您提供帮助",
    15: r"请您填好投诉单",
    16: r"谢谢您的批评指正",
    17: r"这是我们应该做的",
    18: r"谢谢您的来电",
    19: r"对不起，打扰了",
    20: r"对于您反映的问题我们会马上处理，并尽快给您回复，好吗",
}
"""The 20 courtesy phrases of the property rule book (R-C1), as they stand in scripts."""

GOOD = """\
topic: ask_price
owner: 销售部
review_date: 2027-06-30
scripts:
  - {id: ask_price.one, step: answer, text: "总价{price}。", asks: [多少钱]}
"""


@pytest.fixture(scope="module")
def scripts() -> tuple[Script, ...]:
    return load_scripts()


def write(folder: Path, text: str, name: str = "a.yml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def problems_of(folder: Path) -> list[tuple[int, str]]:
    with pytest.raises(ScriptFileError) as caught:
        load_scripts(folder)
    return [(problem.line, problem.value) for problem in caught.value.problems]


def test_at_least_250_scripts_with_unique_texts(scripts: tuple[Script, ...]) -> None:
    assert len(scripts) >= 250
    assert [text for text, n in Counter(s.text for s in scripts).items() if n > 1] == []


def test_every_topic_has_three_scripts_or_more(scripts: tuple[Script, ...]) -> None:
    counts = Counter(script.topic for script in scripts)
    assert {topic for topic in topic_names() if counts[topic] < 3} == set()


def test_every_step_and_tone_is_used(scripts: tuple[Script, ...]) -> None:
    assert {script.step for script in scripts} == set(STEPS)
    assert {script.tone for script in scripts} == set(TONES)


def test_every_complaint_category_hands_over_to_a_department(scripts: tuple[Script, ...]) -> None:
    assert {s.topic for s in scripts if s.step == "transfer"} >= complaint_topics()


def test_every_script_has_owner_review_date_and_questions(scripts: tuple[Script, ...]) -> None:
    assert [s.id for s in scripts if not (s.owner and s.review_date and s.asks)] == []


def test_no_question_leads_to_two_scripts(scripts: tuple[Script, ...]) -> None:
    counts = Counter(ask for script in scripts for ask in script.asks)
    assert [ask for ask, n in counts.items() if n > 1] == []


@pytest.mark.parametrize("number", COURTESY)
def test_courtesy_phrase_is_used(scripts: tuple[Script, ...], number: int) -> None:
    assert [s.id for s in scripts if re.search(COURTESY[number], s.text)]


def test_every_script_passes_the_checker(scripts: tuple[Script, ...]) -> None:
    checker = load_checker()
    example = dict.fromkeys(FILL_INS, "甲") | {"price": "100 万", "deadline": "明天 18:00"}
    flagged = {
        (script.id, flag.rule_id)
        for script in scripts
        for text in (script.text, fill_in(script.text, {})[0], fill_in(script.text, example)[0])
        for flag in checker.check(text).flags
        if flag.severity is not Severity.HINT
    }
    assert flagged == set()


def test_topics_are_those_of_the_taxonomy() -> None:
    assert len(topic_names()) == 42 + 18
    assert len(complaint_topics()) == 18


def test_reads_heads_and_overrides(tmp_path: Path) -> None:
    (script,) = load_scripts(write(tmp_path, GOOD))
    assert (script.topic, script.owner, script.source) == ("ask_price", "销售部", "a.yml:5")
    assert script.fill_ins == ("price",)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (GOOD.replace("ask_price\n", "ask_prise\n"), (1, "ask_prise")),
        (GOOD.replace("answer", "reply"), (5, "reply")),
        (GOOD.replace("{price}", "{prize}"), (5, "{prize}")),
        (GOOD.replace("{price}", "{price"), (5, "总价{price。")),
        (GOOD.replace("2027-06-30", "明年"), (3, "明年")),
        (GOOD.replace("ask_price.one", "Ask One"), (5, "Ask One")),
        (GOOD.replace("asks: [多少钱]", "asks: 多少钱"), (5, "asks")),
        (GOOD.replace("asks:", "ask:"), (5, "ask")),
        (GOOD.replace("多少钱", "多" * 61), (5, "多" * 40)),
        (GOOD.replace("总价", "总" * 401), (5, "总" * 40)),
        (GOOD + GOOD.splitlines()[-1], (6, "ask_price.one")),
        ("scripts: 3", (1, "scripts")),
        ("- 1", (1, "a.yml")),
    ],
)
def test_a_broken_file_names_line_and_value(
    tmp_path: Path, broken: str, expected: tuple[int, str]
) -> None:
    assert expected in problems_of(write(tmp_path, broken))


def test_all_problems_at_once_over_files(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("answer", "reply"))
    write(tmp_path, GOOD.replace("{price}", "{prize}"), "b.yml")
    assert problems_of(tmp_path)[:2] == [(5, "reply"), (5, "{prize}")]


def test_message_names_file_line_value_and_fix(tmp_path: Path) -> None:
    with pytest.raises(ScriptFileError, match=r"a\.yml:5.*reply.*greeting"):
        load_scripts(write(tmp_path, GOOD.replace("answer", "reply")))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"a: [", b"", b"a: &x [*x]"])
def test_files_that_are_no_yaml(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.yml").write_bytes(data)
    assert problems_of(tmp_path)


def test_an_empty_folder_is_a_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == [(1, "*.yml")]


def test_the_last_good_set_stays_in_force(tmp_path: Path) -> None:
    library = ScriptLibrary(write(tmp_path, GOOD))
    write(tmp_path, GOOD.replace("answer", "reply"))
    assert [problem.value for problem in library.reload()] == ["reply"]
    assert library.get("ask_price.one") is not None
    write(tmp_path, GOOD.replace("ask_price.one", "ask_price.two"))
    assert library.reload() == ()
    assert [script.id for script in library.scripts] == ["ask_price.two"]
