"""Detectors for what no phrase list can hold: other people's numbers and door codes (R-C5)."""

import re
from collections.abc import Callable, Iterator, Sequence

_DIGITS = dict(
    zip(
        "0123456789零〇一二三四五六七八九oli幺两壹贰叁",
        "01234567890012345678901112123",
        strict=True,
    )
)
_SIGN = "[0-9零〇一二三四五六七八九幺两壹贰叁oli]"
_RUN = re.compile(rf"{_SIGN}(?:[ \-－—_.,，·*、/]{{0,2}}{_SIGN}){{9,22}}(?:[ \-]?x(?![a-z]))?")
_MOBILE = re.compile(r"^(?:86)?(1[3-9]\d{9})$")
_IDENTITY = re.compile(r"^\d{6}(?:19|20)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dx]$")
_CARD = re.compile(r"^(?:62|4|5)\d{14,18}$")
_OTHERS = (
    "业主|房东|房主|卖家|买家|租客|租户|租房的|承租|住户|邻居|隔壁|楼上|楼下|对门|前任|上家|下家|前业主|原业主|"
    "他|她|老公|老婆|爱人|媳妇|丈夫|妻子|儿子|女儿|父亲|母亲|爸|妈|家里人|家属|其他客户|别的客户|那个客户|"
    "另一个客户|客户(?:的|姓|叫|名)|投诉人|报修人|举报人|投诉你的|举报你的|室的?(?:业主|住户|租户|[一-鿿]{2,3})|"
    "(?:王|李|张|刘|陈|杨|赵|黄|周|吴|徐|孙|胡|朱|高|林|何|郭|马|罗|梁|宋|郑|谢|韩|唐|冯|于|董|萧|程|曹|袁|邓|许|傅|沈|曾|彭|吕)"
    "(?:先生|女士|小姐|太太|阿姨|大爷|大妈|大姐|大哥|老师|总|某)|先生的|女士的|小姐的|师傅家|车主|法人|担保人|共有人"
)
_SOMEONE = re.compile(_OTHERS)
_OWN = re.compile(
    "(?:我|我们|咱们|本人|我这边|这边|公司|客服|服务|物业|值班|前台|报修|热线|投诉|门店|店里|管家|售楼处|财务|工程部|"
    "管理处|中心|部门|经理|师傅|派出所|教育局|住建局|银行|供电|燃气|自来水|社区)"
    "(?:的|这边|这里|这儿)?(?:[一-鿿]{0,4})?(?:手机号?|电话|微信|号码|联系方式|热线|座机|专线|分机)"
)
_YOURS = re.compile(
    "(?:您|你)(?:的|这边的?|登记的?|预留的?|留的?|刚才说的?)?(?:手机号?|电话|微信|号码|联系方式|身份证|卡号|银行卡)"
)
_CODE = re.compile(
    r"(?:密码|门禁码|开门码|开锁码|门锁码|钥匙码|指纹锁码)[^。！？!?\n]{0,6}?([0-9零〇一二三四五六七八九oli#*]{4,10})"
)
_CODE_OWN = re.compile("您的|你的|您家|你家|您自己|初始|默认|wifi|无线|大门|单元门|小区|示例")

Span = tuple[int, int]
Numbers = Sequence[tuple[int, int, str]]


def find_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, digits)` of digit runs of 10-23 digits, however they are written."""
    for match in _RUN.finditer(text):
        digits = "".join(_DIGITS[c] if c in _DIGITS else "x" * (c == "x") for c in match.group())
        yield match.start(), match.end(), digits


def _foreign_phone(text: str, numbers: Numbers) -> Iterator[Span]:
    for start, end, digits in numbers:
        if not _MOBILE.match(digits):
            continue
        before = text[max(0, start - 24) : start]
        around = before + "　" + text[end : end + 16]
        if _SOMEONE.search(around) and not (_OWN.search(before) or _YOURS.search(before)):
            yield start, end


def _identity_number(text: str, numbers: Numbers) -> Iterator[Span]:
    for start, end, digits in numbers:
        if _IDENTITY.match(digits) and not _YOURS.search(text[max(0, start - 16) : start]):
            yield start, end


def _bank_card(text: str, numbers: Numbers) -> Iterator[Span]:
    for start, end, digits in numbers:
        before = text[max(0, start - 24) : start]
        if _CARD.match(digits) and not _IDENTITY.match(digits) and _SOMEONE.search(before):
            yield start, end


def _door_code(text: str, _: Numbers) -> Iterator[Span]:
    if "码" not in text:
        return
    for match in _CODE.finditer(text):
        before = text[max(0, match.start() - 24) : match.start()]
        if _SOMEONE.search(before) and not _CODE_OWN.search(text[match.start() - 6 : match.end()]):
            yield match.span()


def may_hold_numbers(text: str, digits: int) -> bool:
    """Tell whether a folded text with so many digits is worth a look at by any detector."""
    return digits >= FEWEST_IN_NUMBER or (digits >= FEWEST_DIGITS["door_code"] and "码" in text)


FEWEST_IN_NUMBER = 10
FEWEST_DIGITS = {"foreign_phone": 11, "identity_number": 17, "bank_card": 15, "door_code": 4}
"""Digits a text must hold for a detector to be worth running."""

FEWEST_AT_ALL = min(FEWEST_DIGITS.values())

DETECT: dict[str, Callable[[str, Numbers], Iterator[Span]]] = {
    "foreign_phone": _foreign_phone,
    "identity_number": _identity_number,
    "bank_card": _bank_card,
    "door_code": _door_code,
}
"""Detectors by the name a rule gives; each yields spans of a folded text with these numbers."""
