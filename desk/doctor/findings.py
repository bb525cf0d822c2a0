"""What an examination finds: each with a sentence that says what is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desk.locale import t


class Level(StrEnum):
    """How bad a finding is: fine, to be looked at, or kefu does not work (well) until it is
    mended."""

    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the examination; `name` is the key of its texts in `doctor.yml`.

    `advice` is empty where nothing has to be done.
    """

    name: str
    level: Level
    text: str
    advice: str = ""


def fine(name: str, /, **values: Any) -> Finding:
    """All is well with this."""
    return Finding(name, Level.FINE, t(f"doctor.{name}.fine", **values))


def warning(name: str, case: str, /, **values: Any) -> Finding:
    """It works, but somebody should look; `case` names the text and its advice."""
    return _bad(name, Level.WARNING, case, values)


def wrong(name: str, case: str, /, **values: Any) -> Finding:
    """It does not work until this is mended."""
    return _bad(name, Level.WRONG, case, values)


def _bad(name: str, level: Level, case: str, values: dict[str, Any]) -> Finding:
    text = t(f"doctor.{name}.{case}", **values)
    return Finding(name, level, text, t(f"doctor.{name}.{case}_advice", **values))
