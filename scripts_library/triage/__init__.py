"""Complaint triage: category, responsible department and severity, with the words that decided.

`classifier` is the front door, `lexicon` reads the weighted words of `lists/*.yml`, `model` is the
trained part and `features` what it counts.
"""

from scripts_library.triage.classifier import Alternative, Reason, Triage, classify

__all__ = ["Alternative", "Reason", "Triage", "classify"]
