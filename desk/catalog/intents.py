"""What customers can mean: the bot's intents with their Chinese names."""

from functools import cache

from desk.locale import texts

ANY_WORDING = "out_of_scope"
"""An answer of this intent is found by its phrasings alone."""
SMALL_TALK = frozenset(
    {
        "greet", "goodbye", "thank", "affirm", "deny", "bot_challenge", "cancel_form",
        "request_human",
    }
)  # fmt: skip
"""Nothing that an approved answer could be about."""


@cache
def intent_names() -> dict[str, str]:
    """Return all intents of `domain.yml` with their names."""
    names = {str(key): str(value) for key, value in texts("report")["intent"].items()}
    names.pop("none")
    return {**names, ANY_WORDING: str(texts("knowledge")["out_of_scope"])}


@cache
def faq_intents() -> dict[str, str]:
    """Return the intents that an approved answer can belong to."""
    names = intent_names()
    return {one: name for one, name in names.items() if one not in SMALL_TALK}


def read_faq_intent(cell: str) -> str | None:
    """Return the intent meant by its name in Chinese or English; None if there is none."""
    names = faq_intents()
    if cell in names:
        return cell
    return next((one for one, name in names.items() if name == cell), None)
