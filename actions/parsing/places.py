"""Estate, building, unit and room in a message: 「3栋2单元502」「A座1203」「13-2-302」."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from actions.parsing.numerals import NUMBER, to_digits

_BUILDING = re.compile(
    rf"(?<![A-Za-z\d.])([A-Za-z]?{NUMBER}|[A-Za-z])\s*(?:号楼|栋楼|栋|幢|座|#楼?|号(?=\s*\d{{3,4}}))"
)
_UNIT = re.compile(rf"([A-Za-z]|{NUMBER})\s*(?:单元|门洞|单)")
_ROOM = re.compile(
    r"(?<![\d.年/])(\d{3,4}[A-Za-z]?)\s*(?:号?房间?|室|户|号(?!楼|线|院|[栋幢]))(?!\d|厅)"
)
_ROOM_AFTER = re.compile(
    r"(?:单元|门洞|栋|幢|座|号楼|#)\s*-?\s*(\d{3,4}[A-Za-z]?)(?![\d年元块平:.-])"
)
_ROOM_FLOOR = re.compile(rf"({NUMBER})\s*(?:楼|层)\s*(\d{{1,2}})\s*(?:室|号|户)")
_DASHED = re.compile(
    r"(?<![\d.年A-Za-z-])([A-Za-z]?\d{1,3})(?:\s*[-—–/]\s*(\d{1,2}))?\s*[-—–/]\s*(\d{3,4})(?![\d-])"
)
_BARE = re.compile(r"^\D{0,3}(?<!\d)(\d{3,4}[A-Za-z]?)\D{0,2}$")
_THREE = re.compile(r"^\D{0,4}(\d{1,3})\s+(\d{1,2})\s+(\d{3,4})\D{0,2}$")
_PUBLIC = re.compile(
    r"(小区|地下|地上|东|西|南|北|正|后|侧|大)?[东西南北一-龥]{0,4}"
    r"(门口|大门|东门|西门|南门|北门|电梯|楼道|车库|停车场|大堂|走廊|广场|花园|绿化带|垃圾房|泳池|游乐场|路口|天台|楼顶|门禁|门岗|会所|售楼处|工地)"
)
_NEGATED = re.compile(
    rf"(?:不是|不在|不住)\s*[A-Za-z]?{NUMBER}(?:号楼|栋|幢|座|单元|室|号)?(?:{NUMBER})?"
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

    Args:
        text: what the customer wrote; what they deny (「不是3栋」) is left out.
        estates: names of the company's estates.
        is_asked: a place was asked for, so bare numbers and public places count as one.
    """
    text = _NEGATED.sub(" ", text)
    building, unit, room = _numbers(text)
    if not room and is_asked:
        building, unit, room = _bare(text, building, unit)
    note = None
    if is_asked and not (building or unit or room):
        found = _PUBLIC.search(text)
        note = found.group(0)[:40] if found else None
    return Place(_estate(text, estates), building, unit, room, note)


def merge(old: Place, new: Place) -> Place:
    """Return the old place with what the new one says."""
    return Place(
        new.estate or old.estate,
        new.building or old.building,
        new.unit or old.unit,
        new.room or old.room,
        new.note or old.note,
    )


def _numbers(text: str) -> tuple[str | None, str | None, str | None]:
    dashed = _DASHED.search(text)
    if dashed:
        return dashed.group(1).upper(), dashed.group(2), dashed.group(3)
    building, unit = _last(_BUILDING, text), _last(_UNIT, text)
    floor = _ROOM_FLOOR.search(text)
    room = _last(_ROOM_AFTER, text) or _last(_ROOM, text)
    if not room and floor:
        room = f"{to_digits(floor.group(1))}{int(floor.group(2)):02d}"
    return building, unit, room


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    # The last one: people correct themselves towards the end (「3栋，哦不，5栋」).
    found = pattern.findall(text)
    return to_digits(found[-1]).upper() if found else None


def _bare(
    text: str, building: str | None, unit: str | None
) -> tuple[str | None, str | None, str | None]:
    three = _THREE.match(text)
    if three:
        return three.group(1), three.group(2), three.group(3)
    room = _BARE.match(text)
    return building, unit, room.group(1).upper() if room else None


def _estate(text: str, estates: Iterable[str]) -> str | None:
    """Return the longest estate name in the text; a name without its generic end also counts."""
    for name in sorted(estates, key=len, reverse=True):
        if name in text:
            return name
    return None
