"""Simplified and Traditional Chinese, by OpenCC (dictionaries inside the package)."""

from functools import cache

from opencc import OpenCC


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


def to_simplified(text: str) -> str:
    """Return the text with Traditional characters as Simplified. The length may change."""
    return str(_converter("t2s").convert(text))


def to_traditional(text: str) -> str:
    """Return the text in Traditional characters with the usual forms of Taiwan; words stay."""
    return str(_converter("s2tw").convert(text))


def is_traditional(text: str) -> bool | None:
    """Tell the script a person writes: True Traditional, False Simplified, None if both fit.

    Counted by the characters that only one of the two scripts uses.
    """
    simplified, traditional = to_simplified(text), str(_converter("s2t").convert(text))
    only_traditional = _differences(text, simplified)
    only_simplified = _differences(text, traditional)
    if only_traditional == only_simplified:
        return None
    return only_traditional > only_simplified


def _differences(text: str, other: str) -> int:
    return sum(a != b for a, b in zip(text, other, strict=False))
