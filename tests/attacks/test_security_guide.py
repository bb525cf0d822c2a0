"""What `docs/guide/security.md` says is tested is tested: every test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from desk.settings import PROJECT_DIR

GUIDE = PROJECT_DIR / "docs" / "guide" / "security.md"
PLACES = (PROJECT_DIR / "tests" / "desk", PROJECT_DIR / "tests")
UNTESTED = {"2.2.2", "2.7", "2.9", "5.4", "13.3"}
"""Rows of what is not there, or has nothing that a test could show."""


def rows(heading):
    """Return the cells of the table below a heading, without its head."""
    text = GUIDE.read_text("utf-8").split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def named(cell):
    return re.findall(r"`([^`]+)`", cell)


@cache
def functions(path: Path):
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def missing(name):
    """Return what is wrong with the name of a test; None if it is there."""
    file, _, function = name.partition("::")
    there = [place / file for place in PLACES if (place / file).exists()]
    if file.endswith("/"):
        return None if any(list(path.glob("test_*.py")) for path in there) else f"{file}: empty"
    if not there:
        return f"{file}: no such file"
    if function and not any(function in functions(path) for path in there):
        return f"{file}: no {function}"
    return None


@pytest.mark.parametrize("row", rows("OWASP"), ids=lambda row: row[0])
def test_every_item_names_a_test_that_is_there(row):
    item, mark, _how, tests = row
    assert mark in {"✓", "◐", "✗", "–"}
    assert [found for found in map(missing, named(tests)) if found] == []
    number = re.match(r"[\d.]+", item).group()
    assert bool(named(tests)) is (number not in UNTESTED), "tell how it is shown"


@pytest.mark.parametrize("row", rows("Attacks"), ids=lambda row: row[0])
def test_every_attack_names_the_functions_that_try_it(row):
    _attack, tests = row
    assert named(tests)
    assert all("::" in name for name in named(tests))
    assert [found for found in map(missing, named(tests)) if found] == []


def test_the_search_finds_what_is_missing():
    assert missing("attacks/test_nothing.py") == "attacks/test_nothing.py: no such file"
    assert missing("attacks/test_requests.py::test_nothing")
    assert missing("nowhere/")
    assert len(rows("OWASP")) > 45 and len(rows("Attacks")) > 20
