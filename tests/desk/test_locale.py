"""Texts: every key the code names exists, and placeholders are filled."""

import re
from string import Formatter

import pytest

from desk.locale import LOCALE_DIR, MissingText, t, texts
from desk.settings import PROJECT_DIR

FILES = sorted(path.stem for path in LOCALE_DIR.glob("*.yml"))
# A literal `file.name` of a file there is; not a file, a column, a job or an event of the log.
LOGGED = "".join(rf"(?<!log\.{level}\()" for level in ("debug", "info", "warning", "error"))
KEY = re.compile(rf'{LOGGED}(?<!Job\()"((?:{"|".join(FILES)})\.[a-z_]+(?:\.[a-z_]+)*)"')
NO_KEY = re.compile(r"\.(html|css|js|json|yml|db|id)$")
SOURCES = [
    path
    for folder in ("desk", "actions")
    for path in (PROJECT_DIR / folder).rglob("*.py")
    if "migrations" not in path.parts
]


def keys_in_code():
    found = {key for path in SOURCES for key in KEY.findall(path.read_text("utf-8"))}
    return sorted(key for key in found if not NO_KEY.search(key))


def is_known(key):
    file, _, name = key.partition(".")
    found = texts(file)
    for part in name.split("."):
        if part not in found:
            return False
        found = found[part]
    return True


def test_every_key_in_the_code_has_its_text():
    keys = keys_in_code()
    assert len(keys) > 1000
    assert [key for key in keys if not is_known(key)] == []


@pytest.mark.parametrize("file", FILES)
def test_every_text_can_be_formatted(file):
    def walk(value):
        for inner in value.values() if isinstance(value, dict) else [value]:
            if isinstance(inner, dict | list):
                yield from walk(inner if isinstance(inner, dict) else dict(enumerate(inner)))
            else:
                yield str(inner)

    for text in walk(dict(texts(file))):
        for _literal, name, _spec, _conversion in Formatter().parse(text):
            assert name is None or name.isidentifier(), text


def test_values_take_their_places():
    assert "4000" in t("errors.message_too_long", limit=4000)


@pytest.mark.parametrize("key", ["errors.nothing", "nofile.x", "errors", "review.columns"])
def test_unknown_keys_are_errors(key):
    if key == "review.columns":
        assert isinstance(texts("review")["columns"], dict)
    else:
        with pytest.raises(MissingText):
            t(key)


def test_a_missing_value_is_an_error():
    with pytest.raises(MissingText):
        t("errors.message_too_long")
