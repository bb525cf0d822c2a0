"""The phrase checker: what is wrong with the wording of a reply, what was excused, and why.

From the outside in:

- `checker`: the front door (`load_checker`, `Checker.check`); `verdict`: what it hands out.
- `packs` reads `scripts_library/phrases/*.yml` into `rules`; `pattern_syntax` and `templates`
  understand their patterns.
- Stage (a): `engine` and `scanner` find candidate hits; `private_numbers` finds numbers.
- Stage (b): `judging` and `context` confirm or excuse each of them.
- Stage (c): `paraphrase`, a trained model for breaches that hit no list.
- `promises`: commitments in a reply.
- `linting`, `ruleset_diff`, `report`, `bench`: for those who keep the packs.
"""

from scripts_library.checking.checker import Checker, check, load_checker
from scripts_library.checking.verdict import CATEGORIES, Excused, Flag, Promise, Severity, Verdict

__all__ = [
    "CATEGORIES",
    "Checker",
    "Excused",
    "Flag",
    "Promise",
    "Severity",
    "Verdict",
    "check",
    "load_checker",
]
