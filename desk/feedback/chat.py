"""The survey in the chat: the desk answers a tap itself, in every state of the conversation."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.conversations.models import Conversation, Message, Sender
from desk.conversations.service import AddedMessage
from desk.conversations.writing import Line, append, in_script_of
from desk.errors import Conflict, InvalidInput, NotFound
from desk.feedback.models import Survey
from desk.feedback.surveys import add_comment, answer_survey
from desk.feedback.tapping import Tap, comment_button, read_tap, survey_ending
from desk.locale import t
from desk.tickets.models import Ticket
from desk.tickets.view import due_text, kind_name

SEARCHED = 200
"""How many of the newest messages can hold a question's buttons."""


def take_customer_message(
    session: Session,
    conversation_id: str,
    *,
    client_id: str,
    text: str,
    payload: str | None = None,
    now: datetime | None = None,
) -> AddedMessage:
    """As `conversations.service.add_customer_message`, but a tap on a survey's button is answered
    here, without the bot: also in a conversation that has ended, which stays so."""
    tap = read_tap(payload)
    add: Callable[..., AddedMessage] = (
        conversations.add_settled_message if tap else conversations.add_customer_message
    )
    added = add(session, conversation_id, client_id=client_id, text=text, payload=payload, now=now)
    if tap and added.is_new:
        _answer(session, conversation_id, tap, added.message, now or utc_now())
    return added


def take_buttons(session: Session, conversation_id: str, survey_id: int) -> None:
    """Take a survey's buttons from the messages that offered them: it was answered."""
    _take_buttons(session, conversation_id, survey_ending(survey_id))


def _answer(
    session: Session, conversation_id: str, tap: Tap, message: Message, now: datetime
) -> None:
    conversation = conversations.find(session, conversation_id)
    try:
        survey = _survey(session, conversation, tap)
        if tap.score is None:
            add_comment(session, survey, message.text, now=now)
            _say(session, conversation, t("customer.comment_thanks"), now)
            _take_buttons(session, conversation.id, comment_button(survey)["payload"])
            return
        result = answer_survey(session, survey.id, tap.score, now=now)
    except NotFound:
        _say(session, conversation, t("customer.not_asked"), now)
    except Conflict:
        _say(session, conversation, t("customer.closed_before"), now)
    except InvalidInput as problem:
        _say(session, conversation, t(problem.key, **problem.details), now)
    else:
        if result.is_repeat:
            _say(session, conversation, t("customer.answered_before"), now)
            return
        take_buttons(session, conversation.id, survey.id)
        text = _thanks(result.ticket, is_reopened=result.is_reopened)
        _say(session, conversation, text, now, [comment_button(survey)])


def _survey(session: Session, conversation: Conversation, tap: Tap) -> Survey:
    """Return the survey that was tapped, if it is about a ticket of this conversation."""
    query = select(Survey).join(Ticket).where(Ticket.conversation_id == conversation.id)
    if tap.survey_id is not None:
        query = query.where(Survey.id == tap.survey_id)
    # Without a name: the newest that waits for its answer, else the newest.
    order = (Survey.answered_at.is_not(None), Survey.id.desc())
    survey = session.scalar(query.order_by(*order).limit(1))
    if survey is None:
        raise NotFound("errors.survey_not_found")
    return survey


def _thanks(ticket: Ticket, *, is_reopened: bool) -> str:
    values = {"number": ticket.number, "kind": kind_name(ticket.kind)}
    if is_reopened:
        return t("customer.sorry", **values, due=due_text(ticket.due_at))
    return t("customer.thanks", **values)


def _say(
    session: Session,
    conversation: Conversation,
    text: str,
    now: datetime,
    buttons: Iterable[dict[str, str]] = (),
) -> None:
    shown = [{**button, "title": in_script_of(conversation, button["title"])} for button in buttons]
    line = Line(in_script_of(conversation, text), buttons=shown)
    append(session, conversation, Sender.SYSTEM, line, now=now)


def _take_buttons(session: Session, conversation_id: str, ending: str) -> None:
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.sender == Sender.SYSTEM)
        .order_by(Message.seq.desc())
        .limit(SEARCHED)
    )
    for message in session.scalars(query):
        if any(button.get("payload", "").endswith(ending) for button in message.buttons):
            message.buttons = []
