"""Building, unit, room, floor: 「3栋2单元1501」「3-2-1501」「三号楼二单元十五楼」「8幢903室」."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from scripts_library.reading.found import Found
from scripts_library.reading.numerals import CHINESE, SMALL, number_of, plain
from scripts_library.reading.spots import (
    HIGHEST_FLOOR,
    beside_room,
    find_spots,
    is_public,
    merge_spots,
    without_denied_spots,
)

_MOST_UNITS = 20
_MOST_DOORS = 60
_READ = "\ue000"
"""Stands for characters that are read already."""

_BUILDING = re.compile(
    rf"(?<![\da-z.{CHINESE}])(?P<n>[a-z]?{SMALL}|[a-z](?=座|栋|幢|号楼))\s?(?:号楼|栋楼?|幢楼?|座(?!位|椅|机)|#楼?)"
    r"(?P<rest>\s?[-,]?\s?(?=\d{3,4}(?!\d)))?"
)
_COUNTED = re.compile(r"(?:[共有这那哪每某另几隔壁前后]|总共|一共|剩)$")
_UNIT = re.compile(rf"(?<![\da-z.{CHINESE}])({SMALL}|[a-d])\s?(?:单元|门洞|单(?=\d{{3,4}}))")
_ROOM = re.compile(
    r"(?<![\da-z.#-])(\d{3,4}[a-f]?)\s?(?:室|号房(?![子价])|房间?(?![子价型产东屋本贷源款])|户(?!型|[主口]))"
)
_ROOM_AFTER = re.compile(
    r"(?:号楼|栋楼?|幢楼?|座|#楼?|单元|单元门|门洞|单)\s?[-,]?\s?(\d{3,4}(?:[a-f](?![a-z]))?)(?![\d.:年月平米元块万w]|\s?[平元块万])"
)
_DASHED = re.compile(
    r"(?<![\d.a-z:/-])([a-z]?\d{1,3})\s?[-#]\s?(?:(\d{1,2})\s?-\s?)?(\d{3,4})(?![\d.:/-]|\s?[平万元块米号年月w%])"
)
_PLACE_BEFORE = re.compile(
    r"(?:住|在|我是|家|房号|地址|门牌|小区|[苑园城府湾庭里区期邸居郡墅院\ue000])[是为:,\s]{0,2}$"
)
_FLOOR = re.compile(
    rf"(?<![\da-z.{CHINESE}])(?P<sign>负|地下|b|-)?(?P<n>{SMALL})\s?(?:楼(?![道栋盘])|层(?![次高]))"
    r"|(?<![\d/])(?P<of>\d{1,2})/\d{1,2}\s?层"
)


_DOOR_ON_FLOOR = re.compile(rf"({SMALL})\s?(?:楼|层)\s?(\d{{1,2}})\s?(?:室|号|户)")
_ROOM_ON_FLOOR = re.compile(rf"({SMALL})\s?(?:楼|层)\s?,?(\d{{3,4}})(?![\d.:年月平米元块万w])")
_ROOM_ALONE = re.compile(r"^\D{0,3}(?<!\d)(\d{3,4}[a-z]?)\D{0,2}$")
_SPACED = re.compile(r"^\D{0,4}(\d{1,3})\s+(\d{1,2})\s+(\d{3,4})\D{0,2}$")
_NUMBERED = re.compile(r"(?<!\d)(\d{1,3})号\s?(\d{3,4})(?!\d|\s?[平元块万年月])")
_DENIED = re.compile(
    rf"(?:不是|不在|不住)\s?[a-z]?{SMALL}(?:号楼|栋|幢|座|单元|室|号)?(?:{SMALL})?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is; None where the message does not say.

    `spot` is a floor or a public place in words, e.g. `5楼楼道`, `负1楼车库`, `北门`.
    """

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    spot: str | None = None

    def __bool__(self) -> bool:
        return any((self.estate, self.building, self.unit, self.room, self.spot))

    @property
    def text(self) -> str:
        """The place as one writes it, e.g. `云栖雅苑3栋2单元502室`, `3栋2单元5楼楼道`."""
        parts = (
            self.estate,
            self.building and f"{self.building}栋",
            self.unit and f"{self.unit}单元",
            self.room and f"{self.room}室",
            self.spot,
        )
        return "".join(part for part in parts if part)

    @property
    def has_public_place(self) -> bool:
        """Tell whether the spot is more than a floor, which may be that of a home."""
        return is_public(self.spot or "")


def read_place(text: str, estates: Iterable[str] = (), *, is_asked: bool = False) -> Place:
    """Read a place from a half-width Simplified text.

    The last building, unit, room and spot count: people correct themselves towards the end. A
    floor or public place counts where it follows a building or unit.

    Args:
        text: what the customer wrote; what they deny (「不是3栋」) is left out.
        estates: names of the company's estates.
        is_asked: a place was asked for, so bare numbers, floors and public places count as one.
    """
    estate = next((name for name in sorted(estates, key=len, reverse=True) if name in text), None)
    if estate:
        text = text.replace(estate, _READ * len(estate))
    text = _DENIED.sub(" ", without_denied_spots(text.lower()))
    said = _said(text, is_asked=is_asked)
    building, unit, room = (said.get(kind) for kind in ("building", "unit", "room"))
    room = room or _on_floor(text)
    if not room and is_asked:
        building, unit, room = _bare(text, building, unit)
    return _checked(Place(estate, building, unit, room, said.get("spot")))


