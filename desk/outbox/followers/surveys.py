"""Asks the customer after the result whether they are satisfied (R-B10)."""

from desk.feedback.chat import take_buttons
from desk.feedback.models import Survey
from desk.feedback.surveys import ask_survey
from desk.feedback.tapping import score_buttons
from desk.outbox.audience import responsible
from desk.outbox.channels import current_channels
from desk.outbox.news import News
from desk.outbox.queueing import notify
from desk.outbox.telling import tell, way_to
from desk.tickets.models import TicketState
from desk.tickets.timeline import EntryKind


def follow(news: News) -> None:
    """Begin a survey once a result is there, bring its question to the customer, and take it away
    once it was answered."""
    if news.entry.kind == EntryKind.SURVEY_ASKED:
        _bring(news)
    elif news.entry.kind == EntryKind.SURVEY_ANSWERED:
        _take_stars(news)
    elif _has_result(news):
        ask_survey(news.session, news.ticket, news.now, channel=way_to(news.ticket).channel)


def _take_stars(news: News) -> None:
    """Take the stars away; after a tap on them they are gone already."""
    conversation_id = news.ticket.conversation_id
    if conversation_id:
        take_buttons(news.session, conversation_id, news.data["survey_id"])


def _has_result(news: News) -> bool:
    """Tell whether this entry settled the matter, and nothing has happened to it since."""
    leads_to_it = news.data.get("after") == TicketState.RESOLVED
    return leads_to_it and news.ticket.state == TicketState.RESOLVED


def _bring(news: News) -> None:
    survey = news.session.get_one(Survey, news.data["survey_id"])
    if survey.answered_at is not None:
        return
    if survey.channel == "chat":
        tell(news, "survey", buttons=score_buttons(survey))
        return
    if survey.channel in {"email", "sms"}:
        tell(news, "survey_away", phone=current_channels().phone)
    for staff in responsible(news.session, news.ticket):
        news.has_notices |= notify(
            news.session,
            staff.id,
            key="outbox.notice_survey",
            dedupe_key=news.key(f"survey:{staff.id}"),
            ticket_id=news.ticket.id,
            values={"number": news.ticket.number},
            now=news.now,
        )
