"""Turn a reply into what the paraphrase model counts: masked text, n-grams, windows.

Private to `paraphrase` and `paraphrase_training`; both must see a text the same way.
"""

import re
from collections.abc import Iterator

WINDOW = 30
"""Characters of one window of a long reply; the examples are rarely longer."""

MAX_WINDOWS = 60

PHONE = "\ue001"
"""Stands for any phone number, so that the model learns whose it is, not its digits."""

CERTIFICATE = "\ue002"
"""Stands for any number of an identity card or bank card."""

_NUMERALS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789"[:13])
_CHINESE_RUN = re.compile("[零〇一幺二两三四五六七八九0-9oO]{7,}")
_PHONE = re.compile(
    r"(?<![0-9])1[3-9](?:[ \-]?[0-9*x]){9}(?![0-9])|(?<![0-9])0[0-9]{2,3}-?[0-9]{7,8}(?![0-9])"
    r"|(?<![a-z])phone(?![a-z])"
)
_CERTIFICATE = re.compile(r"(?<![0-9])(?:[0-9][ \-]?){13,18}[0-9x](?![0-9])")
_LONG_NUMBER = re.compile(r"[0-9]{4,}")
_BLANK = re.compile(r"\s+")
_MARK_RUN = re.compile(r"([^\w\s])\1+")
_CLAUSE = re.compile(r"[^，。！？；,!?; \n]*(?:[，。！？；,!?; \n]+|$)")


def mask(text: str) -> str:
    """Return a normalised text with numbers of persons as one mark each, in lower case.

    `100%` and other short numbers stay, longer ones become `0000`; runs of blanks become one.
    """
    text = _CHINESE_RUN.sub(
        lambda m: m.group().translate(_NUMERALS).replace("o", "0"), text.lower()
    )
    text = _PHONE.sub(PHONE, _CERTIFICATE.sub(CERTIFICATE, text))
    text = _LONG_NUMBER.sub("0000", text)
    return _MARK_RUN.sub(r"\1", _BLANK.sub(" ", text)).strip()


def readable(masked: str) -> str:
    """Return a masked text with words in place of the marks, as the embedder should read it."""
    return masked.replace(PHONE, "手机号码").replace(CERTIFICATE, "身份证号码")


def ngrams(masked: str, longest: int = 4) -> Iterator[str]:
    """Yield every run of 1 to `longest` characters, with `^` before and `$` behind the text."""
    edged = f"^{masked}$"
    size = len(edged)
    for length in range(1, longest + 1):
        for start in range(size - length + 1):
            yield edged[start : start + length]


def windows(text: str) -> list[tuple[int, int]]:
    """Return spans to be scored each on its own: the whole of a short reply, else runs of clauses.

    Each run starts at a clause and holds as many as fit into `WINDOW` characters, at least one, so
    neighbours overlap and an excuse stays beside what it excuses. A clause longer than that is cut.
    At most `MAX_WINDOWS` spans; empty for a blank text.
    """
    if not text.strip():
        return []
    if len(text) <= WINDOW:
        return [(0, len(text))]
    clauses = list(_clauses(text))
    spans: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(clauses):
        for _, later in clauses[i + 1 :]:
            if later - start > WINDOW:
                break
            end = later
        if not spans or end > spans[-1][1]:
            spans.append((start, end))
    return spans[:MAX_WINDOWS]


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    for match in _CLAUSE.finditer(text):
        start, end = match.span()
        if not match.group().strip():
            continue
        while end - start > WINDOW:
            yield start, start + WINDOW
            start += WINDOW // 2
        yield start, end
