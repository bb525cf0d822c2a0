"""Every sentence of the bot passes our own phrase checker (R-G4) and is polite (R-C1)."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from desk.settings import PROJECT_DIR
from scripts_library import load_checker
from scripts_library.checking.verdict import Severity

RESPONSES: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(
    (PROJECT_DIR / "domain.yml").read_text(encoding="utf-8")
)["responses"]
TEXTS = [(name, variant["text"]) for name, variants in RESPONSES.items() for variant in variants]


@pytest.fixture(scope="module")
def checker() -> Any:
    return load_checker()


@pytest.mark.parametrize(
    ("name", "text"), TEXTS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(TEXTS)]
)
def test_a_response_has_no_flag_that_an_agent_would_get(checker: Any, name: str, text: str) -> None:
    flags = [f for f in checker.check(text).flags if f.severity >= Severity.WARN]
    assert [(flag.rule_id, flag.surface) for flag in flags] == []


@pytest.mark.parametrize(
    ("name", "text"), TEXTS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(TEXTS)]
)
def test_a_response_speaks_to_the_customer_with_respect(name: str, text: str) -> None:
    assert "你" not in text.replace("你好", "")
    assert not text.startswith(("喂", "讲话", "哪里", "找谁"))


def test_button_titles_are_checked_too(checker: Any) -> None:
    titles = {
        b["title"]
        for variants in RESPONSES.values()
        for v in variants
        for b in v.get("buttons", [])
    }
    assert titles
    assert [
        t for t in titles if any(f.severity >= Severity.WARN for f in checker.check(t).flags)
    ] == []
