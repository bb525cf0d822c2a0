"""REST: feedback to the customer, surveys, coordination, closing with a reason."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathPart
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.current import get_desk
from desk.errors import NotFound
from desk.feedback import service
from desk.feedback.coordinating import Position, coordinate, coordinations_of
from desk.feedback.models import Coordination, Survey
from desk.feedback.surveys import COMMENT_LIMIT, answer_survey, newest_survey, surveys_of
from desk.feedback.wording import TEXT_LIMIT
from desk.tickets.service import find_for_staff
from desk.tickets.view import ticket_json
from desk.web.callers import AnyStaff, Speaker

router = APIRouter(prefix="/tickets/{number}", tags=["反馈与回访"])

Number = Annotated[str, PathPart(max_length=32)]


class FeedbackBody(BaseModel):
    """What the customer will read: measures and result, a question, or the reason of closing.

    `is_confirmed` sends it in spite of warnings about its wording.
    """

    text: Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
    is_confirmed: bool = False


class AnswerBody(BaseModel):
    """What the customer said on the phone."""

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str | None, Field(max_length=COMMENT_LIMIT)] = None


class PositionBody(BaseModel):
    """What a participant wanted."""

    who: Annotated[str, Field(min_length=1, max_length=64)]
    position: Annotated[str, Field(min_length=1, max_length=2000)]


class CoordinationBody(BaseModel):
    """A meeting; `due_at` becomes the ticket's deadline."""

    held_at: AwareDatetime
    positions: Annotated[list[PositionBody], Field(min_length=1, max_length=20)]
    agreement: Annotated[str, Field(min_length=1, max_length=2000)]
    due_at: AwareDatetime | None = None


@router.post("/feedback", summary="向客户反馈处理结果")
async def give_feedback(number: Number, staff: Speaker, body: FeedbackBody) -> dict[str, Any]:
    """Tell the customer measures and result, and ask whether they are satisfied."""
    return await get_desk().database.run(_tell, service.give_feedback, number, staff, body)


@router.post("/question", summary="请客户补充情况")
async def ask(number: Number, staff: Speaker, body: FeedbackBody) -> dict[str, Any]:
    """Ask the customer for what is missing; the ticket waits, and its clock stands."""
    return await get_desk().database.run(_tell, service.ask_customer, number, staff, body)


@router.post("/closing", summary="经理说明理由后结案")
async def close(number: Number, staff: AnyStaff, body: FeedbackBody) -> dict[str, Any]:
    """Close the ticket; the customer is told the reason. For managers and directors."""
    return await get_desk().database.run(_tell, service.close_with_reason, number, staff, body)


@router.get("/surveys", summary="满意度回访记录")
async def surveys(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Return all rounds, oldest first."""
    return {"surveys": await get_desk().database.look(_surveys, number, staff)}


@router.post("/surveys", summary="登记客户的评价")
async def answer(number: Number, staff: Speaker, body: AnswerBody) -> dict[str, Any]:
    """Record what the customer answered on the phone."""
    return await get_desk().database.run(_answer, number, staff, body)


@router.get("/coordinations", summary="协调记录")
async def coordinations(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Return all meetings about the ticket, oldest first."""
    return {"coordinations": await get_desk().database.look(_coordinations, number, staff)}


@router.post("/coordinations", summary="登记协调会", status_code=201)
async def record(number: Number, staff: AnyStaff, body: CoordinationBody) -> dict[str, Any]:
    """Record a meeting. For supervisors and above."""
    return await get_desk().database.run(_coordinate, number, staff, body)


def survey_json(survey: Survey) -> dict[str, Any]:
    """Return a round as the API shows it."""
    return {
        "round": survey.round,
        "channel": survey.channel,
        "asked_at": survey.asked_at.isoformat(),
        "expires_at": survey.expires_at.isoformat(),
        "score": survey.score,
        "comment": survey.comment,
        "answered_at": _iso(survey.answered_at),
    }


def coordination_json(one: Coordination) -> dict[str, Any]:
    """Return a meeting as the API shows it."""
    return {
        "id": one.id,
        "led_by": one.led_by.display_name,
        "held_at": one.held_at.isoformat(),
        "positions": one.positions,
        "agreement": one.agreement,
        "due_at": _iso(one.due_at),
    }


def _tell(
    session: Session, tell: Any, number: str, staff: Staff, body: FeedbackBody
) -> dict[str, Any]:
    ticket = find_for_staff(session, number, staff)
    checker = get_desk().checker
    tell(session, staff, ticket, body.text, checker=checker, is_confirmed=body.is_confirmed)
    return ticket_json(ticket)


def _surveys(session: Session, number: str, staff: Staff) -> list[dict[str, Any]]:
    ticket = find_for_staff(session, number, staff)
    return [survey_json(survey) for survey in surveys_of(session, ticket.id)]


def _answer(session: Session, number: str, staff: Staff, body: AnswerBody) -> dict[str, Any]:
    ticket = find_for_staff(session, number, staff)
    survey = newest_survey(session, ticket.id)
    if survey is None:
        raise NotFound("errors.survey_not_found")
    result = answer_survey(session, survey.id, body.score, body.comment, actor=staff.login)
    return {
        "is_reopened": result.is_reopened,
        "is_repeat": result.is_repeat,
        "ticket": ticket_json(result.ticket),
        "survey": survey_json(result.survey),
    }


def _coordinations(session: Session, number: str, staff: Staff) -> list[dict[str, Any]]:
    ticket = find_for_staff(session, number, staff)
    return [coordination_json(one) for one in coordinations_of(session, ticket)]


def _coordinate(
    session: Session, number: str, staff: Staff, body: CoordinationBody
) -> dict[str, Any]:
    ticket = find_for_staff(session, number, staff)
    one = coordinate(
        session,
        staff,
        ticket,
        held_at=body.held_at,
        positions=[Position(each.who, each.position) for each in body.positions],
        agreement=body.agreement,
        due_at=body.due_at,
    )
    return coordination_json(one)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
