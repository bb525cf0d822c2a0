"""What is not an answer to the form's question: small talk, a question in between, another wish."""

from actions.answers.registry import answer_turn, can_answer
from actions.base import Reply, Say, get_desk
from actions.forms.view import FormView
from actions.greeting import company_values
from actions.topics import is_question

SURE = 0.6
"""Confidence from which an intent counts inside a form; below, the message is read as an answer."""
FAIRLY_SURE = 0.45
LONGEST_ASIDE = 40
LONGEST_SMALL_TALK = 12
SMALL_TALK = {"thank": "utter_small_reply", "greet": "utter_greet_again"}
OTHER_FORMS = frozenset(
    (
        "file_complaint",
        "request_repair",
        "ask_viewing",
        "ask_order_status",
        "change_order",
        "cancel_order",
        "ask_ticket_progress",
    )
)


def small_talk(view: FormView) -> Reply | None:
    """Return the reply to thanks, a greeting or 「你是机器人吗」 in the middle of a form."""
    turn = view.turn
    if not turn.text or turn.confidence < FAIRLY_SURE:
        return None
    if turn.intent == "bot_challenge":
        return Reply((Say("utter_introduce_bot", company_values()),))
    if turn.intent in SMALL_TALK and len(view.plain) <= LONGEST_SMALL_TALK:
        return Reply((Say(SMALL_TALK[turn.intent]),))
    return None


def is_aside(view: FormView) -> bool:
    """Tell whether the message is a question about facts rather than an answer."""
    turn = view.turn
    if not turn.text:
        # A button of an earlier message: 「价格」 from a clarification, a home to choose.
        return can_answer(turn.intent)
    return (
        can_answer(turn.intent)
        and turn.confidence >= SURE
        and len(view.plain) <= LONGEST_ASIDE
        and is_question(view.plain)
    )


def wants_other_form(view: FormView, own: frozenset[str]) -> bool:
    """Tell whether the message starts something else that is taken down step by step."""
    turn = view.turn
    other = turn.intent in OTHER_FORMS - own
    return other and (not turn.text or turn.confidence >= SURE)


async def answer_aside(view: FormView) -> Reply:
    """Return the answer to a question in between."""
    return await get_desk().database.run(answer_turn, view.turn)
