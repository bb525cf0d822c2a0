"""Phone numbers, checked by `phonenumbers`."""

import re
from dataclasses import dataclass

import phonenumbers

from scripts_library.reading.found import Found
from scripts_library.reading.numerals import digits_of

_MOBILE = r"1[3-9]\d(?:[ -]?\d){8}"
_LANDLINE = r"\(?0\d{2,3}\)?[ -]?[2-9]\d{2,3}[ -]?\d{4}"
_SERVICE = r"400[ -]?\d{3,4}[ -]?\d{3,4}"
_ABROAD = r"\+(?!86)\d{1,3}(?:[ -]?\d){7,12}"
_PHONE = re.compile(
    rf"(?<!\d)(?<!\d-)(?<![a-z])(?:(?:(?:\+|00)?86[ -]?)?({_MOBILE}|{_LANDLINE}|{_SERVICE})"
    rf"|({_ABROAD}))(?!\d|-\d)"
    r"|(?:电话|座机|固话|tel|phone)(?:号码)?[是:\s]*(\+?\d[\d -]{5,14}\d)(?!\d)"
)
# Digits in a row that are none of a phone: order and ticket numbers, identity cards, dates.
_OTHER_NUMBERS = re.compile(
    r"[a-z]+[\s-]?\d[\d-]*|\b\d{6}-\d{4}-\d\b|\b\d{17}[\dx]\b|\d{4}年\d{1,2}月(?:\d{1,2}[日号])?"
)
_RUN = re.compile(r"(?<![\d.])\+?\(?\d(?:[\s()-]?\d){4,24}(?!\d)")
_SPOKEN = re.compile(r"[零〇一二两三四五六七八九幺]{3,}")
_LOCAL = re.compile(r"[2-8]\d{6,7}")
_LOOKS_MOBILE = re.compile(r"1[3-9]\d+")
_ABOUT_PHONE = re.compile(r"电话|手机|号码|联系方式|座机|固话|打给|call|tel")
_LAST4 = re.compile(r"(?<![\da-z-])\d{4}(?![\d-]|\s?[年月栋号平室])")
MOBILE_LENGTH = 11


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """`number` (digits, national form) if a real phone was found, else what is wrong with it.

    `problem` is `too_short`, `too_long`, `not_real` or `no_area_code`; both None: no phone in the
    text.
    """

    number: str | None = None
    problem: str | None = None
    digits: int = 0


def find_phones(text: str) -> list[Found]:
    """Find Chinese mobile, landline and 400 numbers, also in Chinese digits; value: digits.

    Numbers of other countries count with their `+`, which stays. Only numbers that `phonenumbers`
    calls valid; digits in a row of another length, identity cards and tracking numbers are none.
    """
    found = []
    for match in _PHONE.finditer(_spoken_as_digits(text)):
        group = next(i for i in (1, 2, 3) if match.group(i))
        number = _checked(match.group(group))
        if number:
            start = match.start(group) if group == 3 else match.start()
            found.append(Found("phone", start, match.end(group), number))
    return found


def read_phone(text: str, *, is_asked: bool = False) -> PhoneReading:
    """Read the phone number of a half-width text; the last valid one if there are several.

    Args:
        text: half-width text.
        is_asked: the customer was asked for a phone, so any run of digits is an attempt at one.
    """
    text = _spoken_as_digits(text.lower())
    valid = find_phones(text)
    if valid:
        return PhoneReading(number=valid[-1].value)
    runs = [re.sub(r"[\s()-]", "", run) for run in _RUN.findall(_OTHER_NUMBERS.sub(" ", text))]
    is_number_alone = len(re.sub(r"[\d\s+()-]", "", text)) <= 1
    if not (is_asked or is_number_alone or _ABOUT_PHONE.search(text)):
        runs = [run for run in runs if _LOOKS_MOBILE.match(run) and len(run) >= MOBILE_LENGTH - 1]
    return _problem_of(runs[-1]) if runs else PhoneReading()


def read_last4(text: str) -> str | None:
    """Return the last four digits of a phone: four digits alone, or the end of a whole number."""
    whole = read_phone(text).number
    if whole:
        return whole[-4:]
    found = _LAST4.findall(_spoken_as_digits(text.lower()))
    return found[-1] if found else None


def _spoken_as_digits(text: str) -> str:
    """Digits said in Chinese, three or more in a row: the 五 of 「王五138…」 is part of a name."""
    return _SPOKEN.sub(lambda run: digits_of(run.group()), text)


def _checked(written: str) -> str | None:
    try:
        parsed = phonenumbers.parse(written, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    if parsed.country_code != 86:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    digits = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return re.sub(r"\D", "", digits)


def _problem_of(run: str) -> PhoneReading:
    digits = run.removeprefix("+86").lstrip("+")
    if _LOCAL.fullmatch(digits):
        return PhoneReading(problem="no_area_code", digits=len(digits))
    if len(digits) < MOBILE_LENGTH:
        return PhoneReading(problem="too_short", digits=len(digits))
    if len(digits) > MOBILE_LENGTH:
        return PhoneReading(problem="too_long", digits=len(digits))
    return PhoneReading(problem="not_real", digits=len(digits))
