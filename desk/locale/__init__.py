"""Texts for people, in `zh_CN/<file>.yml`; a text's key is `<file>.<name>`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

LOCALE_DIR = Path(__file__).resolve().parent / "zh_CN"


class MissingText(KeyError):
    """No text has this key."""


@cache
def texts(file: str) -> Mapping[str, Any]:
    """Return all texts of one file (without `.yml`), read at the first call."""
    path = LOCALE_DIR / f"{file}.yml"
    if not path.is_file():
        raise MissingText(file)
    return dict(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {})


def t(key: str, **values: Any) -> str:
    """Return the text of a key with its `{placeholders}` filled in.

    Raises:
        MissingText: unknown key, or the text needs a value that was not given.
    """
    file, _, name = key.partition(".")
    text: Any = texts(file)
    for part in name.split("."):
        if not isinstance(text, Mapping) or part not in text:
            raise MissingText(key)
        text = text[part]
    try:
        return str(text).format(**values)
    except (KeyError, IndexError) as error:
        raise MissingText(f"{key}: {error}") from error
