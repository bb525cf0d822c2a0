"""REST: escalations to acknowledge, absences, the duty roster, promises."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Path as PathPart
from pydantic import AwareDatetime, BaseModel, Field

from desk.current import get_desk
from desk.escalation import duties, promises, service
from desk.escalation.models import Absence, Commitment, Duty, Escalation
from desk.web.callers import AnyStaff, Speaker, Supervisor

router = APIRouter(tags=["升级与值班"])

RowId = Annotated[int, PathPart(ge=1, lt=2**31)]
StaffId = Annotated[int, Field(ge=1, lt=2**31)]
Limit = Annotated[int, Query(ge=1, le=500)]


class AbsenceBody(BaseModel):
    """Who is away, from when to when, and who stands in."""

    staff_id: StaffId
    substitute_id: StaffId | None = None
    begins_at: AwareDatetime
    ends_at: AwareDatetime


class DutyBody(BaseModel):
    """Who is the manager on duty, from when to when."""

    staff_id: StaffId
    begins_at: AwareDatetime
    ends_at: AwareDatetime


@router.get("/escalations", summary="待确认的升级")
async def listing(staff: AnyStaff, mine: bool = False, limit: Limit = 100) -> dict[str, Any]:
    """Return what waits to be acknowledged: one's own first; leaders see everybody's."""
    found = await get_desk().database.look(
        service.open_escalations, staff, is_mine=mine, limit=limit
    )
    return {
        "escalations": [
            {
                **escalation_json(one.escalation),
                "is_mine": one.is_mine,
                "ticket": one.ticket.number,
                "due_at": one.ticket.due_at.isoformat(),
            }
            for one in found
        ]
    }


@router.post("/escalations/{escalation_id}/acknowledge", summary="确认升级")
async def acknowledge(escalation_id: RowId, staff: AnyStaff) -> dict[str, Any]:
    """Take an escalation up; those of the ticket at the same level and below go with it."""
    return escalation_json(await get_desk().database.run(service.acknowledge, staff, escalation_id))


@router.get("/absences", summary="请假与代理")
async def absences(staff: Supervisor) -> dict[str, Any]:
    """Return absences of now and to come."""
    found = await get_desk().database.look(duties.absences, staff)
    return {"absences": [absence_json(one) for one in found]}


@router.post("/absences", summary="登记请假", status_code=201)
async def add_absence(staff: Supervisor, body: AbsenceBody) -> dict[str, Any]:
    """Note an absence; `remarks` tell what to think of."""
    saved = await get_desk().database.run(duties.add_absence, staff, **body.model_dump())
    return {"id": saved.id, "remarks": saved.remarks}


@router.delete("/absences/{absence_id}", summary="取消请假", status_code=204)
async def remove_absence(absence_id: RowId, staff: Supervisor) -> None:
    """Take an absence back."""
    await get_desk().database.run(duties.remove_absence, staff, absence_id)


@router.get("/duties", summary="值班表")
async def duty_roster(staff: Supervisor) -> dict[str, Any]:
    """Return duties of now and to come."""
    found = await get_desk().database.look(duties.duties, staff)
    return {"duties": [duty_json(one) for one in found]}


@router.post("/duties", summary="排值班", status_code=201)
async def add_duty(staff: Supervisor, body: DutyBody) -> dict[str, Any]:
    """Put a leader on duty; `remarks` tell what to think of."""
    saved = await get_desk().database.run(duties.add_duty, staff, **body.model_dump())
    return {"id": saved.id, "remarks": saved.remarks}


@router.delete("/duties/{duty_id}", summary="取消值班", status_code=204)
async def remove_duty(duty_id: RowId, staff: Supervisor) -> None:
    """Take a duty back."""
    await get_desk().database.run(duties.remove_duty, staff, duty_id)


@router.get("/promises", summary="对客户的承诺")
async def promised(
    staff: Speaker, state: Literal["open", "kept", "broken"] | None = None, limit: Limit = 100
) -> dict[str, Any]:
    """Return one's own promises; leaders see everybody's."""
    found = await get_desk().database.look(promises.promises_of, staff, state=state, limit=limit)
    return {"promises": [promise_json(one) for one in found]}


@router.post("/promises/{promise_id}/keep", summary="承诺已兑现")
async def keep(promise_id: RowId, staff: Speaker) -> dict[str, Any]:
    """Note that a promise was kept in another way, e.g. by a call."""
    kept = await get_desk().database.run(promises.keep, staff, promise_id)
    return {"id": kept.id, "state": kept.state}


def escalation_json(one: Escalation) -> dict[str, Any]:
    """Return an escalation as the API shows it."""
    return {
        "id": one.id,
        "cause": one.cause,
        "level": one.level,
        "is_duty": one.duty,
        "staff": one.staff.display_name if one.staff else None,
        "created_at": one.created_at.isoformat(),
        "acknowledge_by": _iso(one.acknowledge_by),
        "acknowledged_at": _iso(one.acknowledged_at),
    }


def absence_json(one: Absence) -> dict[str, Any]:
    """Return an absence as the API shows it."""
    return {
        "id": one.id,
        "staff_id": one.staff_id,
        "staff": one.staff.display_name,
        "substitute_id": one.substitute_id,
        "substitute": one.substitute.display_name if one.substitute else None,
        "begins_at": one.begins_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
    }


def duty_json(one: Duty) -> dict[str, Any]:
    """Return a duty as the API shows it."""
    return {
        "id": one.id,
        "staff_id": one.staff_id,
        "staff": one.staff.display_name,
        "begins_at": one.begins_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
    }


def promise_json(one: Commitment) -> dict[str, Any]:
    """Return a promise as the API shows it."""
    return {
        "id": one.id,
        "ticket": one.ticket.number if one.ticket else None,
        "conversation_id": one.conversation_id,
        "agent": one.staff.display_name,
        "what": one.what,
        "state": one.state,
        "due_at": one.due_at.isoformat(),
        "created_at": one.created_at.isoformat(),
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
