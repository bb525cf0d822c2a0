"""Which home a message means: estate, building, number of rooms, area, budget."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from scripts_library.reading.amounts import find_areas, find_money
from scripts_library.reading.numerals import number_of
from scripts_library.reading.places import read_place

_DIGIT = "[1-9一二两三四五六七八九]"
_ROOMS = re.compile(rf"(?<!\d)({_DIGIT})\s*(?:室|房|居|卧)(?!间|产|价|号|东|贷|源|款|屋|本)")
_AT_LEAST = re.compile(r".{0,2}以")
_LEAST_BUDGET = 100_000
"""Smaller sums are deposits and fees."""
_AREA_TOLERANCE = 1.5
_BUDGET_MARGIN = 1.05


class HomeLike(Protocol):
    """The fields of a home that a hint is held against."""

    building: str | None
    layout: str
    area_m2: float
    total_price: float | None


@dataclass(frozen=True, slots=True)
class HomeHint:
    """What a message says about the home; None or empty where it says nothing."""

    estate: str | None = None
    building: str | None = None
    layout: str | None = None
    rooms: int | None = None
    area: float | None = None
    budget: float | None = None

    def __bool__(self) -> bool:
        return any((self.estate, self.building, self.layout, self.rooms, self.area, self.budget))

    def without(self, other: "HomeHint") -> "HomeHint":
        """Return this (remembered) hint without what the other (said now) speaks about."""
        if other.estate:
            return HomeHint()
        building = None if other.building else self.building
        says_which = other.rooms or other.area or other.budget or other.building
        return HomeHint(building=building, layout=None if says_which else self.layout)


def read_home_hint(text: str, estates: Iterable[str] = ()) -> HomeHint:
    """Read a hint from a half-width Simplified text; budget in yuan, area in square metres."""
    place = read_place(text, estates)
    rooms = _ROOMS.search(text)
    folded = text.lower()
    areas = [area for area in find_areas(folded) if not _AT_LEAST.match(folded, area.end)]
    sums = [float(found.value) for found in find_money(folded)]
    return HomeHint(
        estate=place.estate,
        building=place.building,
        rooms=_number(rooms.group(1)) if rooms else None,
        area=float(areas[0].value) if areas else None,
        budget=next((amount for amount in sums if amount >= _LEAST_BUDGET), None),
    )


def fits(hint: HomeHint, home: HomeLike) -> bool:
    """Tell whether a home is what the hint says."""
    if hint.building and (home.building or "").rstrip("栋幢座号楼") != hint.building:
        return False
    if hint.layout and hint.layout != home.layout:
        return False
    if hint.rooms and _rooms_of(home.layout) != hint.rooms:
        return False
    if hint.area and abs(home.area_m2 - hint.area) > _AREA_TOLERANCE:
        return False
    return not hint.budget or (home.total_price or 0.0) <= hint.budget * _BUDGET_MARGIN


def _rooms_of(layout: str) -> int | None:
    found = re.search(rf"({_DIGIT})\s*[室房居]", layout)
    return _number(found.group(1)) if found else None


def _number(written: str) -> int | None:
    number = number_of(written)
    return None if number is None else int(number)
