"""Order numbers in a message."""

import re

_ORDER = re.compile(r"(?<![A-Za-z\d])([A-Za-z]{1,4}[\s-]?\d[\d\s-]{4,18}\d)(?!\d)")
_TICKET = re.compile(r"T?\d{6}-\d{4}", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\dA-Za-z])\d{8,16}(?!\d)")


def read_order_no(text: str, entity: str | None = None, *, is_asked: bool = False) -> str | None:
    """Return the order number in a half-width text, upper case without spaces, or None.

    Args:
        text: what the customer wrote.
        entity: the number as the language model found it, if it did.
        is_asked: a number was asked for, so a long run of digits (MC left out) is one too.
    """
    text = _TICKET.sub(" ", text)
    found = _ORDER.search(text)
    if found:
        return re.sub(r"[\s-]", "", found.group(1)).upper()
    if entity:
        return re.sub(r"[\s-]", "", entity).upper()
    digits = _DIGITS.search(text) if is_asked else None
    return f"MC{digits.group(0)}" if digits else None
