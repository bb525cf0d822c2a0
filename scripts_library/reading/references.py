"""Order numbers and ticket numbers, in the forms customers type them."""

import re

from stdnum import damm

from scripts_library.reading.found import Found

ORDER_PREFIX = "MC"
"""Letters of our order numbers; then the date (yymmdd or yyyymmdd) and a sequence."""

_ORDER = re.compile(
    rf"(?<![a-z0-9]){ORDER_PREFIX.lower()}[ -]?(\d{{6,8}}[ -]?\d{{3,6}})(?![a-z0-9])"
)
_ORDER_DIGITS = re.compile(
    r"(?:订单号?|单号|订单编号|编号)(?:码)?[是为:\s]{0,3}(?<![a-z])(\d{10,12})(?![\da-z])"
)
_ANY_ORDER = re.compile(r"(?<![a-z\d])([a-z]{1,4}[\s-]?\d[\d\s-]{4,18}\d)(?!\d)")
_ANY_TICKET = re.compile(r"t?\d{6}-\d{4}")
_LONG_RUN = re.compile(r"(?<![\da-z])\d{8,16}(?!\d)")
_TICKET = re.compile(
    r"(?<![a-z0-9])(?:t[ -]?(\d{6})[ -]?(\d{4})[ -]?(\d)|(\d{6})-(\d{4})-(\d))(?![a-z0-9])"
)


def find_order_numbers(text: str) -> list[Found]:
    """Find order numbers; value `MC` and digits. Bare digits count after 「订单号」 only."""
    found = [
        Found("order_no", m.start(), m.end(), ORDER_PREFIX + re.sub(r"\D", "", m.group(1)))
        for m in _ORDER.finditer(text)
    ]
    found += [
        Found("order_no", m.start(1), m.end(1), ORDER_PREFIX + m.group(1))
        for m in _ORDER_DIGITS.finditer(text)
    ]
    return found


def find_ticket_numbers(text: str) -> list[Found]:
    """Find ticket numbers; value as `T261122-0007-3`, details `check`: `ok` or `wrong`."""
    found = []
    for match in _TICKET.finditer(text):
        day, sequence, check = (part for part in match.groups() if part)
        if not _is_date(day):
            continue
        state = "ok" if damm.is_valid(day + sequence + check) else "wrong"
        value = f"T{day}-{sequence}-{check}"
        found.append(Found("ticket_no", match.start(), match.end(), value, {"check": state}))
    return found


def read_order_no(text: str, entity: str | None = None, *, is_asked: bool = False) -> str | None:
    """Return the order number in a half-width text, upper case without spaces, or None.

    Args:
        text: what the customer wrote; letters other than ours are taken as they are, to be looked
            up and not found.
        entity: the number as the language model found it, if it did.
        is_asked: a number was asked for, so a long run of digits (MC left out) is one too.
    """
    text = _ANY_TICKET.sub(" ", text.lower())
    found = _ANY_ORDER.search(text)
    if found or entity:
        return re.sub(r"[\s-]", "", found.group(1) if found else str(entity)).upper()
    digits = _LONG_RUN.search(text) if is_asked else None
    return f"{ORDER_PREFIX}{digits.group(0)}" if digits else None


def _is_date(yymmdd: str) -> bool:
    return 1 <= int(yymmdd[2:4]) <= 12 and 1 <= int(yymmdd[4:]) <= 31
