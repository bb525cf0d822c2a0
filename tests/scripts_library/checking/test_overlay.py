"""One more pack laid over a rule set: what editors publish, without touching the files."""

import json

import pytest

from scripts_library.checking.checker import Checker, load_checker
from scripts_library.checking.packs import PACKS_DIR, load_rule_set, overlay_rule_set, read_rule_set
from scripts_library.errors import LexiconError


@pytest.fixture(scope="module")
def checker() -> Checker:
    return load_checker(paraphrase=None)


def pack(**changes: object) -> bytes:
    rule: dict[str, object] = {
        "id": "refusal.lantern",
        "category": "refusal",
        "severity": "block",
        "clause": "测试",
        "reason": "测试",
        "better": ["请稍等。"],
        "patterns": ["灯笼不(给|借)"],
        "examples": {"must": ["灯笼不借"]},
    }
    return json.dumps({"rules": [rule | changes]}, ensure_ascii=False).encode()


def rules_of(checker: Checker, text: str) -> set[str]:
    return {flag.rule_id for flag in checker.check(text).flags}


def test_a_new_rule_counts_beside_the_others(checker: Checker) -> None:
    base = checker.rule_set
    wider = checker.with_rules(overlay_rule_set(base, "new.yml", pack()))
    assert rules_of(wider, "我们的灯笼不借") == {"refusal.lantern"}
    assert rules_of(wider, "急什么，没看到我在忙着吗") == rules_of(
        checker, "急什么，没看到我在忙着吗"
    )
    assert rules_of(checker, "我们的灯笼不借") == set()
    assert wider.version != checker.version
    assert len(wider.rule_set.rules) == len(base.rules) + 1


def test_a_known_id_is_replaced_and_a_removed_one_is_gone(checker: Checker) -> None:
    base = checker.rule_set
    first, second = base.rules[0], base.rules[1]
    laid = overlay_rule_set(base, "new.yml", pack(id=first.id), removed=[second.id, "no.such"])
    ids = [rule.id for rule in laid.rules]
    assert ids == sorted(ids)
    assert len(ids) == len(base.rules) - 1
    assert second.id not in ids
    assert next(r for r in laid.rules if r.id == first.id).patterns == ("灯笼不(给|借)",)


def test_words_of_the_base_may_be_used(checker: Checker) -> None:
    laid = overlay_rule_set(checker.rule_set, "new.yml", pack(patterns=["<me>借灯笼"]))
    assert "refusal.lantern" in {rule.id for rule in laid.rules}


def test_equal_content_has_an_equal_version(checker: Checker) -> None:
    base = checker.rule_set
    versions = {
        overlay_rule_set(base, "new.yml", pack()).version,
        overlay_rule_set(base, "new.yml", pack()).version,
        overlay_rule_set(base, "new.yml", pack(), removed=["a.b"]).version,
        overlay_rule_set(base, "new.yml", pack(reason="别的")).version,
    }
    assert len(versions) == 3


def test_every_fault_of_the_pack_is_named(checker: Checker) -> None:
    with pytest.raises(LexiconError) as caught:
        overlay_rule_set(checker.rule_set, "new.yml", pack(patterns=["(甲"], severity="hard"))
    assert len(caught.value.problems) == 2
    assert {problem.file for problem in caught.value.problems} == {"new.yml"}


def test_packs_read_from_memory_are_those_of_the_folder() -> None:
    packs = {file.name: file.read_bytes() for file in PACKS_DIR.glob("*.yml")}
    assert read_rule_set(packs) == load_rule_set()
