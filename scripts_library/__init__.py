"""The language of the service desk, as a library: check wording, suggest replies, sort complaints.

Quick start::

    from scripts_library import load_checker

    checker = load_checker()
    verdict = checker.check("我不管，该找谁找谁")
    verdict.worst                 # Severity.BLOCK
    verdict.flags[0].better       # better wordings with fill-ins
    verdict.flags[0].clause       # where the rule comes from

Everything is offline. Offsets are code points of the original text, half-open.
"""

from scripts_library.check import Checker, check, load_checker
from scripts_library.errors import LexiconError, PatternError, PhraseError, Problem, TextError
from scripts_library.normalize import Normalized, normalize
from scripts_library.types import CATEGORIES, Excused, Flag, Promise, Severity, Verdict

__all__ = [
    "CATEGORIES",
    "Checker",
    "Excused",
    "Flag",
    "LexiconError",
    "Normalized",
    "PatternError",
    "PhraseError",
    "Problem",
    "Promise",
    "Severity",
    "TextError",
    "Verdict",
    "check",
    "load_checker",
    "normalize",
]
