"""Floors and public places: 「3栋2单元5楼楼道」「5号楼负一层车库」「小区北门」.

A spot is written `5楼`, `负1楼车库`, `顶楼`, `北门`: a floor, a public place, or both.
"""

import re
from collections.abc import Iterable

from scripts_library.reading.found import Found
from scripts_library.reading.numerals import CHINESE, SMALL, number_of, plain

HIGHEST_FLOOR = 120

_PUBLIC = (
    r"(?:[东南西北正前后侧大]门口?|单元门|门口|门[禁岗厅]|电梯[厅间口]?|楼梯[间口]?|楼道|过道|走廊|通道"
    r"|大[堂厅]|楼顶|天台|架空层|[地车]库|车棚|停车场|广场|花园|绿化带|垃圾房|泳池|游乐场|路口|会所"
    r"|售楼处|工地)"
)
_WHERE = r"(?:小区|地[下上]|消防|公共|[东南西北正前后左右外][面边侧]?|\d{1,2}号){0,3}的?"
"""What may stand before a public place that nobody asked for."""
_NAMED = r"(?:\d{1,2}号)?(?!的)(?:(?![是在不就有和跟从到去来说了把])[一-龥]){0,5}"
"""What may stand before one that is the answer: 「二期中心广场」."""
_LAYERED = (
    r"的?(?:[次高级面数]|玻璃|漆|灰|膜|油|皮|纸|布|纱|棉|板|泥|锈|霜|冰|雪|涂料|腻子|防水|保温"
    r"|水(?![管表阀箱电])|高?楼(?![道梯]))"
)
"""What has layers or comes in them: 「三层玻璃」「一层灰」「2层楼」."""
_MINUS = r"-(?=[1-3]\s?[楼层])"
_FLOOR = (
    rf"(?<![\da-z.{CHINESE}])(?<![\d{CHINESE}][-~到至])(?:"
    rf"(?P<below>负|地下|b|{_MINUS})?(?P<n>{SMALL})\s?"
    rf"(?:(?=楼[道梯顶])|楼(?![栋盘])|层(?!{_LAYERED}))"
    r"|(?:负|b)(?P<cellar>[一二三1-3])(?=(?:地下)?(?:[车地]库|停车场))"
    r"|(?P<end>[顶底])[楼层])"
)
_BETWEEN = r"[\s,、的]{0,2}"

_SPOT_AFTER = re.compile(
    rf"(?:[\s,、:的在里]|(?!{_MINUS})-|[那这]个|是(?!{SMALL}\s?层)){{0,4}}"
    rf"(?:{_FLOOR}(?:{_BETWEEN}(?P<there>{_WHERE}{_PUBLIC}))?|(?P<public>{_WHERE}{_PUBLIC}))"
)
_SPOT_ASKED = re.compile(
    rf"{_FLOOR}(?:{_BETWEEN}(?P<there>{_NAMED}{_PUBLIC}))?|(?P<public>{_NAMED}{_PUBLIC})"
)
_DENIED = re.compile(
    rf"(?:不是|不在|不住)\s?(?:{_FLOOR}(?:{_BETWEEN}{_WHERE}{_PUBLIC})?|{_WHERE}{_PUBLIC})"
)
_COUNTED = re.compile(r"[共有总高达才只]\s?$")
_POINTING = re.compile(r"^[那这][个边里]?的?")
_PARTS = re.compile(r"(负?\d+楼|[顶底]楼)?(.*)", re.DOTALL)


def find_spots(text: str, places: Iterable[Found], *, is_asked: bool = False) -> list[Found]:
    """Find floors and public places; value as one writes it, e.g. `5楼楼道`.

    Args:
        text: half-width, Simplified, lower case.
        places: those found in it; what follows a building or unit counts.
        is_asked: a place was asked for, so a floor or a public place counts anywhere.
    """
    spans = [(one.kind, one.start, _end(text, one)) for one in places]
    if is_asked:
        for _, start, end in spans:
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
        return [_spot(one) for one in _SPOT_ASKED.finditer(text) if _is_told(one)]
    ends = [end for kind, _, end in spans if kind in ("building", "unit")]
    after = (_SPOT_AFTER.match(text, end) for end in ends)
    return [_spot(one) for one in after if one and _is_told(one)]


def without_denied_spots(text: str) -> str:
    """Blank what is denied: 「不是5楼，是6楼」."""
    return _DENIED.sub(" ", text)


def merge_spots(old: str | None, new: str | None) -> str | None:
    """Return what the new spot says, with what it leaves out of the old one.

    Another floor stands for the old one, another public place for all of the old spot.
    """
    if not (old and new):
        return new or old
    (old_floor, old_public), (floor, public) = _parts(old), _parts(new)
    if not public:
        return floor + old_public
    return (floor or old_floor) + public if old_public in ("", public) else new


def is_public(spot: str) -> bool:
    """Tell whether a spot is more than a floor, on which a home may be meant."""
    return bool(_parts(spot)[1])


def beside_room(spot: str | None, room: str) -> str | None:
    """Return what a spot says that the room does not: a floor alone is the room's, or nobody's."""
    floor, public = _parts(spot or "")
    room_floor = int(re.sub(r"\D", "", room)[:-2])
    return (public if floor == f"{room_floor}楼" else spot) if public else None


def _parts(spot: str) -> tuple[str, str]:
    found = _PARTS.fullmatch(spot)
    return (found.group(1) or "", found.group(2)) if found else ("", spot)


def _end(text: str, place: Found) -> int:
    """Return where a place ends: 「3栋楼道」 is a building and its 楼道."""
    is_shared = text[place.end - 1 : place.end + 1] in ("楼道", "楼梯", "楼顶")
    return place.end - 1 if is_shared else place.end


def _is_told(match: re.Match[str]) -> bool:
    """Tell whether a match is a place: a public one, or a floor that is no count."""
    written = match.group("n")
    if written is None:
        return True
    number = number_of(written)
    is_about = len(written) > 1 and written[0] in CHINESE and not re.search("[十百]", written)
    if number is None or not 1 <= number <= HIGHEST_FLOOR or written[0] == "两" or is_about:
        return False  # 「两层」 counts, 「三四层」 guesses
    return not _COUNTED.search(match.string[: match.start()][-3:])


def _spot(match: re.Match[str]) -> Found:
    written = match.group("n") or match.group("cellar")
    number = number_of(written) if written else None
    is_below = match.group("below") or match.group("cellar")
    floor = f"{'负' if is_below else ''}{plain(number)}楼" if number else ""
    if match.group("end"):
        floor = f"{match.group('end')}楼"
    public = _POINTING.sub("", match.group("there") or match.group("public") or "")
    return Found("spot", match.start(), match.end(), floor + public)
