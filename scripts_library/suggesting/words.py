"""Words of a text as the search over scripts sees them."""

from scripts_library.text.chinese import to_simplified
from scripts_library.text.segmentation import segment

STOP_WORDS = frozenset(
    (
        *"的了吗呢啊呀吧嘛哦哈么嗯额诶喔哟啦咯您你我他她它们请这那个就也都还是在和与或把被给对跟一下想问亲",
        *(
            "我要",
            "你们",
            "我们",
            "您们",
            "咱们",
            "请问",
            "这个",
            "那个",
            "一下",
            "问下",
            "问问",
            "您好",
            "你好",
        ),
    )
)
"""Particles, pronouns and greetings that say nothing about the topic (own list)."""


def words_of(text: str) -> list[str]:
    """Return the content words of a text, Simplified and lower case, in order.

    Two-character pieces of words longer than two are added, so that 「停车位」 finds 「车位」.
    A text of nothing but stop words (「你好」) gives all its words. Numbers become `#`, so that
    「98 万」 and 「87 万」 are alike.
    """
    simplified = to_simplified(text).lower()
    words = [word for word in segment(simplified) if any(c.isalnum() for c in word)]
    words = ["#" if word[0].isdigit() else word for word in words]
    content = [word for word in words if word not in STOP_WORDS] or words
    pieces = [word[i : i + 2] for word in content if len(word) > 2 for i in range(len(word) - 1)]
    return content + pieces
