"""Customers' words without what tells who they are, for people who write answers and examples."""

import re
from collections.abc import Collection, Iterable, Iterator

from desk.locale import t
from scripts_library.reading.emails import find_emails
from scripts_library.reading.found import Found
from scripts_library.reading.names import find_names
from scripts_library.reading.phones import find_phones
from scripts_library.reading.places import find_places
from scripts_library.reading.references import find_order_numbers, find_ticket_numbers
from scripts_library.text.segmentation import is_known_word

_NUMBERS = re.compile(r"[a-z]{0,4}\d(?:[ -]?\d){5,24}x?(?![\d])")
_CHINESE_NUMBERS = re.compile(r"[零〇一二三四五六七八九幺]{7,}")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def mask_text(text: str, names: Collection[str] = ()) -> str:
    """Return the text with names, phones, rooms, e-mails and long numbers as 〔姓名〕 and so on.

    Buildings stay where no room follows: an estate's 3rd building is many people's. `names` are
    hidden wherever they stand: what a customer gave as a name, others repeat.
    """
    masked, end = [], 0
    for start, stop, kind in _stretches(text, names):
        if start >= end:
            masked += [text[end:start], t(f"knowledge.masked.{kind}")]
            end = stop
    return "".join((*masked, text[end:]))


def has_personal_data(text: str) -> bool:
    """Tell whether something of the text would be masked, or has been."""
    return "〔" in text or next(_stretches(text), None) is not None


def names_in(texts: Iterable[str]) -> set[str]:
    """Return the names that people gave as theirs; single surnames are left out."""
    found = (one for text in texts for one in find_names(_plain(text), is_word=is_known_word))
    return {one.value for one in found if len(one.value) > 1}


def _plain(text: str) -> str:
    """The text in half width and lower case, letter for letter: spans stay what they are."""
    narrow = text.translate(_WIDE)
    return "".join(low if len(low := one.lower()) == 1 else one for one in narrow)


def _stretches(text: str, names: Collection[str] = ()) -> Iterator[tuple[int, int, str]]:
    """Yield spans of the text and what they are, by their beginning, the longest first."""
    plain = _plain(text)
    found: list[Found] = [
        *find_phones(plain),
        *find_emails(plain),
        *find_names(plain, is_word=is_known_word),
        *(one for one in find_places(plain) if one.kind == "room"),
        *find_order_numbers(plain),
        *find_ticket_numbers(plain),
    ]
    spans = [(one.start, one.end, one.kind) for one in found]
    for name in names:
        spans += [(one.start(), one.end(), "name") for one in re.finditer(re.escape(name), plain)]
    for pattern in (_NUMBERS, _CHINESE_NUMBERS):
        spans += [(one.start(), one.end(), "number") for one in pattern.finditer(plain)]
    yield from sorted(spans, key=lambda span: (span[0], -span[1]))
