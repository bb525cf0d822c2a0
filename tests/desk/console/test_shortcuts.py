"""The keys: the page, the guide and the script of the page name the same ones."""

import re

from desk.console.desk_page import SCRIPT
from desk.console.shortcuts import KEYS
from desk.locale import t
from desk.settings import PROJECT_DIR

GUIDE = PROJECT_DIR / "docs" / "guide" / "workbench.md"


def test_the_guide_lists_the_keys_of_the_page():
    rows = re.findall(r"^\| (\S.*?) \| (.*?) \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    listed = rows[rows.index(("press", "does")) + 1 :][: len(KEYS)]
    assert listed == [(keys, t(f"workbench.keys.{name}")) for keys, name in KEYS]


def test_every_key_of_a_button_is_listed():
    sources = (PROJECT_DIR / "desk" / "console").glob("*.py")
    found = {
        key
        for path in sources
        for key in re.findall(r'(?:key="|data-shortcut="?)(Alt\+[A-Z])\b', path.read_text("utf-8"))
    }
    found |= set(re.findall(r'"(Alt\+[A-Z])"', SCRIPT))
    assert found == {keys for keys, _ in KEYS if re.fullmatch(r"Alt\+[A-Z]", keys)}


def test_keys_are_given_once():
    keys = [keys for keys, _ in KEYS]
    assert len(keys) == len(set(keys))
