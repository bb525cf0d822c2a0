"""What is not an answer to the form's question: small talk, a question in between, another wish."""

import re

from actions.answers.registry import answer_turn, can_answer
from actions.base import Reply, Say, get_desk
from actions.forms.view import CANCELLED, FormView, Step
from actions.greeting import company_values
from actions.parsing.replies import is_skip
from actions.topics import is_question

SURE = 0.6
"""Confidence from which an intent counts inside a form; below, the message is read as an answer."""
FAIRLY_SURE = 0.45
LONGEST_ASIDE = 40
LONGEST_SMALL_TALK = 12
LONGEST_STOP = 20
SHORTEST_REPEAT = 5
"""Shorter ones (跳过, 好的) are rightly said twice."""
_PERSON = re.compile(
    r"人工|真人|活人|客服|经理|领导|主管|负责人|老板|转接|接线|找人|换人|来人|人来|人接|有人|工作人员"
)
_ENOUGH = re.compile(r"不|别|取消|算了|停|退出|结束|再见|拜|走了|先这样|下次|改天|作废")
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


def is_sent_twice(view: FormView, free_text: frozenset[str]) -> bool:
    """Tell whether an answer came twice: it must not fill the next free text as well."""
    is_free = str(view.requested) in free_text
    return view.turn.is_repeated and is_free and len(view.plain) >= SHORTEST_REPEAT


def end_of(view: FormView) -> Step | None:
    """End the form if the message asks for a person, or says to stop in other words."""
    turn, text = view.turn, view.plain
    if turn.intent == "request_human" and (not turn.text or turn.confidence >= FAIRLY_SURE):
        is_said = not turn.text or bool(_PERSON.search(text))
        return Step(outcome="handover_requested") if is_said else None
    is_short = bool(turn.text) and len(text) <= LONGEST_STOP and not is_skip(text)
    if turn.intent in ("cancel_form", "goodbye") and turn.confidence >= SURE and is_short:
        return Step(outcome=CANCELLED) if _ENOUGH.search(text) else None
    return None


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
