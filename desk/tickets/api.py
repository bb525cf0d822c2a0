"""REST: tickets and their timelines. Personal data is masked."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathPart
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.current import get_desk
from desk.tickets import service
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket, TicketEntry, TicketKind, TicketState
from desk.tickets.view import ticket_json
from desk.web.callers import AnyStaff, Speaker

router = APIRouter(prefix="/tickets", tags=["工单"])

Number = Annotated[str, PathPart(max_length=32)]
Short = Annotated[str | None, Field(max_length=32)]
Long = Annotated[str | None, Field(max_length=4000)]


class TicketBody(BaseModel):
    """A matter taken down elsewhere; without consent, name, phone and room are not stored."""

    kind: TicketKind
    description: Annotated[str, Field(min_length=1, max_length=4000)]
    channel: Annotated[str, Field(max_length=16)] = "api"
    has_consent: bool = False
    customer_name: Annotated[str | None, Field(max_length=64)] = None
    phone: Short = None
    estate: Annotated[str | None, Field(max_length=64)] = None
    building: Short = None
    unit: Short = None
    room: Short = None
    order_no: Short = None
    occurred: Annotated[str | None, Field(max_length=128)] = None
    wish: Long = None


class EntryBody(BaseModel):
    """A line for the timeline."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class StateBody(BaseModel):
    """The next state, and why."""

    state: TicketState
    text: Long = None


@router.get("", summary="工单列表")
async def listing(
    staff: AnyStaff,
    state: TicketState | None = None,
    kind: TicketKind | None = None,
    severity: Annotated[str | None, Query(pattern="^(general|major)$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return tickets the caller may see, the most pressing deadline first."""
    found = await get_desk().database.look(
        service.list_tickets,
        staff,
        state=state,
        kind=kind,
        severity=severity,
        limit=limit,
        offset=offset,
    )
    return {"tickets": [ticket_json(ticket) for ticket in found]}


@router.post("", summary="登记工单", status_code=201)
async def create(staff: Speaker, body: TicketBody) -> dict[str, Any]:
    """Open a ticket; category, department, severity and deadline are worked out."""
    new = NewTicket(**body.model_dump())
    ticket = await get_desk().database.run(service.open_ticket, new, actor=staff.login)
    return ticket_json(ticket)


@router.get("/{number}", summary="一张工单")
async def one(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Return a ticket with its timeline."""
    ticket = await get_desk().database.look(service.find_for_staff, number, staff)
    return with_timeline(ticket)


@router.post("/{number}/entries", summary="补充工单")
async def supplement(number: Number, staff: AnyStaff, body: EntryBody) -> dict[str, Any]:
    """Add a line to the timeline."""
    return await get_desk().database.run(_supplement, number, staff, body.text)


@router.post("/{number}/state", summary="变更工单状态")
async def change_state(number: Number, staff: AnyStaff, body: StateBody) -> dict[str, Any]:
    """Move a ticket to another state."""
    return await get_desk().database.run(_change_state, number, staff, body)


def with_timeline(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket with its timeline, both as the API shows them."""
    return {**ticket_json(ticket), "entries": [entry_json(entry) for entry in ticket.entries]}


def entry_json(entry: TicketEntry) -> dict[str, Any]:
    """Return a line of a timeline as the API shows it."""
    return {
        "kind": entry.kind,
        "actor": entry.actor,
        "at": entry.at.isoformat(),
        "text": entry.text,
        "data": entry.data,
    }


def _supplement(session: Session, number: str, staff: Staff, text: str) -> dict[str, Any]:
    ticket = _workable(session, number, staff)
    service.supplement(session, ticket, text, actor=staff.login)
    return _read_again(session, ticket)


def _change_state(session: Session, number: str, staff: Staff, body: StateBody) -> dict[str, Any]:
    ticket = _workable(session, number, staff)
    service.change_state(session, ticket, body.state, actor=staff.login, text=body.text)
    return _read_again(session, ticket)


def _workable(session: Session, number: str, staff: Staff) -> Ticket:
    """Return a ticket this person may work on: all but QA, who only read."""
    ticket = service.find_for_staff(session, number, staff)
    require(staff, Role.AGENT, Role.SUPERVISOR, Role.DEPARTMENT)
    return ticket


def _read_again(session: Session, ticket: Ticket) -> dict[str, Any]:
    session.flush()
    session.expire(ticket)
    return with_timeline(service.find_ticket(session, ticket.number))
