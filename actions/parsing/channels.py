"""How a customer wants to be answered: here, by phone, by text message or by e-mail (R-A4)."""

import re

CHANNELS = ("chat", "phone", "sms", "email")

_WISHES = (
    (
        "email",
        r"(?:发|回|寄|用|以|通过|走)(?:个|封|到)?(?:我|我的)?(?:电子)?(?:邮件|邮箱|电邮|e-?mail)"
        r"|(?:邮件|邮箱|电邮|e-?mail)(?:回复|答复|通知|告知|联系|就行|就好|即可|给我|吧|$)",
    ),
    (
        "sms",
        r"(?:发|回|用|以|通过)(?:个|条)?(?:我|给我)?(?:手机)?(?:短信|简讯)(?![说来讲上里都没])"
        r"|(?:短信|简讯)(?:回复|答复|通知|告知|联系|就行|就好|即可|给我|吧|$)",
    ),
    (
        "phone",
        r"(?:打|回|给我|用|以|通过)(?:个|我)?电话(?![里说来讲没都打])"
        r"|电话(?:回复|答复|通知|告知|联系|告诉|就行|就好|即可|吧)|(?:打给|致电)我",
    ),
    (
        "chat",
        r"(?:就)?在(?:这里|这儿|这边|对话里?|聊天(?:里|窗口)?|网上|线上)(?:回复?|答复|说|等|告诉|通知)"
        r"|(?:在线|网上|线上)(?:回复|答复)|对话(?:里)?回复",
    ),
)
_PATTERNS = tuple((name, re.compile(words)) for name, words in _WISHES)
_MENTIONS = (
    ("email", re.compile(r"邮件|邮箱|电邮|e-?mail")),
    ("sms", re.compile(r"短信|简讯")),
    ("phone", re.compile(r"电话|手机|打给")),
    ("chat", re.compile(r"这里|这儿|这边|对话|聊天|在线|网上")),
)
_NOT = re.compile(r"(?:不要|不用|不想|别|勿|不方便|收到|没人|一直|天天)[^,，。]{0,3}$")


def read_channel(text: str, *, is_asked: bool = False) -> str | None:
    """Return the channel that a half-width Simplified text wishes, or None.

    Args:
        text: what the customer wrote; 「你们发短信说停水」 and 「别打电话」 wish nothing.
        is_asked: the channel was asked for, so its name alone is enough.
    """
    text = text.lower()
    patterns = (*_PATTERNS, *_MENTIONS) if is_asked else _PATTERNS
    for name, pattern in patterns:
        if any(not _NOT.search(text[: match.start()]) for match in pattern.finditer(text)):
            return name
    return None
