"""Texts that a customer gets word for word: checked before they are stored."""

from collections.abc import Sequence

from desk.errors import InvalidInput
from scripts_library.checking.checker import Checker
from scripts_library.checking.verdict import Flag, Severity

TEXT_LIMIT = 2000


def checked(text: str, checker: Checker | None, *, is_confirmed: bool) -> str:
    """Return the text without blanks around it.

    Raises:
        InvalidInput: empty, too long, blocked wording, or a warning that was not confirmed.
    """
    text = text.strip()
    if not text:
        raise InvalidInput("errors.feedback_empty", field="text")
    if len(text) > TEXT_LIMIT:
        raise InvalidInput("errors.feedback_too_long", field="text", limit=TEXT_LIMIT)
    flags = checker.check(text).flags if checker else ()
    found = [flag for flag in flags if flag.severity >= Severity.WARN]
    if any(flag.severity == Severity.BLOCK for flag in found):
        raise InvalidInput("errors.wording_blocked", field="text", words=_words(found))
    if found and not is_confirmed:
        raise InvalidInput("errors.wording_warned", field="text", words=_words(found))
    return text


def _words(flags: Sequence[Flag]) -> str:
    return "、".join(f"“{flag.surface}”" for flag in flags)
