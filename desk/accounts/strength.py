"""Rules for passwords: long enough, and not one of those that are tried first.

Judged by zxcvbn (its list of 30,000 common passwords, keyboard walks, dates, repetitions) and by
words that Chinese users are fond of. No rules on kinds of characters, no forced change: NIST
SP 800-63B and ASVS 2.1 advise against both.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from desk.errors import InvalidInput

MINIMUM, MAXIMUM = 12, 256
MINIMUM_SCORE = 2
"""zxcvbn's scale of 0 to 4; 2 means more than 10^6 guesses."""
_JUDGED = 72
_OF_ONES_OWN = 8
"""So many characters must be left of a password without login, name and mobile number in it."""
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FILE = Path(__file__).resolve().parent / "common_passwords.txt"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How good a password is.

    Attributes:
        score: zxcvbn's, 0 to 4; at most 1 if the password is refused.
        key: why it is refused (`short`, `long`, `common`), or how good it is (`fair`, `good`,
            `strong`).
    """

    score: int
    key: str

    @property
    def is_allowed(self) -> bool:
        """Tell whether it may be used."""
        return self.score >= MINIMUM_SCORE


def judge(password: str, personal: Collection[str] = ()) -> Judgement:
    """Judge a password as `check_password` does; takes some 10 ms."""
    if not MINIMUM <= len(password) <= MAXIMUM:
        return Judgement(0, "short" if len(password) < MINIMUM else "long")
    score = _score(password, personal)
    if score < MINIMUM_SCORE:
        return Judgement(1, "common")
    return Judgement(score, {2: "fair", 3: "good"}.get(score, "strong"))


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
    return _score(password, personal) < MINIMUM_SCORE


def _score(password: str, personal: Collection[str]) -> int:
    # Takes a second to import its lists; commands that set no password don't wait for it.
    from zxcvbn import zxcvbn

    plain = unicodedata.normalize("NFKC", password).casefold()
    own = [word.casefold() for word in personal if len(word) > 1]
    rests = [plain.replace(word, "") for word in own if word in plain]
    if any(len(rest) < _OF_ONES_OWN for rest in (*rests, _MOBILE.sub("", plain))):
        return 0
    words = [*_fond_words(), *own]
    judged = zxcvbn(plain[:_JUDGED], user_inputs=words, max_length=_JUDGED)
    return int(judged["score"])


@cache
def _fond_words() -> tuple[str, ...]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
