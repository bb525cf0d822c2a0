"""Which kind of record answers which intent; several questions answered in order."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from actions.answers.asked import Answer, Asked, fact, unknown
from actions.answers.homes import answer_home
from actions.answers.products import answer_product
from actions.base import Reply, Say
from actions.topics import MAX_QUESTIONS, Question, is_about_products, questions_of
from actions.turn import Turn
from desk.catalog.service import find_faq, find_faq_by_wording

Answerer = Callable[[Session, Asked], Answer]


def answer_service(session: Session, asked: Asked) -> Answer:
    """Answer from the approved answers (FAQ) by intent and subject."""
    row = find_faq(session, asked.intent, asked.text or None)
    return Answer((fact(row.answer, f"常见问题 {row.code}"),)) if row else unknown(session, asked)


HOME_INTENTS = (
    "ask_price",
    "ask_discount",
    "ask_tax_fee",
    "ask_payment",
    "ask_layout",
    "ask_floor",
    "ask_light_noise",
    "ask_decoration",
    "ask_school",
    "ask_location",
    "ask_amenities",
    "ask_parking",
    "ask_title_deed",
    "ask_viewing",
    "ask_listing",
    "ask_home_overview",
    "ask_property_fee",
)
PRODUCT_INTENTS = ("ask_product", "ask_installation", "ask_maintenance")
SERVICE_INTENTS = (
    "ask_refund",
    "ask_shop_payment",
    "ask_renovation_rules",
    "ask_service_desk",
    "ask_privacy",
)
ANSWERERS: dict[str, Answerer] = {
    **dict.fromkeys(HOME_INTENTS, answer_home),
    **dict.fromkeys(PRODUCT_INTENTS, answer_product),
    **dict.fromkeys(SERVICE_INTENTS, answer_service),
}
_SHARED_WITH_PRODUCTS = ("ask_price", "ask_discount", "ask_layout", "ask_home_overview")


def can_answer(intent: str) -> bool:
    """Tell whether an intent asks for a fact that stands in our records."""
    return intent in ANSWERERS


def answer_turn(session: Session, turn: Turn, intent: str | None = None) -> Reply:
    """Answer the questions of a turn in their order, in one transaction.

    Args:
        session: the turn's transaction.
        turn: the customer's message.
        intent: what is asked, if it is not the turn's own intent (an earlier question that
            waited for the customer to say which home is meant).
    """
    says: list[Say] = []
    waiting: list[Say] = []
    slots: dict[str, Any] = {"pending_intent": None, "pending_text": None}
    for question in _questions(turn, intent):
        asked = Asked(question.intent, question.text, turn)
        answer = worded_answer(session, asked.text) or _answerer(asked)(session, asked)
        if not answer.is_open:
            says += answer.says
            slots |= answer.slots
        elif not waiting:
            # One question back at a time, after what could be answered at once.
            waiting += answer.says
            slots |= answer.slots
    return Reply((*says, *waiting), slots)


def worded_answer(session: Session, text: str, *, with_questions: bool = False) -> Answer | None:
    """Return the approved answer to this very wording, whatever it was understood as."""
    row = find_faq_by_wording(session, text, with_questions=with_questions)
    return Answer((fact(row.answer, f"常见问题 {row.code}"),)) if row else None


def _questions(turn: Turn, intent: str | None) -> list[Question]:
    """Return what is asked: as the language part heard it, or by words if these tell more."""
    named = questions_of(turn.plain, intent or turn.intent)
    heard = [Question(name, text) for name, text in turn.questions if can_answer(name)]
    is_fuller = intent is None and len(heard) > 1 and len(heard) >= len(named)
    return heard[:MAX_QUESTIONS] if is_fuller else named


def _answerer(asked: Asked) -> Answerer:
    speaks_of_product = asked.turn.first("product") or is_about_products(asked.turn.plain)
    if asked.intent in _SHARED_WITH_PRODUCTS and speaks_of_product:
        return answer_product
    return ANSWERERS.get(asked.intent, answer_service)
