"""Writes the rules in force back into YAML packs, with the comments of the program's own files."""

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from desk.rulebook.bodies import PACK, Body, Overlay


def packs_with(overlay: Overlay, packs: Mapping[str, bytes]) -> dict[str, str]:
    """Return the packs, file name -> text, with the changes written into them.

    A file without a change stays as it is, to the byte. New rules come into `published.yml`.
    """
    left = dict(overlay.changed)
    found = {}
    for name, content in packs.items():
        text = content.decode()
        found[name] = _rewritten(text, left, set(overlay.removed)) or text
    if left:
        found[PACK] = _dump({"rules": [left[key] for key in sorted(left)]})
    return found


def _rewritten(text: str, left: dict[str, Body], removed: set[str]) -> str | None:
    """Return the pack with its changed rules replaced and taken from `left`; None: no change."""
    pack = _yaml().load(text) or {}
    rules = pack.get("rules") or []
    is_changed = False
    for index in reversed(range(len(rules))):
        rule_id = rules[index].get("id")
        if rule_id in left:
            rules[index] = left.pop(rule_id)
            is_changed = True
        elif rule_id in removed:
            del rules[index]
            is_changed = True
    return _dump(pack) if is_changed else None


def _yaml() -> Any:
    yaml: Any = YAML()
    yaml.width = 10_000
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dump(content: Any) -> str:
    out = io.StringIO()
    _yaml().dump(content, out)
    return out.getvalue()
