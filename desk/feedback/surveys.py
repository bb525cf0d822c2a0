"""Was the customer satisfied? One question a round; dissatisfied reopens, one level up (R-B10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput, NotFound
from desk.feedback.models import Survey
from desk.feedback.reopening import reopen
from desk.tickets.locking import lock_ticket
from desk.tickets.models import Ticket, TicketEntry, TicketState
from desk.tickets.timeline import EntryKind, append

EXPIRES_AFTER = timedelta(days=7)
SATISFIED_FROM = 3
COMMENT_LIMIT = 1000
UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """What an answer led to. `is_repeat`: it had been answered before, nothing changed."""

    ticket: Ticket
    survey: Survey
    is_reopened: bool = False
    is_repeat: bool = False


def ask_survey(
    session: Session, ticket: Ticket, now: datetime | None = None, *, channel: str = "chat"
) -> Survey:
    """Begin a round, or ask again in the present one while it has no answer.

    The question itself goes out with the timeline's entry.
    """
    now = now or utc_now()
    newest = newest_survey(session, ticket.id)
    if newest is not None and newest.answered_at is None:
        survey = newest
        survey.channel, survey.expires_at = channel, now + EXPIRES_AFTER
    else:
        survey = Survey(
            ticket_id=ticket.id,
            round=newest.round + 1 if newest else 1,
            channel=channel,
            asked_at=now,
            expires_at=now + EXPIRES_AFTER,
        )
        session.add(survey)
    session.flush()
    data = {"survey_id": survey.id, "round": survey.round, "channel": channel}
    append(session, ticket, EntryKind.SURVEY_ASKED, actor="system", at=now, data=data)
    return survey


def newest_survey(session: Session, ticket_id: int) -> Survey | None:
    """Return the ticket's last round."""
    query = select(Survey).where(Survey.ticket_id == ticket_id)
    return session.scalar(query.order_by(Survey.round.desc()).limit(1))


def surveys_of(session: Session, ticket_id: int, *, limit: int = 100) -> Sequence[Survey]:
    """Return a ticket's rounds, oldest first."""
    query = select(Survey).where(Survey.ticket_id == ticket_id)
    return session.scalars(query.order_by(Survey.round).limit(limit)).all()


def open_survey(
    session: Session, conversation_id: str, now: datetime | None = None
) -> Survey | None:
    """Return the conversation's newest question that still waits for an answer."""
    query = (
        select(Survey)
        .join(Ticket)
        .where(
            Ticket.conversation_id == conversation_id,
            Survey.answered_at.is_(None),
            Survey.expires_at > (now or utc_now()),
        )
    )
    return session.scalar(query.order_by(Survey.id.desc()).limit(1))


def was_asked(session: Session, conversation_id: str) -> bool:
    """Tell whether a conversation was ever asked, answered or not."""
    asked = select(Survey.id).join(Ticket).where(Ticket.conversation_id == conversation_id)
    return session.scalar(asked.limit(1)) is not None


def answer_survey(
    session: Session,
    survey_id_or_conversation: int | str,
    score: int,
    comment: str | None = None,
    now: datetime | None = None,
    *,
    actor: str = "customer",
) -> SurveyResult:
    """Record the customer's answer; `actor` is the agent who took it down on the phone.

    A score below `SATISFIED_FROM` reopens the ticket one level up, any other closes it.

    Raises:
        InvalidInput: no score from 1 to 5, or a comment too long.
        NotFound: nothing was asked.
        Conflict: answered differently before, or the ticket was closed for another reason.
    """
    if type(score) is not int or not 1 <= score <= 5:
        raise InvalidInput("errors.survey_score", field="score")
    comment = _comment(comment)
    now = now or utc_now()
    survey, ticket = _locked(session, survey_id_or_conversation)
    if survey.answered_at is not None:
        if survey.score == score or ticket.state != TicketState.CLOSED:
            return SurveyResult(ticket, survey, is_repeat=True)
        raise Conflict("errors.survey_answered", number=ticket.number)
    if ticket.state == TicketState.CLOSED and not _was_unanswered(session, ticket):
        raise Conflict("errors.survey_closed", number=ticket.number)
    survey.score, survey.comment, survey.answered_at = score, comment, now
    is_satisfied = score >= SATISFIED_FROM
    data: dict[str, Any] = {"survey_id": survey.id, "round": survey.round, "score": score}
    if is_satisfied and ticket.state != TicketState.CLOSED:
        data |= {"before": ticket.state, "after": TicketState.CLOSED}
    append(session, ticket, EntryKind.SURVEY_ANSWERED, actor=actor, at=now, text=comment, data=data)
    if not is_satisfied:
        cause = f"dissatisfied:{survey.round}"
        reopen(session, ticket, cause=cause, actor=actor, channel=survey.channel, now=now)
    return SurveyResult(ticket, survey, is_reopened=not is_satisfied)


