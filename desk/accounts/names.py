"""What a login looks like, and what is typed in its place.

Logins are ASCII, so none looks like another's. What an input method makes of them is read as meant:
full-width letters, capitals and spaces around. Anything else (Cyrillic letters that look Latin,
invisible characters) is no login, and finds no account.
"""

import re
import unicodedata

LOGIN_LENGTH = 64
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,63}")
_TYPED = re.compile(r"[\x20-\x7e\u3000\uff01-\uff5e]*")


def is_login(text: str) -> bool:
    """Tell whether a text can be the login of an account."""
    return _LOGIN.fullmatch(text) is not None


def read_login(typed: str) -> str:
    """Return the login that somebody typed; what cannot be one comes back as it is."""
    text = typed.strip()
    # Half and full width only: NFKC alone would also turn mathematical or circled letters into
    # plain ones, which no keyboard produces.
    if not _TYPED.fullmatch(text):
        return text
    return unicodedata.normalize("NFKC", text).strip().lower()
