"""Tables of one-to-one foldings: width, Traditional, case, circled digits, look-alike characters.

Every folding replaces one code point by one code point, so offsets never move. Built at the first
use (about 60 ms), kept for the process.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts_library.text.chinese import to_simplified
from scripts_library.text.codes import Codes, codes_of, text_of, without_surrogates

UNICODE_SIZE = 0x110000
HAN_START, HAN_END = 0x4E00, 0xA000

# Characters picked for their looks, as people write them to get round word lists. Own collection.
LOOK_ALIKES = (
    "莪我 沵你 伱你 祢你 妳你 吥不 卟不 鈈不 钚不 芣不 罘不 恏好 倁知 噵道 檤道 衜道 "
    "眀明 朙明 兲天 靝天 洅再 侢再 説说 誽说 癍班 苝北 莂别 彆别 嘸无 冇没 箌到 菿到 "
    "荋而 茬在 恠在 湜是 昰是 茈此 慥造 芉千 萬万 壹一 贰二 弍二 弎三 泩生 鈤日 仴月 "
    "媞是 旳的 哋地 咑打 嚸点 囗口 洺名 苐第 誐我 餩饿 蔴麻 煩烦 僦就 蕞最 嘬最 樶最 "
    "朂最 冣最 鎹送 啱刚 睋我 涐我 亾人 魜人 囚人 筅先 銭钱 菝拔 妏文 苡以 吔也 乜也 "
    "咊和 秂人 妺妹 桖血 氺水 沬沫 洎自 腚定 涱涨 淂得 彵他 蒎派 湤施 傢家 曱甲 "
)
# Emoji read as the word they show (「你是🐷」), unless they part the characters of a phrase.
REBUS = "🐷猪 🐖猪 🐽猪 🐶狗 🐕狗 🐔鸡 🐮牛 🐴马 🐢龟 💩屎 💰钱 🔝顶 🥇一 🧧礼"
# Full-width marks are the normal ones in Chinese: they stay.
CHINESE_PUNCTUATION = "，！？；：（）～"
LETTER_SIGNS = "×x ✕x ✖x"
# The flag of China is this character and a zero-width one.
FLAG_OF_CHINA = "🇨国"
ROUND_WORDS = {
    **dict.fromkeys("⑩❿➉➓⓾", "十"),
    "㊀": "一",
    "㊁": "二",
    "㊂": "三",
    "㊊": "月",
    "㊐": "日",
    "㊑": "株",
    "㊙": "秘",
}


def is_han(char: str) -> bool:
    """Tell whether it is one common Chinese character (CJK Unified Ideographs)."""
    return len(char) == 1 and HAN_START <= ord(char) < HAN_END


@cache
def fold_table() -> NDArray[np.uint32]:
    """Return the table `folded code point = table[code point]`, uint32 of shape (0x110000,)."""
    table = np.arange(UNICODE_SIZE, dtype=np.uint32)
    simple = _simple_forms()
    for code in _candidates():
        folded = _fold_one(chr(code), simple)
        if folded:
            table[code] = ord(folded)
    for pair in " ".join((LOOK_ALIKES, REBUS, LETTER_SIGNS, FLAG_OF_CHINA)).split():
        table[ord(pair[0])] = ord(pair[1])
    for char, plain in ROUND_WORDS.items():
        table[ord(char)] = ord(plain)
    return _settle(table)


def fold(text: str) -> str:
    """Return the text with every character folded; the length stays.

    Lone surrogates become question marks.
    """
    return fold_codes(codes_of(without_surrogates(text)))


def fold_codes(codes: Codes) -> str:
    """Return the text of code points with every character folded."""
    return text_of(fold_table()[codes])


def _settle(table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Follow chains (A to B, B to C) until folding twice equals folding once."""
    for _ in range(4):
        following = table[table]
        if np.array_equal(following, table):
            break
        table = following
    return table


def _candidates() -> list[int]:
    ranges = [(0x80, 0x2E80), (0x2E80, 0x4E00), (HAN_START, HAN_END), (0xF900, 0xFB00)]
    ranges += [(0xFE10, 0x10000), (0x1D400, 0x1D800), (0x1F100, 0x1F300)]
    return [*range(ord("A"), ord("Z") + 1), *(c for lo, hi in ranges for c in range(lo, hi))]


def _without_accents(text: str) -> str:
    """Return Latin letters without accents (the tones of pinyin); other letters as they are."""
    plain = unicodedata.normalize("NFD", text)
    return plain[0] if plain[:1].isascii() and plain[:1].isalpha() else text


def _simple_forms() -> dict[str, str]:
    """Return the Simplified form of each common Chinese character; all converted at once, each on
    a line of its own."""
    han = [chr(code) for code in range(HAN_START, HAN_END)]
    return dict(zip(han, to_simplified("\n".join(han)).split("\n"), strict=True))


def _fold_one(char: str, simple: Mapping[str, str]) -> str | None:
    """Return the one character this one folds to, or None if it stays or needs several.

    `simple` has the Simplified form of each common Chinese character.
    """
    if char in CHINESE_PUNCTUATION:
        return None
    if is_han(char):
        plain = simple[char]
        return plain if len(plain) == 1 and plain != char else None
    if "\u2e80" <= char < "\u4e00" and not unicodedata.normalize("NFKC", char).isalnum():
        return None
    digit = unicodedata.digit(char, None)
    if digit is not None and not char.isdecimal():
        return str(digit)
    wide = unicodedata.normalize("NFKC", char).strip("()[].").lower()
    if char < "\u1f00":
        wide = _without_accents(wide)
    if len(wide) > 1:
        wide = "".join(c for c in wide if not unicodedata.combining(c))
    if len(wide) == 1 and is_han(wide):
        wide = simple[wide] if len(simple[wide]) == 1 else wide
    return wide if len(wide) == 1 and wide != char else None