def add_comment(
    session: Session,
    survey: Survey,
    comment: str,
    *,
    actor: str = "customer",
    now: datetime | None = None,
) -> None:
    """Keep what the customer has to say besides the score, also after the ticket was closed.

    Raises:
        InvalidInput: empty or too long.
    """
    kept = _comment(comment)
    if kept is None:
        raise InvalidInput("errors.survey_comment_empty", field="comment")
    survey.comment = kept if survey.comment is None else f"{survey.comment}\n{kept}"
    ticket = session.get_one(Ticket, survey.ticket_id)
    data = {"survey_id": survey.id, "round": survey.round}
    append(
        session,
        ticket,
        EntryKind.SUPPLEMENTED,
        actor=actor,
        at=now or utc_now(),
        text=kept,
        data=data,
    )


def expire_surveys(session: Session, now: datetime | None = None, limit: int = 200) -> int:
    """Close tickets whose customer did not answer in time; return how many. A late answer is
    still taken."""
    now = now or utc_now()
    later = aliased(Survey)
    is_newest = ~(
        select(later.id)
        .where(later.ticket_id == Survey.ticket_id, later.round > Survey.round)
        .exists()
    )
    query = (
        select(Ticket)
        .join(Survey)
        .where(Survey.answered_at.is_(None), Survey.expires_at <= now, is_newest)
        .where(Ticket.state == TicketState.RESOLVED)
        .order_by(Survey.expires_at)
        .limit(limit)
        .with_for_update(of=Ticket, skip_locked=True, key_share=True)
    )
    tickets = session.scalars(query).all()
    for ticket in tickets:
        data = {"before": ticket.state, "after": TicketState.CLOSED, "reason": UNANSWERED}
        append(session, ticket, EntryKind.STATE_CHANGED, actor="system", at=now, data=data)
    return len(tickets)


def _locked(session: Session, wanted: int | str) -> tuple[Survey, Ticket]:
    """Return survey and ticket, the ticket locked: two taps at once must not both count."""
    asked = Survey.id == wanted if isinstance(wanted, int) else Ticket.conversation_id == wanted
    # The newest one that waits for an answer; without such, the newest that was answered.
    order = (Survey.answered_at.is_not(None), Survey.id.desc())
    found = session.execute(
        select(Survey.id, Survey.ticket_id).join(Ticket).where(asked).order_by(*order).limit(1)
    ).first()
    if found is None:
        raise NotFound("errors.survey_not_found")
    ticket = lock_ticket(session, found.ticket_id)
    return session.get_one(Survey, found.id, populate_existing=True), ticket


def _was_unanswered(session: Session, ticket: Ticket) -> bool:
    query = (
        select(TicketEntry)
        .where(TicketEntry.ticket_id == ticket.id, TicketEntry.kind == EntryKind.STATE_CHANGED)
        .order_by(TicketEntry.id.desc())
        .limit(1)
    )
    entry = session.scalar(query)
    return entry is not None and entry.data.get("reason") == UNANSWERED


def _comment(comment: str | None) -> str | None:
    kept = (comment or "").strip()
    if len(kept) > COMMENT_LIMIT:
        raise InvalidInput("errors.survey_comment_too_long", field="comment", limit=COMMENT_LIMIT)
    return kept or None
