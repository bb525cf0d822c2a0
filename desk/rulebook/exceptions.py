"""Drafts an exception from a reply that was flagged wrongly: what the editor then works on."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.rulebook.bodies import MEANING, Body, Overlay, body_of, rule_of
from desk.rulebook.drafts import EDITABLE, save_draft
from desk.rulebook.models import RuleDraft
from scripts_library.checking.rules import RuleSet
from scripts_library.text.normal_form import normalize

REACH = 8
"""Characters kept on each side of the flagged words, within their clause."""
_BREAK = re.compile(r"[，。！？；：、,.!?;:\s…]")
_SPECIAL = re.compile(r"([()\[\]|*?{}#<>^$!\\-])")
_DIGITS = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A flag that should not have been: `text[start:end]` by the rule `rule_id`."""

    flagged_id: int
    text: str
    start: int
    end: int
    rule_id: str


def phrase_around(text: str, start: int, end: int) -> str:
    """Return the flagged words with a little of their clause, without long numbers.

    A number of four digits or more could be somebody's, so the phrase ends before it.
    """
    before, after = text[max(0, start - REACH) : start], text[end : end + REACH]
    head = _last_part(before)
    tail = re.split(_BREAK, _DIGITS.split(after, maxsplit=1)[0], maxsplit=1)[0]
    return f"{head}{text[start:end]}{tail}"


def with_exception(body: Body, wrong: Wrong, why: str) -> Body:
    """Return the rule with an exception for these words, and the words as an example."""
    phrase = phrase_around(wrong.text, wrong.start, wrong.end)
    pattern = _SPECIAL.sub(r"\\\1", normalize(phrase).text)
    examples = body.get("examples", {})
    must_not = [*examples.get("must_not", ()), phrase]
    exceptions: list[Any] = [*body.get("exceptions", ()), {"pattern": pattern, "why": why}]
    return {
        **body,
        "exceptions": [{"within": "hit", **one} for one in exceptions],
        "examples": {**examples, "must_not": list(dict.fromkeys(must_not))},
    }


def draft_exception(
    session: Session,
    staff: Staff,
    base: RuleSet,
    overlay: Overlay,
    wrong: Wrong,
    *,
    why: str,
    origin: str,
) -> RuleDraft | None:
    """Draft an exception, once for each reply and rule.

    Returns:
        The draft, an earlier one of this reply and rule, or None: a rule that a trained model
        applies, or that is no longer there, can't be given an exception.

    Raises:
        Forbidden: neither QA nor a leader.
    """
    earlier = session.scalars(
        select(RuleDraft).where(
            RuleDraft.flagged_id == wrong.flagged_id,
            RuleDraft.rule_id == wrong.rule_id,
            RuleDraft.state.in_(EDITABLE),
        )
    ).first()
    if earlier:
        return earlier
    rule = rule_of(overlay.lay(base), wrong.rule_id)
    if rule is None or rule.detector == MEANING or not 0 <= wrong.start < wrong.end:
        return None
    return save_draft(
        session,
        staff,
        base,
        overlay,
        rule_id=rule.id,
        body=with_exception(body_of(rule), wrong, why),
        why=why,
        origin=origin,
        flagged_id=wrong.flagged_id,
    )


def _last_part(before: str) -> str:
    return re.split(_BREAK, _DIGITS.split(before)[-1])[-1]
