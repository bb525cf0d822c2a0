"""What happened and what is wanted, in the customer's own words."""

import re

_CJK = re.compile(r"[㐀-鿿]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_TAGS = re.compile(r"<[^<>]{0,200}>")
_LEAD = re.compile(
    r"你好|您好|在吗|请问|麻烦|谢谢|我要|我想|想要|需要|帮我|一下|给我|登记|你们|"
    r"投诉|举报|报修|维修|反映|建议|意见|表扬|问题|情况|个|有|提|点|要|报|修|师傅|上门|来人|物业|开发商|公司|客服"
)
_STRUCTURED = re.compile(
    r"\d[\d\s-]{3,}|[A-Za-z\d一二三四五六七八九十]{1,4}\s*(?:号楼|栋|幢|座|单元|室|号|楼|房)|"
    r"(?:我的?|本人)?(?:电话|手机号?|号码|联系方式|姓名|名字)(?:号码)?(?:是|为|:|：)?|我(?:叫|姓|是|住)|"
    r"(?:不对|错了|写错了?|应该是|改成|改为|更正)"
)
_WISH = re.compile(
    r"(?:希望|要求|诉求是?|请求|请(?:你们|贵司|尽快|立即|马上)|必须|恳请)([^。;；!！?？\n]{3,80})|"
    r"([^。;；!！?？\n,，]{0,12}(?:赔偿|退款|赔我|给个说法|尽快(?:处理|解决|修)|换(?:一套|新的?)|重新装)[^。;；!！?？\n,，]{0,30})"
)
_PHONE_LIKE = re.compile(
    r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"
)
_ID_LIKE = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_NAME_LIKE = re.compile(
    r"((?:我叫|姓名是?[:：]?|本人叫?)\s*)[一-龥]{2,4}?(?=[,，。;；\s\d]|电话|手机|住|是|$)"
)

_HALF_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}

LEAST_CHARACTERS = 4
MAX_CHARACTERS = 3000


def has_words(text: str, least: int = 2) -> bool:
    """Tell whether a text holds words at all: so many Chinese characters, or Latin words."""
    bare = _TAGS.sub(" ", text)
    return len(_CJK.findall(bare)) >= least or len(_LATIN.findall(bare)) >= max(3, least)


def has_chinese(text: str, least: int = 2) -> bool:
    """Tell whether a text has so many Chinese characters; commands and markup have none."""
    return len(_CJK.findall(_TAGS.sub(" ", text))) >= least


def is_matter(text: str) -> bool:
    """Tell whether a text says what happened, beyond 「我要投诉」."""
    return has_words(_LEAD.sub("", _TAGS.sub(" ", text)), LEAST_CHARACTERS)


def has_more(text: str, least: int = LEAST_CHARACTERS) -> bool:
    """Tell whether a text says more than numbers, places and names."""
    return has_words(_STRUCTURED.sub(" ", text), least)


def read_wish(text: str) -> str | None:
    """Return the clause of a text that says what is wanted, or None."""
    found = _WISH.search(text)
    return found.group(0).strip("，, ")[:200] if found else None


def without_personal_data(text: str) -> str:
    """Return a text for an unencrypted column: phones, ID numbers and stated names taken out.

    They are stored apart and encrypted, or, without consent, not at all (R-B2, R-E1).
    """
    text = _ID_LIKE.sub("〔证件号〕", text.translate(_HALF_WIDTH))
    text = _PHONE_LIKE.sub("〔电话〕", text)
    return _NAME_LIKE.sub(r"\1〔姓名〕", text)[:MAX_CHARACTERS]
