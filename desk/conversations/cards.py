"""Cards: what a message shows as a form or a list, beside the text that says the same in words.

Kinds and their fields, all strings unless said otherwise:

- `summary`: `title`, `fields` (list of `label`, `value`, `edit`: payload of the button that changes
  it, or None).
- `consent`: `title`, `notice`, `version`, `points` (list).
- `progress`: `title`, `number`, `state`, `state_text`, `department`, `due` (or None), `steps`
  (list of `at`, `text`, oldest first).

What can be answered are the message's buttons and the cards' `edit` payloads.
"""

from collections.abc import Callable, Mapping
from typing import Any

Card = dict[str, Any]

FIELD_LIMIT, STEP_LIMIT, POINT_LIMIT = 20, 30, 10
TEXT_LIMIT = 4000
_CODES = frozenset({"kind", "edit", "number", "state", "version"})
"""Fields that no person reads as words: they stay as they are in every script."""


def read_card(raw: Any) -> Card | None:
    """Return the card that the bot sent with exactly the fields of its kind; None if it is none.

    A page shows nothing of a card it can't read: the message's text says it all.
    """
    if not isinstance(raw, Mapping):
        return None
    read = _READERS.get(str(raw.get("kind")))
    try:
        return read(raw) if read else None
    except (KeyError, TypeError, ValueError):
        return None


def card_payloads(card: Card | None) -> list[str]:
    """Return the payloads that a card's own buttons send."""
    fields = card.get("fields", ()) if card else ()
    return [field["edit"] for field in fields if field.get("edit")]


def in_script(card: Card, convert: Callable[[str], str]) -> Card:
    """Return a card with its words, not its codes, in another script."""

    def converted(name: str, value: Any) -> Any:
        if isinstance(value, str):
            return value if name in _CODES else convert(value)
        if isinstance(value, dict):
            return {key: converted(key, part) for key, part in value.items()}
        if isinstance(value, list):
            return [converted(name, part) for part in value]
        return value

    return {name: converted(name, value) for name, value in card.items()}


def _summary(raw: Mapping[str, Any]) -> Card:
    fields = [
        {"label": _text(one, "label"), "value": _text(one, "value"), "edit": _maybe(one, "edit")}
        for one in raw["fields"][:FIELD_LIMIT]
    ]
    return {"kind": "summary", "title": _text(raw, "title"), "fields": fields}


def _consent(raw: Mapping[str, Any]) -> Card:
    texts = {name: _text(raw, name) for name in ("title", "notice", "version")}
    points = [str(point)[:TEXT_LIMIT] for point in raw["points"][:POINT_LIMIT]]
    return {"kind": "consent", **texts, "points": points}


def _progress(raw: Mapping[str, Any]) -> Card:
    names = ("title", "number", "state", "state_text", "department")
    steps = [{"at": _text(one, "at"), "text": _text(one, "text")} for one in raw["steps"]]
    texts = {name: _text(raw, name) for name in names}
    return {"kind": "progress", **texts, "due": _maybe(raw, "due"), "steps": steps[-STEP_LIMIT:]}


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Card]] = {
    "summary": _summary,
    "consent": _consent,
    "progress": _progress,
}


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value[:TEXT_LIMIT]


def _maybe(raw: Mapping[str, Any], name: str) -> str | None:
    return None if raw.get(name) is None else _text(raw, name)
