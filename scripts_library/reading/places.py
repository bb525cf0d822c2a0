"""Building, unit, room, floor: 「3栋2单元1501」「3-2-1501」「三号楼二单元十五楼」「8幢903室」."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scripts_library.reading.found import Found
from scripts_library.reading.numerals import CHINESE, SMALL, number_of, plain

HIGHEST_FLOOR = 120
_MOST_UNITS = 20
_MOST_DOORS = 60

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


_ROOM_ON_FLOOR = re.compile(rf"({SMALL})\s?(?:楼|层)\s?(\d{{1,2}})\s?(?:室|号|户)")
_ROOM_ALONE = re.compile(r"^\D{0,3}(?<!\d)(\d{3,4}[a-z]?)\D{0,2}$")
_SPACED = re.compile(r"^\D{0,4}(\d{1,3})\s+(\d{1,2})\s+(\d{3,4})\D{0,2}$")
_NUMBERED = re.compile(r"(?<!\d)(\d{1,3})号\s?(\d{3,4})(?!\d|\s?[平元块万年月])")
_PUBLIC = re.compile(
    r"(小区|地下|地上|东|西|南|北|正|后|侧|大)?[东西南北一-龥]{0,4}"
    r"(门口|大门|东门|西门|南门|北门|电梯|楼道|车库|停车场|大堂|走廊|广场|花园|绿化带|垃圾房|泳池|游乐场|路口"
    r"|天台|楼顶|门禁|门岗|会所|售楼处|工地)"
)
_DENIED = re.compile(
    rf"(?:不是|不在|不住)\s?[a-z]?{SMALL}(?:号楼|栋|幢|座|单元|室|号)?(?:{SMALL})?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is; None where the message does not say. `note` is a public place in words."""

    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    note: str | None = None

    def __bool__(self) -> bool:
        return any((self.estate, self.building, self.unit, self.room, self.note))

    @property
    def text(self) -> str:
        """The place as one writes it, e.g. `云栖雅苑3栋2单元502室`."""
        parts = (
            self.estate,
            self.building and f"{self.building}栋",
            self.unit and f"{self.unit}单元",
            self.room and f"{self.room}室",
            self.note,
        )
        return "".join(part for part in parts if part)


def read_place(text: str, estates: Iterable[str] = (), *, is_asked: bool = False) -> Place:
    """Read a place from a half-width Simplified text.

    The last building, unit and room count: people correct themselves towards the end.

    Args:
        text: what the customer wrote; what they deny (「不是3栋」) is left out.
        estates: names of the company's estates.
        is_asked: a place was asked for, so bare numbers and public places count as one.
    """
    estate = next((name for name in sorted(estates, key=len, reverse=True) if name in text), None)
    text = _DENIED.sub(" ", text.lower())
    said = {found.kind: found.value for found in _in_order(text, is_asked=is_asked)}
    building, unit, room = (said.get(kind) for kind in ("building", "unit", "room"))
    on_floor = _ROOM_ON_FLOOR.search(text)
    if not room and on_floor:
        floor = number_of(on_floor.group(1))
        room = f"{plain(floor)}{int(on_floor.group(2)):02d}" if floor else None
    if not room and is_asked:
        building, unit, room = _bare(text, building, unit)
    note = None
    if is_asked and not (building or unit or room):
        public = _PUBLIC.search(text)
        note = public.group(0)[:40] if public else None
    return Place(estate, building, unit, room, note)


def merge(old: Place, new: Place) -> Place:
    """Return the old place with what the new one says."""
    return Place(
        new.estate or old.estate,
        new.building or old.building,
        new.unit or old.unit,
        new.room or old.room,
        new.note or old.note,
    )


def _in_order(text: str, *, is_asked: bool) -> list[Found]:
    return sorted(find_places(text, is_asked=is_asked), key=lambda found: found.start)


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
