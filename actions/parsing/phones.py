"""Phone numbers in a message, checked with phonenumbers."""

import re
from dataclasses import dataclass

import phonenumbers

# An order or ticket number is no phone: letters in front, or the ticket's date-sequence-check.
_NOT_PHONES = re.compile(
    r"[A-Za-z]+[\s-]?\d[\d-]*|\b\d{6}-\d{4}-\d\b|\b\d{17}[\dXx]\b|\d{4}年\d{1,2}月(?:\d{1,2}[日号])?"
)
_DIGITS = re.compile(r"(?<![\d.])\+?\(?\d(?:[\s()-]?\d){4,24}(?!\d)")
_LOOKS_MOBILE = re.compile(r"1[3-9]\d+")
_ABOUT_PHONE = re.compile(r"电话|手机|号码|联系方式|座机|打给|call|tel", re.IGNORECASE)

MOBILE_LENGTH = 11


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """`number` (digits, national form) if a real phone was found, else what is wrong with it.

    `problem` is `too_short`, `too_long` or `not_real`; both None: no phone in the text.
    """

    number: str | None = None
    problem: str | None = None
    digits: int = 0


def read_phone(text: str, *, is_asked: bool = False) -> PhoneReading:
    """Read the phone number of a half-width text; the last valid one if there are several.

    Args:
        text: half-width text.
        is_asked: the customer was asked for a phone, so any run of digits is an attempt at one.
    """
    cleaned = _NOT_PHONES.sub(" ", text)
    runs = [re.sub(r"[\s()-]", "", found) for found in _DIGITS.findall(cleaned)]
    valid = [number for run in runs if (number := _valid(run))]
    if valid:
        return PhoneReading(number=valid[-1])
    is_number_alone = len(re.sub(r"[\d\s+()-]", "", text)) <= 1
    if not (is_asked or is_number_alone or _ABOUT_PHONE.search(text)):
        runs = [run for run in runs if _LOOKS_MOBILE.match(run) and len(run) >= MOBILE_LENGTH - 1]
    return _problem_of(runs[-1]) if runs else PhoneReading()


def read_last4(text: str) -> str | None:
    """Return the last four digits of a phone: four digits alone, or the end of a whole number."""
    whole = read_phone(text).number
    if whole:
        return whole[-4:]
    found = re.findall(r"(?<![\dA-Za-z-])\d{4}(?![\d-]|\s?[年月栋号平室])", text)
    return found[-1] if found else None


def _valid(run: str) -> str | None:
    try:
        parsed = phonenumbers.parse(run, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    if parsed.country_code != 86:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.national_significant_number(parsed)
    is_mobile = len(national) == MOBILE_LENGTH and national.startswith("1")
    return national if is_mobile or national.startswith("400") else f"0{national}"


def _problem_of(run: str) -> PhoneReading:
    digits = run.removeprefix("+86").lstrip("+")
    if len(digits) < MOBILE_LENGTH:
        return PhoneReading(problem="too_short", digits=len(digits))
    if len(digits) > MOBILE_LENGTH:
        return PhoneReading(problem="too_long", digits=len(digits))
    return PhoneReading(problem="not_real", digits=len(digits))
