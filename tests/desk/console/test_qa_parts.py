"""QA's pages: what is computed for them, without a browser."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.console.qa_chooser import Chooser
from desk.console.qa_score_parts import averages, criterion_name
from desk.console.qa_shell import compare
from desk.console.rules_form import exceptions_as_text, exceptions_of
from desk.console.rules_page import matching as matching_rules
from desk.console.scripts_page import is_expired
from desk.console.scripts_page import matching as matching_scripts
from desk.errors import InvalidInput
from scripts_library.checking.packs import load_rule_set
from scripts_library.suggesting.library import load_scripts


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_wordings_in_pieces_are_still_those_wordings(old: str, new: str) -> None:
    before, after = compare(old, new)
    assert "".join(piece.text for piece in before) == old
    assert "".join(piece.text for piece in after) == new
    same = ["".join(p.text for p in pieces if not p.is_changed) for pieces in (before, after)]
    assert same[0] == same[1]


def test_what_changed_is_marked() -> None:
    before, after = compare("急什么，请稍等", "您别着急，请稍等")
    assert [piece.text for piece in before if piece.is_changed] == ["什么"]
    assert [piece.text for piece in after if piece.is_changed] == ["您别着"]


EXCEPTIONS = [
    {"pattern": "房东没得谈", "why": "说的是房东", "within": "hit"},
    {"pattern": "(业主|租客)说", "why": "转述", "within": "sentence"},
]


def test_exceptions_survive_their_way_through_the_field() -> None:
    text = exceptions_as_text(EXCEPTIONS)
    assert text == "房东没得谈 => 说的是房东\n(业主|租客)说 => 转述 => sentence"
    assert exceptions_of(f"\n{text}\n \n") == EXCEPTIONS
    assert exceptions_of("") == []


@pytest.mark.parametrize(
    "line", ["房东没得谈", "房东 =>", "=> 转述", "甲 => 乙 => 附近", "a => b => hit => d"]
)
def test_an_exception_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        exceptions_of(line)
    assert line in caught.value.details["problems"]


def test_every_own_exception_survives_the_field() -> None:
    for rule in load_rule_set().rules:
        bodies = [{"pattern": e.pattern, "why": e.why, "within": e.within} for e in rule.exceptions]
        assert exceptions_of(exceptions_as_text(bodies)) == bodies


def test_rules_are_found_by_id_pattern_and_category() -> None:
    rules = load_rule_set().rules
    assert matching_rules(rules, "", "") == list(rules)
    named = matching_rules(rules, " REFUSAL. ", "")
    assert named
    assert all("refusal." in rule.id for rule in named)
    assert {rule.category for rule in matching_rules(rules, "", "insult")} == {"insult"}
    assert matching_rules(rules, "没有这样的词", "") == []


def test_scripts_are_found_by_text_question_and_topic() -> None:
    scripts = load_scripts()
    assert len(matching_scripts(scripts, "", "")) == len(scripts)
    found = matching_scripts(scripts, "你是机器人吗", "")
    assert [one.id for one in found] == ["bot_challenge.who"]
    assert {one.topic for one in matching_scripts(scripts, "", "greet")} == {"greet"}


def test_a_script_is_expired_the_day_after_its_review_date() -> None:
    script = load_scripts()[0]
    assert script.review_date == date(2027, 6, 30)
    assert not is_expired(script, date(2027, 6, 30))
    assert is_expired(script, date(2027, 7, 1))


def test_criteria_have_their_names_and_old_ones_keep_their_id() -> None:
    assert criterion_name("wording") == "用语规范"
    assert averages({"outcome": 2, "charm": 4, "first_contact": 5}) == [
        ("首问负责", 5),
        ("处理结果", 2),
        ("charm", 4),
    ]


async def test_a_row_that_was_left_meanwhile_is_not_the_chosen_one() -> None:
    async def nothing_to_draw() -> None:
        pass

    chooser = Chooser[str](lambda row: row, nothing_to_draw)
    chooser.take(["a", "b"])
    assert chooser.is_chosen("a")
    _, following = chooser.keys()["j"]
    await following()
    assert not chooser.is_chosen("a")
    chooser.take(["b", "c"])
    assert chooser.is_chosen("b")
