"""Simplified or Traditional: which one a browser wants, and our texts in it (one catalogue)."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from desk.locale import texts
from scripts_library.text.chinese import to_traditional


class Script(StrEnum):
    """A script of Chinese; the value is the language tag of pages in it."""

    SIMPLIFIED = "zh-Hans"
    TRADITIONAL = "zh-Hant"


_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def script_wanted(accept_language: str, chosen: str = "") -> Script:
    """Return the script to show: the one chosen, else that of the first Chinese the browser
    names, else Simplified."""
    if chosen in set(Script):
        return Script(chosen)
    ranked = sorted(
        map(_language, accept_language.split(",")), reverse=True, key=lambda one: one[1]
    )
    first = next((tag for tag, weight in ranked if tag.startswith("zh") and weight > 0), "")
    return Script.TRADITIONAL if first.startswith(_TRADITIONAL) else Script.SIMPLIFIED


def in_script(content: Any, script: Script) -> Any:
    """Return texts, also in lists and mappings, in the script."""
    if script == Script.SIMPLIFIED:
        return content
    if isinstance(content, str):
        return to_traditional(content)
    if isinstance(content, Mapping):
        return {name: in_script(value, script) for name, value in content.items()}
    return [in_script(value, script) for value in content]


@cache
def page_texts(file: str, script: Script) -> Mapping[str, Any]:
    """Return one file of the catalogue in the script; converted at the first call."""
    converted: Mapping[str, Any] = in_script(dict(texts(file)), script)
    return converted


def _language(part: str) -> tuple[str, float]:
    tag, _, weight = part.partition(";q=")
    try:
        return tag.strip().lower(), float(weight) if weight else 1.0
    except ValueError:
        return tag.strip().lower(), 0.0
