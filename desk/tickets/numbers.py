"""Ticket numbers that can be read out on the phone: date, sequence of the day, check digit.

`T261122-0007-3`: the seventh ticket of 22 November 2026. The check digit (Damm) finds every
single wrong digit and every swap of neighbours.
"""

import re
import unicodedata
from datetime import date

from stdnum import damm

_PATTERN = re.compile(r"T?\s*(\d{6})[\s\-—–]*(\d{4,6})[\s\-—–]*(\d)(?!\d)", re.IGNORECASE)


def make_number(day: date, sequence: int) -> str:
    """Return the number of the `sequence`-th ticket (from 1) of a day."""
    digits = f"{day:%y%m%d}{sequence:04d}"
    return f"T{digits[:6]}-{digits[6:]}-{damm.calc_check_digit(digits)}"


def parse_number(text: str) -> str | None:
    """Find a ticket number in what someone typed; None if there is none or its check fails.

    Dashes, spaces, case, full width and the leading T do not matter.
    """
    for match in _PATTERN.finditer(unicodedata.normalize("NFKC", text)):
        day, sequence, check = match.groups()
        if damm.is_valid(day + sequence + check):
            return f"T{day}-{sequence}-{check}"
    return None
