"""Phone numbers (checked by `phonenumbers`) and e-mail addresses."""

import re

import phonenumbers

from bot.entities.numerals import digits_of
from bot.entities.types import Found

_MOBILE = r"1[3-9]\d(?:[ -]?\d){8}"
_LANDLINE = r"\(?0\d{2,3}\)?[ -]?[2-9]\d{2,3}[ -]?\d{4}"
_SERVICE = r"400[ -]?\d{3,4}[ -]?\d{3,4}"
_PHONE = re.compile(
    rf"(?<!\d)(?<!\d-)(?<![a-z])(?:(?:\+|00)?86[ -]?)?({_MOBILE}|{_LANDLINE}|{_SERVICE})(?!\d|-\d)"
    r"|(?:电话|座机|固话|tel|phone)(?:号码)?[是:\s]*(\+?\d[\d -]{5,14}\d)(?!\d)"
)
_EMAIL = re.compile(
    r"(?<![a-z0-9_.+-])[a-z0-9][a-z0-9._+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}(?![a-z0-9@])"
)


def find_phones(text: str) -> list[Found]:
    """Find Chinese mobile, landline and 400 numbers, also in Chinese digits; value: digits.

    Only numbers that `phonenumbers` calls valid for China; digits in a row of another length,
    identity cards and tracking numbers are none.
    """
    found = []
    for match in _PHONE.finditer(digits_of(text)):
        group = next(i for i in (1, 2) if match.group(i))
        number = _national(match.group(group))
        if number:
            start = match.start(group) if group == 2 else match.start()
            found.append(Found("phone", start, match.end(group), number))
    return found


def _national(written: str) -> str | None:
    try:
        parsed = phonenumbers.parse(written, "CN")
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code != 86 or not phonenumbers.is_valid_number(parsed):
        return None
    digits = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.sub(r"\D", "", digits)


def find_emails(text: str) -> list[Found]:
    """Find e-mail addresses; value: the address in lower case."""
    return [Found("email", m.start(), m.end(), m.group()) for m in _EMAIL.finditer(text)]
