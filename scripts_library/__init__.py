"""The language of the service desk, as a library: check wording, suggest replies, sort complaints.

Quick start::

    from scripts_library import load_checker

    checker = load_checker()
    verdict = checker.check("我不管，该找谁找谁")
    verdict.worst                 # Severity.BLOCK
    verdict.flags[0].better       # better wordings with fill-ins
    verdict.flags[0].clause       # where the rule comes from

    from scripts_library import SuggestionContext, load_suggester

    suggester = load_suggester()
    context = SuggestionContext(messages=(("customer", "这套对口什么小学"),))
    suggester.suggest(context)[0].text      # a script with what is known filled in

Everything is offline. Offsets are code points of the original text, half-open.
"""

from scripts_library.checking.checker import Checker, check, load_checker
from scripts_library.checking.verdict import CATEGORIES, Excused, Flag, Promise, Severity, Verdict
from scripts_library.errors import LexiconError, PatternError, PhraseError, Problem, TextError
from scripts_library.suggesting.suggester import (
    Suggester,
    Suggestion,
    SuggestionContext,
    load_suggester,
)
from scripts_library.text.normal_form import Normalized, normalize

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
    "Suggester",
    "Suggestion",
    "SuggestionContext",
    "TextError",
    "Verdict",
    "check",
    "load_checker",
    "load_suggester",
    "normalize",
]
