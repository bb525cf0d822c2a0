"""Rules for passwords: long enough, and not one of those that are tried first.

Judged by zxcvbn (its list of 30,000 common passwords, keyboard walks, dates, repetitions) and by
words that Chinese users are fond of. No rules on kinds of characters, no forced change: NIST
SP 800-63B and ASVS 2.1 advise against both.
"""

import unicodedata
from collections.abc import Collection
from functools import cache
from pathlib import Path

from desk.errors import InvalidInput

MINIMUM, MAXIMUM = 10, 256
MINIMUM_SCORE = 2
"""zxcvbn's scale of 0 to 4; 2 means more than 10^6 guesses."""
_JUDGED = 72
_OF_ONES_OWN = 6
"""So many characters must be left of a password without the login or name in it."""
_FILE = Path(__file__).resolve().parent / "common_passwords.txt"


def check_password(password: str, personal: Collection[str] = ()) -> None:
    """Refuse a password that is too short, too long or too common.

    Args:
        password: as typed; all characters are allowed, spaces too.
        personal: what it must not be made of: login, name.

    Raises:
        InvalidInput: with the rule it breaks.
    """
    if len(password) < MINIMUM:
        raise InvalidInput("errors.password_too_short", field="password", minimum=MINIMUM)
    if len(password) > MAXIMUM:
        raise InvalidInput("errors.password_too_long", field="password", maximum=MAXIMUM)
    if is_common(password, personal):
        raise InvalidInput("errors.password_common", field="password")


def is_common(password: str, personal: Collection[str] = ()) -> bool:
    """Tell whether a guesser would try the password early."""
    # Takes a second to import its lists; commands that set no password don't wait for it.
    from zxcvbn import zxcvbn

    plain = unicodedata.normalize("NFKC", password).casefold()
    own = [word.casefold() for word in personal if len(word) > 1]
    if any(len(plain.replace(word, "")) < _OF_ONES_OWN for word in own if word in plain):
        return True
    words = [*_fond_words(), *own]
    judged = zxcvbn(plain[:_JUDGED], user_inputs=words, max_length=_JUDGED)
    return int(judged["score"]) < MINIMUM_SCORE


@cache
def _fond_words() -> tuple[str, ...]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
