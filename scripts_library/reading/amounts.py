"""Money in yuan and areas in square metres."""

import re
from decimal import Decimal

from scripts_library.reading.found import Found
from scripts_library.reading.numerals import number_of, plain

_SCALES = {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000, "亿": 100_000_000, "百万": 1_000_000}
_SCALE = r"百万|万|w|千|k|亿"
_DIGITS = r"\d{1,9}(?:,\d{3}){0,3}(?:\.\d{1,4})?"
_CHINESE = r"[一二两三四五六七八九十百千万亿零]{1,10}"
_MONEY = re.compile(
    rf"(?<![\d.a-z])¥\s?(?P<sign>{_DIGITS})\s?(?P<sign_scale>{_SCALE})?"
    rf"|(?<![\d.a-z-])(?P<n>{_DIGITS})\s?(?P<scale>{_SCALE})(?:多|来)?(?P<more>\d)?(?:元|块钱?|rmb|人民币)?"
    r"(?![a-z\d科达象家和兴])"
    rf"|(?<![\d.a-z-])(?P<yuan>{_DIGITS})\s?(?:多|来)?(?:元(?!旦|宵|素)|块钱|块(?=$|[,。!?;\s吗啊呢了的吧每一])|rmb|人民币)"
    rf"|(?P<chinese>{_CHINESE})(?:多|来|几)?(?:(?<=[万亿])|(?<=[万亿][多来几])|元(?!旦|宵|素)|块钱)(?![科达象家和兴一分])"
)
_AREA = re.compile(
    rf"(?<![\d.a-z])(?P<n>{_DIGITS}|[一二两三四五六七八九十百零]{{2,6}})\s?(?:多|来|几)?\s?"
    r"(?:平方米|平米|平方(?!公里)|平(?![方安常时均层台面开房])|m2|㎡|方(?![便面向案式法]))"
)
_SMALLEST_AREA = 3
_LARGEST_AREA = 100_000
_MOST_YUAN = Decimal(10) ** 12


def find_money(text: str) -> list[Found]:
    """Find amounts said with a unit (万、w、元、块钱、¥); value in yuan. A bare number is none."""
    found = []
    for match in _MONEY.finditer(text):
        yuan = _yuan(match)
        if yuan is not None and 0 < yuan < _MOST_YUAN:
            found.append(Found("money", match.start(), match.end(), plain(yuan)))
    return found


def _yuan(match: re.Match[str]) -> Decimal | None:
    if match.group("chinese"):
        return number_of(match.group("chinese"))
    number = number_of(match.group("sign") or match.group("n") or match.group("yuan"))
    scale = _SCALES.get(match.group("sign_scale") or match.group("scale") or "", 1)
    if number is None:
        return None
    tail = Decimal(match.group("more") or 0) * scale / 10
    return number * scale + tail


def find_areas(text: str) -> list[Found]:
    """Find areas; value in square metres."""
    found = []
    for match in _AREA.finditer(text):
        number = number_of(match.group("n"))
        if number is not None and _SMALLEST_AREA <= number <= _LARGEST_AREA:
            found.append(Found("area", match.start(), match.end(), plain(number)))
    return found
