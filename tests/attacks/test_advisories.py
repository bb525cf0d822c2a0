"""The list of advisories is about the versions that are pinned, and says when it was made."""

import re
from datetime import date

import pytest

from desk.settings import PROJECT_DIR

LIST = (PROJECT_DIR / "docs" / "guide" / "advisories.md").read_text("utf-8")
LOCK = (PROJECT_DIR / "requirements.lock").read_text("utf-8")
ROWS = re.findall(r"^\| ([a-z0-9-]+) \| ([0-9][0-9.]*) \|(.*)", LIST, re.MULTILINE)
WATCHED = {"rasa", "tensorflow-cpu", "keras", "sanic", "aiohttp", "werkzeug", "cryptography"}


@pytest.mark.parametrize(("package", "version", "_rest"), ROWS)
def test_the_list_is_about_the_pinned_version(package, version, _rest):
    pinned = re.search(rf"^{re.escape(package)}==([^ ]+)", LOCK, re.MULTILINE)
    assert pinned and pinned[1] == version, (
        f"{package} changed: look at its advisories, then correct docs/guide/advisories.md"
    )


def test_what_matters_most_is_on_the_list_once():
    packages = [package for package, _, _ in ROWS]
    assert set(packages) >= WATCHED
    assert len(packages) == len(set(packages))


def test_the_list_says_when_it_was_made():
    said = re.search(r"Looked at on (\d{4}-\d{2}-\d{2})", LIST)
    assert date.fromisoformat(said[1]) <= date.today()
