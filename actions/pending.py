"""A question that waits for the customer to say which home or product is meant."""

from actions.parsing.home_hints import read_home_hint
from actions.topics import is_about_products, is_question
from actions.turn import Turn

LONGEST_CHOICE = 16


def pending_intent_of(turn: Turn) -> str | None:
    """Return the waiting question's intent if this message is the choice it waits for.

    A short message that names a home or product (「三室的」「5栋那套」) and asks nothing new is
    one, whatever intent it looks like.
    """
    pending = turn.slots.get("pending_intent")
    if not pending or not turn.text or len(turn.plain) > LONGEST_CHOICE:
        return None
    is_choice = bool(read_home_hint(turn.plain)) or is_about_products(turn.plain)
    return str(pending) if is_choice and not is_question(turn.plain) else None
