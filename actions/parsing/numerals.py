"""Small numbers as customers write them: 3, ３, 三, 十二."""

import re

import cn2an

CHINESE_DIGITS = "零〇一二两三四五六七八九十百"
NUMBER = rf"(?:\d{{1,4}}|[{CHINESE_DIGITS}]{{1,5}})"
"""Pattern of a small number in digits or Chinese numerals."""


def to_digits(text: str) -> str:
    """Return a small number as digits (`十二` -> `12`); anything else comes back unchanged."""
    if not re.fullmatch(rf"[{CHINESE_DIGITS}]+", text):
        return text
    try:
        return str(int(cn2an.cn2an(text.replace("两", "二").replace("〇", "零"), "smart")))
    except ValueError:
        return text


def to_number(text: str) -> int | None:
    """Return a small number as int, or None if it is none."""
    digits = to_digits(text)
    return int(digits) if digits.isdigit() else None
