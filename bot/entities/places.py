"""Building, unit, room, floor: 「3栋2单元1501」「3-2-1501」「三号楼二单元十五楼」「8幢903室」."""

import re

from bot.entities.numerals import CHINESE, SMALL, number_of, plain
from bot.entities.types import Found

HIGHEST_FLOOR = 120
_MOST_UNITS = 20
_MOST_DOORS = 60

_BUILDING = re.compile(
    rf"(?<![\da-z.{CHINESE}])(?P<n>[a-z]?{SMALL}|[a-z](?=座|栋|幢|号楼))\s?(?:号楼|栋楼?|幢楼?|座(?!位|椅|机)|#楼?)"
    r"(?P<rest>\s?[-,]?\s?(?=\d{3,4}(?!\d)))?"
)
_COUNTED = re.compile(r"(?:[共有这那哪每某另几隔壁前后]|总共|一共|剩)$")
_UNIT = re.compile(rf"(?<![\da-z.{CHINESE}])({SMALL}|[a-d])\s?单元")
_ROOM = re.compile(
    r"(?<![\da-z.#-])(\d{3,4})\s?(?:室|号房(?![子价])|房间?(?![子价型产东屋本贷源款])|户(?!型|[主口]))"
)
_ROOM_AFTER = re.compile(
    r"(?:号楼|栋楼?|幢楼?|座|#楼?|单元|单元门)\s?[-,]?\s?(\d{3,4})(?![\d.:年月平米元块万w]|\s?[平元块万])"
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


def find_places(text: str) -> list[Found]:
    """Find buildings, units and rooms; values are numbers (`3`), a letter stays (`A`, `B3`)."""
    return [*_dashed(text), *_buildings(text), *_units(text), *_rooms(text)]


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
        Found("room", m.start(), m.end(), m.group(1))
        for m in _ROOM.finditer(text)
        if _is_room(m.group(1))
    ]
    taken = {f.start for f in found}
    for match in _ROOM_AFTER.finditer(text):
        if match.start(1) not in taken and _is_room(match.group(1)):
            found.append(Found("room", match.start(1), match.end(1), match.group(1)))
    return found


def _dashed(text: str) -> list[Found]:
    found = []
    for match in _DASHED.finditer(text):
        building, unit, room = match.groups()
        is_alone = text.strip(" ,。.!") == match.group().strip()
        has_cue = bool(_PLACE_BEFORE.search(text[: match.start()][-6:]))
        if not _is_room(room) or (unit and int(unit) > _MOST_UNITS):
            continue
        if not unit and not (is_alone or has_cue):
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
    floor, door = int(written[:-2]), int(written[-2:])
    return 1 <= floor <= HIGHEST_FLOOR and 1 <= door <= _MOST_DOORS
