"""E-mail addresses."""

import re

from scripts_library.reading.found import Found

_EMAIL = re.compile(
    r"(?<![a-z0-9_.+-])[a-z0-9][a-z0-9._+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}(?![a-z0-9@])"
)


def find_emails(text: str) -> list[Found]:
    """Find e-mail addresses; value: the address in lower case."""
    return [Found("email", m.start(), m.end(), m.group()) for m in _EMAIL.finditer(text)]


def read_email(text: str) -> str | None:
    """Return the last e-mail address of a half-width text in lower case, or None."""
    found = find_emails(text.lower())
    return found[-1].value if found else None
