"""How a place is written and read: `云栖雅苑3栋1单元502室`."""

import re

from desk.tickets.models import Ticket

_BARE = re.compile(r"[A-Za-z]{0,2}\d{1,4}[A-Za-z]?|[A-Za-z]{1,2}|[一二三四五六七八九十百]{1,4}|\*+")
"""A number or letter that says nothing without its word; words people wrote stay as they are."""
_BUILDING_WORDS = re.compile(r"\s*(?:栋|幢|座|号楼)$")
ROOM_HIDDEN = "***"


def place_text(
    estate: str | None,
    building: str | None,
    unit: str | None = None,
    room: str | None = None,
    spot: str | None = None,
) -> str:
    """Return where it is in one word, e.g. `云栖雅苑3栋1单元5楼楼道`; empty if nothing is known.

    Args:
        building: with its word or without, e.g. `3` or `3栋`; the same for `unit` and `room`.
        room: for those who may see it, else `ROOM_HIDDEN`.
        spot: a floor or a public place, in words.
    """
    parts = (
        (estate or "").strip(),
        named(building, "栋"),
        named(unit, "单元"),
        named(room, "室"),
        (spot or "").strip(),
    )
    text = ""
    for part in filter(None, parts):
        text += f" {part}" if _runs_together(text, part) else part
    return text


def place_of(ticket: Ticket, *, room: str | None = None) -> str:
    """Return a ticket's place; without `room` nothing tells which home it is."""
    return place_text(ticket.estate, ticket.building, ticket.unit, room, ticket.spot)


def named(value: str | None, word: str) -> str:
    """Return a number with the word that says of what, e.g. `3栋`; other values as they are."""
    value = (value or "").strip()
    return f"{value}{word}" if _BARE.fullmatch(value) else value


def building_spellings(building: str) -> tuple[str, ...]:
    """Return how the same building may be stored: as typed, and a number with and without 栋."""
    typed = building.strip()
    number = _BUILDING_WORDS.sub("", typed)
    return tuple(dict.fromkeys((typed, number, named(number, "栋"))))


def _runs_together(text: str, part: str) -> bool:
    return bool(text) and (text[-1] + part[0]).isascii() and (text[-1] + part[0]).isalnum()
