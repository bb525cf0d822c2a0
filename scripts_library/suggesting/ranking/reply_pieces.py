"""What the ranker sees of a reply and a question: character pieces, the form of a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from unicodedata import normalize

import numpy as np

from scripts_library.text.chinese import to_simplified

BUCKETS = 2**15
MAX_TEXT = 120

_SPACE = re.compile(r"\s+")
_PAUSE = re.compile(r"[，。！、~～.!;；…,]+")
_QUESTION_MARK = re.compile(r"[？?]+")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_NUMERALS = re.compile(r"[一二三四五六七八九十百两]+")
_WHICH = re.compile(r"多少|几|哪|什么|啥|怎么|怎样|咋|何时|多大|多久|多高|多远")
_WHETHER = re.compile(
    r"吗|么|嘛|不$|没$|没有$|能不能|可不可以|是不是|有没有|会不会|好不好|吧$|可以|能"
)
_AMOUNT = re.compile(r"多少|几|多大|多久")
_ASKS_BACK = re.compile(r"[?]|吗|呢$|您.*(什么时候|几点|哪|多少|贵姓)")
_SHORT_ANSWER = re.compile(
    r"^(嗯|恩)?,?(不|都|随时|应该|也|还|就|算|是)?"
    r"(可以|能|行|没问题|方便|ok|阔以|👌|有|没|带|无|暂无|是|对|没错|嗯嗯)"
)


def plain(text: str) -> str:
    """Return the text Simplified, lower case, without spaces, digits as `#`, at most 120 long."""
    simplified = to_simplified(normalize("NFKC", text[: MAX_TEXT * 2])).lower()
    numbered = _DIGITS.sub("#", _SPACE.sub("", simplified))
    return _QUESTION_MARK.sub("?", _PAUSE.sub(",", numbered))[:MAX_TEXT]


@cache
def _bucket(piece: str) -> int:
    return int.from_bytes(sha256(piece.encode()).digest()[:4], "big") % BUCKETS


def buckets_of(text: str) -> list[int]:
    """Return the hashed pieces of a reply: 1-4 characters, numerals folded, length, no number."""
    reply = plain(text)
    folded = _NUMERALS.sub("#", reply)
    whole, numeric = f"^{reply}$", f"^{folded}$"
    pieces = {whole[i : i + n] for n in (1, 2, 3, 4) for i in range(len(whole) - n + 1)}
    for n in (2, 3):
        windows = (numeric[i : i + n] for i in range(len(numeric) - n + 1))
        pieces |= {f"z{window}" for window in windows if "#" in window}
    pieces.add(f"len{min(len(reply) // 3, 8)}")
    if "#" not in folded:
        pieces.add("nonum")
    return sorted({_bucket(piece) for piece in pieces})


def matrix_of(texts: Sequence[str]) -> Any:
    """Return a scipy sparse matrix of shape `(len(texts), BUCKETS)`, rows of length 1."""
    from scipy.sparse import csr_matrix

    rows = [buckets_of(text) for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    values = np.repeat([len(row) ** -0.5 for row in rows], [len(row) for row in rows])
    indices = np.array([bucket for row in rows for bucket in row])
    return csr_matrix((values, indices, ends), shape=(len(rows), BUCKETS))


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """`whether`: wants yes or no. `which`: wants a fact. `amount`: wants a number. Or none."""

    whether: bool
    which: bool
    amount: bool


def form_of(question: str) -> QuestionForm:
    """Return the form of a question; an elliptic 「中学呢」 wants a fact."""
    text = plain(question)
    bare = text.rstrip("?,呢啊呀哦")
    which = bool(_WHICH.search(bare)) or text.rstrip("?").endswith("呢")
    whether = not which and bool(_WHETHER.search(bare))
    return QuestionForm(whether, which, bool(_AMOUNT.search(bare)))


def asks_back(reply: str) -> bool:
    """Tell whether a reply is itself a question."""
    return bool(_ASKS_BACK.search(plain(reply)))


def is_short_answer(reply: str) -> bool:
    """Tell whether a reply begins like an answer to yes or no: 可以、有、不是、对、没问题."""
    return bool(_SHORT_ANSWER.search(plain(reply)))


def has_number(reply: str) -> bool:
    return "#" in _NUMERALS.sub("#", plain(reply))