def merge(old: Place, new: Place) -> Place:
    """Return the old place with what the new one says; a spot of another building goes."""
    if new.building and old.building not in (None, new.building):
        old = replace(old, spot=None)
    return _checked(
        Place(
            new.estate or old.estate,
            new.building or old.building,
            new.unit or old.unit,
            new.room or old.room,
            merge_spots(old.spot, new.spot),
        )
    )


def _checked(place: Place) -> Place:
    """Leave out of the spot what the room says."""
    return replace(place, spot=beside_room(place.spot, place.room)) if place.room else place


def _said(text: str, *, is_asked: bool) -> dict[str, str]:
    """Return the last of each kind."""
    places = find_places(text, is_asked=is_asked)
    said: dict[str, str] = {}
    for one in sorted([*places, *find_spots(text, places, is_asked=is_asked)], key=_start):
        if one.kind == "spot":
            said["spot"] = merge_spots(said.get("spot"), one.value) or one.value
            continue
        if one.kind == "building" and said.get("building") not in (None, one.value):
            said.pop("spot", None)
        said[one.kind] = one.value
    return said


def _start(found: Found) -> int:
    return found.start


def _on_floor(text: str) -> str | None:
    """Return the room of 「5楼1号」 or 「5楼502」."""
    door, whole = _DOOR_ON_FLOOR.search(text), _ROOM_ON_FLOOR.search(text)
    if door and (floor := number_of(door.group(1))):
        return f"{plain(floor)}{int(door.group(2)):02d}"
    if whole and number_of(whole.group(1)) == int(whole.group(2)[:-2]) and _is_room(whole.group(2)):
        return whole.group(2)
    return None


def _bare(
    text: str, building: str | None, unit: str | None
) -> tuple[str | None, str | None, str | None]:
    spaced, numbered = _SPACED.match(text), _NUMBERED.search(text)
    if spaced:
        return spaced.group(1), spaced.group(2), spaced.group(3)
    if numbered and not building:
        return numbered.group(1), unit, numbered.group(2)
    alone = _ROOM_ALONE.match(text)
    return building, unit, alone.group(1).upper() if alone else None


def find_places(text: str, *, is_asked: bool = False) -> list[Found]:
    """Find buildings, units and rooms; values are numbers (`3`), a letter stays (`A`, `B3`).

    「3-1501」 needs a word such as 住 or 家 before it, unless a place was asked for.
    """
    return [*_dashed(text, is_asked=is_asked), *_buildings(text), *_units(text), *_rooms(text)]


def find_floors(text: str) -> list[Found]:
    """Find floors said with a number; value as an integer, below ground negative."""
    found = []
    for match in _FLOOR.finditer(text):
        written = match.group("of") or match.group("n")
        number = number_of(written)
        if number is None or not 1 <= number <= HIGHEST_FLOOR or written.startswith("两"):
            continue
        value = f"-{plain(number)}" if match.group("sign") else plain(number)
        found.append(Found("floor", match.start(), match.end(), value))
    return found


def _buildings(text: str) -> list[Found]:
    found = []
    for match in _BUILDING.finditer(text):
        written = match.group("n")
        is_counted = written[0] in CHINESE + "0123456789" and _COUNTED.search(
            text[: match.start()][-4:]
        )
        value = _label(written)
        if value and not (is_counted and not match.group("rest")):
            end = match.start("rest") if match.group("rest") is not None else match.end()
            found.append(Found("building", match.start(), end, value))
    return found


def _units(text: str) -> list[Found]:
    units = ((m, _label(m.group(1))) for m in _UNIT.finditer(text))
    return [
        Found("unit", m.start(), m.end(), value)
        for m, value in units
        if value and (not value.isdigit() or int(value) <= _MOST_UNITS)
    ]


def _rooms(text: str) -> list[Found]:
    found = [
        Found("room", m.start(), m.end(), m.group(1).upper())
        for m in _ROOM.finditer(text)
        if _is_room(m.group(1))
    ]
    taken = {f.start for f in found}
    for match in _ROOM_AFTER.finditer(text):
        if match.start(1) not in taken and _is_room(match.group(1)):
            found.append(Found("room", match.start(1), match.end(1), match.group(1).upper()))
    return found


def _dashed(text: str, *, is_asked: bool) -> list[Found]:
    found = []
    for match in _DASHED.finditer(text):
        building, unit, room = match.groups()
        is_alone = text.strip(" ,。.!") == match.group().strip()
        has_cue = bool(_PLACE_BEFORE.search(text[: match.start()][-6:]))
        if not _is_room(room) or (unit and int(unit) > _MOST_UNITS):
            continue
        if not unit and not (is_alone or has_cue or is_asked):
            continue
        found.append(Found("building", match.start(1), match.end(1), building.upper().lstrip("0")))
        if unit:
            found.append(Found("unit", match.start(2), match.end(2), unit.lstrip("0")))
        found.append(Found("room", match.start(3), match.end(3), room))
    return [f for f in found if f.value]


def _label(written: str) -> str | None:
    letter, rest = (
        (written[0], written[1:])
        if written[0].isascii() and written[0].isalpha()
        else ("", written)
    )
    if not rest:
        return letter.upper()
    number = number_of(rest)
    return f"{letter.upper()}{plain(number)}" if number else None


def _is_room(written: str) -> bool:
    """A room is a floor and a door: `903`, `1501`; not `2000`, not `100`."""
    digits = written.rstrip("abcdef")
    floor, door = int(digits[:-2]), int(digits[-2:])
    return 1 <= floor <= HIGHEST_FLOOR and 1 <= door <= _MOST_DOORS
