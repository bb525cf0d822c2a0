"""A typed answer to the satisfaction survey (R-B10); taps on its buttons the desk takes itself.

The survey's question comes from the desk, so nothing in the talk tells of it: messages that may
be an answer are held against the database. Whatever intent 「不满意，还是漏水」 looks like, it
answers.
"""

from sqlalchemy.orm import Session

from actions.base import Reply, Say, get_desk
from actions.parsing.scores import Score, read_score
from actions.topics import is_question
from actions.turn import Turn
from desk.errors import Conflict
from desk.feedback.models import Survey
from desk.feedback.surveys import (
    COMMENT_LIMIT,
    add_comment,
    answer_survey,
    open_survey,
    was_asked,
)
from desk.tickets.view import due_text

COMMENT = "survey_comment"
"""Slot with id and score of the survey that was just answered; the next words may explain it."""
SATISFIED_FROM = 3
_SHORTEST_COMMENT = 2
_REMARKS = ("give_praise", "make_suggestion", "thank", "affirm", "deny", "out_of_scope")
_COMPLAINTS = ("file_complaint", "request_repair", "ask_ticket_progress")
"""Intents of a comment: of one who is content, and besides of one who is not."""


async def is_survey_answer(turn: Turn, *, is_asked_else: bool = False) -> bool:
    """Tell whether a message answers a survey that waits for it.

    Args:
        turn: the customer's message.
        is_asked_else: something else was asked since, so 「5」 or 「一般」 may answer that.
    """
    score = read_score(turn.plain) if turn.text else None
    if not is_asked_else and score is None and _is_comment(turn):
        return True
    if score is None or (is_asked_else and not score.is_plain):
        return False
    return await get_desk().database.look(_is_due, turn.conversation_id, score)


async def survey_reply(turn: Turn) -> Reply | None:
    """Record the answer or comment that a message gives; None if it gives none."""
    if not turn.text:
        return None
    score = read_score(turn.plain)
    if score:
        return await get_desk().database.run(_answer, turn, score)
    return await get_desk().database.run(_comment, turn) if _is_comment(turn) else None


def _is_comment(turn: Turn) -> bool:
    answered = turn.slots.get(COMMENT)
    if not answered or len(turn.plain) < _SHORTEST_COMMENT or is_question(turn.plain):
        return False
    is_content = answered["score"] >= SATISFIED_FROM
    fitting = _REMARKS if is_content else (*_REMARKS, *_COMPLAINTS)
    return turn.intent in (*fitting, "nlu_fallback")


def _is_due(session: Session, conversation_id: str, score: Score) -> bool:
    """An answer that waits, or one more score after it: nothing but a figure or 很满意."""
    if open_survey(session, conversation_id):
        return True
    return score.is_plain and score.comment is None and was_asked(session, conversation_id)


def _answer(session: Session, turn: Turn, score: Score) -> Reply | None:
    if not _is_due(session, turn.conversation_id, score):
        return None
    survey = open_survey(session, turn.conversation_id)
    if survey is None:
        return Reply((Say("utter_survey_answered"),))
    comment = score.comment[:COMMENT_LIMIT] if score.comment else None
    try:
        result = answer_survey(session, survey.id, score.value, comment)
    except Conflict:
        return Reply((Say("utter_survey_over"),))
    values = {"number": result.ticket.number, "due": due_text(result.ticket.due_at)}
    response = "utter_survey_reopened" if result.is_reopened else "utter_survey_thanks"
    says = (Say(response, values), *(() if comment else (Say("utter_ask_survey_comment"),)))
    answered = {"id": survey.id, "score": score.value}
    return Reply(says, {COMMENT: None if comment else answered})


def _comment(session: Session, turn: Turn) -> Reply:
    survey = session.get_one(Survey, int(turn.slots[COMMENT]["id"]))
    add_comment(session, survey, turn.text[:COMMENT_LIMIT])
    return Reply((Say("utter_survey_commented"),))
