"""A typed answer to 「您对处理结果满意吗」: 「很满意」「4分」「不满意，还是漏水」."""

import re
from dataclasses import dataclass

from scripts_library.reading.numerals import digits_of

_LEAD = r"^(?:我|我们|总体|整体|这次|服务|处理结果|结果|对[^,，]{0,8}|给|打|评){0,3}\s*"
_FIGURE = re.compile(rf"{_LEAD}([1-5一二两三四五])\s*(?:分|颗?星)(?:钟|之)?")
_ALONE = re.compile(r"^[1-5]$")
_FULL = re.compile(rf"{_LEAD}(?:满分|五星好评|全五星)")
_SATISFIED = re.compile(
    rf"{_LEAD}(?P<not>很不|非常不|十分不|特别不|极不|极其不|太不|一点[都也]不|完全不|根本不"
    r"|不太|不是很|不怎么|不大|不算|不够|不)?"
    r"(?P<very>非常|很|十分|特别|相当|极其|太|超级?)?(?:比较|基本|挺|还算?|蛮|地|的)?满意"
)
_WHOLE = {
    3: re.compile(r"^(?:一般般?|还行|还可以|凑合|马马虎虎|勉强|中等)吧?$"),
    4: re.compile(r"^(?:不错|挺好的?|蛮好的?|好评|还不错)$"),
    5: re.compile(r"^(?:非常好|很好|太好了|特别好)$"),
    1: re.compile(r"^(?:差评|很差|太差了?|极差|非常差)$"),
    2: re.compile(r"^(?:不好|不怎么样|比较差)$"),
}
_VERY_DIS = ("很不", "非常不", "十分不", "特别不", "极不", "极其不", "太不", "根本不", "完全不")
_END = " ,，。.!！~～了啊呢吧哦的谢"
_QUESTION = re.compile(r"[?？吗]")


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 1 (very dissatisfied) to 5.

    Attributes:
        value: the score.
        comment: what was written besides it.
        is_plain: the message says 满意, 分 or 星, so it is a score whatever was asked.
    """

    value: int
    comment: str | None = None
    is_plain: bool = True


def read_score(text: str) -> Score | None:
    """Return the score that a half-width Simplified message gives; None if it gives none.

    Meant for a customer who was asked: a figure alone counts. A question never does.
    """
    text = text.strip()
    if _QUESTION.search(text):
        return None
    bare = text.rstrip(_END)
    whole = next((value for value, words in _WHOLE.items() if words.match(bare)), None)
    if _ALONE.match(bare):
        return Score(int(bare), is_plain=False)
    if whole:
        return Score(whole, is_plain=False)
    for read in (_figure, _satisfaction):
        found = read(text)
        if found:
            value, end = found
            comment = text[end:].strip(_END)
            return Score(value, comment if len(comment) > 1 else None)
    return None


def _figure(text: str) -> tuple[int, int] | None:
    full = _FULL.match(text)
    if full:
        return 5, full.end()
    found = _FIGURE.match(text)
    if not found or found.group().endswith(("钟", "之")):
        return None
    return int(digits_of(found.group(1))), found.end()


def _satisfaction(text: str) -> tuple[int, int] | None:
    found = _SATISFIED.match(text)
    if not found:
        return None
    denied = found.group("not") or ""
    if denied:
        is_very = denied.startswith(_VERY_DIS) or denied[:2] == "一点"
        return (1 if is_very else 2), found.end()
    return (5 if found.group("very") else 4), found.end()
