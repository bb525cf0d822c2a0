"""The language of the service desk, as a library: check wording, suggest replies, sort complaints.

No web, no database, no network. Offsets are code points of the original text, half-open. Objects
are safe for threads. What people read (reasons, clauses, better wordings) is Chinese.

Check the wording of a reply::

    from scripts_library import load_checker

    checker = load_checker()                # up to a second: keep it
    verdict = checker.check("我不管，该找谁找谁")
    verdict.worst                           # Severity.BLOCK; None for a good reply
    flag = verdict.flags[0]
    flag.start, flag.end, flag.surface      # where
    flag.category, flag.clause, flag.reason # what, by which rule book, why it hurts
    flag.better                             # better wordings with {fill_ins}
    verdict.excused                         # what was considered and let pass, and why
    verdict.promises                        # what the reply promises, and for when

A reply takes 10 to 50 microseconds by the rules, a few milliseconds with the trained model. The
rules are `scripts_library/phrases/*.yml`; `kefu rules lint` finds rules that can't work.

Suggest replies::

    from scripts_library import SuggestionContext, load_suggester

    suggester = load_suggester()
    context = SuggestionContext(
        messages=(("customer", "这套对口什么小学"),),   # (sender, text), oldest first
        known={"customer_title": "王女士"},            # values for fill-ins
    )
    for suggestion in suggester.suggest(context, k=3):  # best first; [] when nothing fits
        suggestion.text, suggestion.score, suggestion.reason

The scripts are `scripts_library/scripts/*.yml`. `Suggester.learn` takes note of what agents use,
edit and reject; no training is needed.

Further, each with its own manual (`python -m pydoc NAME`):

- `scripts_library.triage`: `classify(text)` gives category, department and severity of a complaint.
- `scripts_library.suggesting.ranking.ranker`: `rank(query, candidates)` orders possible answers.
- `scripts_library.text`: `normalize(text)` gives one plain spelling and the way back.
- `scripts_library.checking`: how the checker works, and the tools for those who keep its rules.

Errors: everything raised on purpose is a `PhraseError`. `TextError` (also a `TypeError`) for what
is no text or too long, `LexiconError` with every `Problem` (file, line, value, fix) of a broken
rule file; `Checker.reload` then keeps the last good set in force. No error carries a text that
was checked.
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
