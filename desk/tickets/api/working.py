"""REST: opening a ticket, reading it, and what goes on with it."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathPart
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.current import get_desk
from desk.tickets import handling, service
from desk.tickets.api.bodies import (
    AssignmentBody,
    ClassificationBody,
    EntryBody,
    StateBody,
    TicketBody,
)
from desk.tickets.api.showing import staff_id_of, with_timeline, workable
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.view import ticket_json
from desk.web.callers import AnyStaff, Speaker

router = APIRouter(prefix="/tickets")

Number = Annotated[str, PathPart(max_length=32)]


@router.post("", summary="登记工单", status_code=201)
async def create(staff: Speaker, body: TicketBody) -> dict[str, Any]:
    """Open a ticket; category, department, severity and deadline are worked out where not given."""
    new = NewTicket(**body.model_dump())
    triage = await asyncio.to_thread(service.triage_of, new)
    ticket = await get_desk().database.run(
        service.open_ticket, new, actor=staff.login, triage=triage
    )
    return ticket_json(ticket)


@router.get("/{number}", summary="一张工单")
async def one(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Return a ticket with its timeline."""
    return await get_desk().database.look(with_timeline, staff, number)


@router.post("/{number}/entries", summary="补充工单")
async def supplement(number: Number, staff: AnyStaff, body: EntryBody) -> dict[str, Any]:
    """Add what the customer said; on a merged ticket it goes to the one that stands for it."""
    return await change(
        staff, number, lambda s, one: service.supplement(s, one, body.text, actor=staff.login)
    )


@router.post("/{number}/notes", summary="添加内部备注")
async def note(number: Number, staff: AnyStaff, body: EntryBody) -> dict[str, Any]:
    """Add a remark for colleagues; the customer is not told."""
    return await change(
        staff, number, lambda s, one: service.note(s, one, body.text, actor=staff.login)
    )


@router.post("/{number}/urges", summary="催办")
async def urge(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Record that the customer presses for an answer."""
    return await change(staff, number, lambda s, one: service.urge(s, one, actor=staff.login))


@router.post("/{number}/state", summary="变更工单状态")
async def change_state(number: Number, staff: AnyStaff, body: StateBody) -> dict[str, Any]:
    """Move a ticket to another state."""
    return await change(
        staff,
        number,
        lambda s, one: service.change_state(s, one, body.state, actor=staff.login, text=body.text),
    )


@router.post("/{number}/assignment", summary="指派负责人")
async def assign(number: Number, staff: AnyStaff, body: AssignmentBody) -> dict[str, Any]:
    """Make somebody responsible for the answer."""

    def work(session: Session, ticket: Ticket) -> None:
        handling.assign(session, staff, ticket, staff_id_of(session, body.login))

    return await change(staff, number, work)


@router.post("/{number}/classification", summary="重新归类")
async def reclassify(number: Number, staff: AnyStaff, body: ClassificationBody) -> dict[str, Any]:
    """Correct kind, category, department, severity or cause; the deadline follows."""
    wanted = handling.Classification(**body.model_dump(exclude={"text"}))
    return await change(
        staff,
        number,
        lambda s, one: handling.reclassify(s, staff, one, wanted, reason=body.text),
    )


async def change(
    staff: Staff, number: str, work: Callable[[Session, Ticket], object]
) -> dict[str, Any]:
    """Do something with a ticket as this person, in one transaction; return how it stands then."""

    def run(session: Session) -> dict[str, Any]:
        work(session, workable(session, number, staff))
        return with_timeline(session, staff, number)

    return await get_desk().database.run(run)
