"""Chinese and Arabic numerals, bounded and without exceptions."""

from decimal import Decimal, InvalidOperation

import cn2an

CHINESE = "零〇一二两三四五六七八九十百千万亿"
SMALL = r"(?:\d{1,3}|[一二三四五六七八九十百零两]{1,4})"
"""Pattern of a house, unit or floor number."""

_DIGITS = str.maketrans("零〇一二两三四五六七八九幺", "0012234567891")
_LONGEST = 16


def digits_of(text: str) -> str:
    """Replace Chinese digits one by one (「一三八」→「138」); the length stays."""
    return text.translate(_DIGITS)


def number_of(text: str) -> Decimal | None:
    """Return the number that a numeral says (「12.5」「一百二」「两」), None if it says none."""
    plain = text.strip().replace(",", "")
    if not plain or len(plain) > _LONGEST:
        return None
    try:
        return Decimal(plain) if plain[0].isascii() else Decimal(str(_chinese(plain)))
    except (InvalidOperation, ValueError):
        return None


def _chinese(text: str) -> int | float:
    if all(char not in "十百千万亿" for char in text):
        return int(digits_of(text))
    value: int | float = cn2an.cn2an(text.replace("两", "二").replace("〇", "零"), "smart")
    return value


def plain(number: Decimal) -> str:
    """Write a number without exponent or trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
