"""The examples each rule carries, and the lint of the packs as shipped."""

import pytest

from scripts_library import CATEGORIES, load_checker
from scripts_library.checking.checker import Checker
from scripts_library.checking.linting import lint
from scripts_library.checking.packs import load_rule_set
from scripts_library.checking.rules import Rule

RULES = load_rule_set().rules


@pytest.fixture(scope="module")
def checker() -> Checker:
    return load_checker(paraphrase=None)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_hits_its_must_examples(checker: Checker, rule: Rule) -> None:
    assert [text for text in rule.must if not checker.finds(text, rule.id)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_flags_the_must_not_examples(checker: Checker, rule: Rule) -> None:
    flagged = {
        text: [flag.rule_id for flag in checker.check(text).flags if flag.severity > 1]
        for text in rule.must_not
    }
    assert {text: ids for text, ids in flagged.items() if ids} == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_better_wording_passes_the_checker(checker: Checker, rule: Rule) -> None:
    for text in rule.better:
        assert [f.rule_id for f in checker.check(text).flags if f.severity > 1] == []


def test_every_category_has_rules() -> None:
    assert {rule.category for rule in RULES} == set(CATEGORIES)


def test_shipped_packs_are_free_of_findings(checker: Checker) -> None:
    assert [str(finding) for finding in lint(checker)] == []
