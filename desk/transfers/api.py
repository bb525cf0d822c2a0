"""REST: transfers to departments, their steps and the printed form."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathPart
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.current import get_desk
from desk.locale import t
from desk.tickets.service import find_for_staff
from desk.transfers import repository, service
from desk.transfers.domain import MATTER_LIMIT, TEXT_LIMIT
from desk.transfers.models import Transfer
from desk.transfers.printing import Printout
from desk.transfers.view import transfer_json
from desk.web.callers import AnyStaff, Speaker, Supervisor
from desk.web.downloads import download

router = APIRouter(tags=["转办"])

Number = Annotated[str, PathPart(max_length=32)]
TransferId = Annotated[int, PathPart(ge=1, lt=2**31)]
Text = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
BOX_PATTERN = f"^({'|'.join(repository.BOXES)})$"


class TransferBody(BaseModel):
    """What the department is asked to do; `first_responsible` is a staff id, the caller's if
    it is left out."""

    department: Annotated[str, Field(max_length=32)]
    matter: Annotated[str, Field(min_length=1, max_length=MATTER_LIMIT)]
    required_by: AwareDatetime
    first_responsible: Annotated[int | None, Field(ge=1, lt=2**31)] = None


class TextBody(BaseModel):
    """What is asked, answered, reported, proposed or returned."""

    text: Text


class NoteBody(BaseModel):
    """A note that may be left out."""

    text: Annotated[str | None, Field(max_length=TEXT_LIMIT)] = None


class RevealBody(BaseModel):
    """Why the customer's data is needed on paper."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


@router.get("/tickets/{number}/transfers", summary="工单的转办单")
async def of_ticket(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Return the ticket's transfers that the caller may see, in the order they were sent."""

    def read(session: Session) -> list[dict[str, Any]]:
        ticket = find_for_staff(session, number, staff)
        now = utc_now()
        return [transfer_json(one, now) for one in repository.of_ticket(session, staff, ticket)]

    return {"transfers": await get_desk().database.look(read)}


@router.post("/tickets/{number}/transfers", summary="转办", status_code=201)
async def create(number: Number, staff: Speaker, body: TransferBody) -> dict[str, Any]:
    """Send the ticket to a department."""

    def write(session: Session) -> dict[str, Any]:
        made = service.create(
            session,
            staff,
            find_for_staff(session, number, staff),
            department=body.department,
            matter=body.matter,
            required_by=body.required_by,
            first_responsible=body.first_responsible or staff.id,
        )
        return transfer_json(made, utc_now())

    return await get_desk().database.run(write)


@router.get("/transfers", summary="转办单列表")
async def listing(
    staff: AnyStaff,
    box: Annotated[str | None, Query(pattern=BOX_PATTERN)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return the transfers of a box, or all that are under way; counts of all boxes."""

    def read(session: Session) -> dict[str, Any]:
        now = utc_now()
        found = repository.in_box(session, staff, box, now=now, limit=limit, offset=offset)
        return {
            "counts": repository.count_boxes(session, staff, now=now),
            "transfers": [transfer_json(one, now) for one in found],
        }

    return await get_desk().database.look(read)


@router.get("/transfers/{transfer_id}", summary="一张转办单")
async def one(transfer_id: TransferId, staff: AnyStaff) -> dict[str, Any]:
    """Return a transfer."""
    found = await get_desk().database.look(repository.find, staff, transfer_id)
    return transfer_json(found, utc_now())


@router.post("/transfers/{transfer_id}/accept", summary="接收")
async def accept(transfer_id: TransferId, staff: AnyStaff) -> dict[str, Any]:
    """Take it on for the department; 409 with the colleague's name if somebody was faster."""
    return await _step(service.accept, staff, transfer_id)


@router.post("/transfers/{transfer_id}/ask-back", summary="反问")
async def ask_back(transfer_id: TransferId, staff: AnyStaff, body: TextBody) -> dict[str, Any]:
    """Ask for what is missing; the ticket's clock stands until the answer."""
    return await _step(service.ask_back, staff, transfer_id, body.text)


@router.post("/transfers/{transfer_id}/answer", summary="答复反问")
async def answer(transfer_id: TransferId, staff: Speaker, body: TextBody) -> dict[str, Any]:
    """Answer the department."""
    return await _step(service.answer_back, staff, transfer_id, body.text)


@router.post("/transfers/{transfer_id}/progress", summary="反馈进展")
async def progress(transfer_id: TransferId, staff: AnyStaff, body: TextBody) -> dict[str, Any]:
    """Say how far the department is."""
    return await _step(service.report_progress, staff, transfer_id, body.text)


@router.post("/transfers/{transfer_id}/propose", summary="提交处理结果")
async def propose(transfer_id: TransferId, staff: AnyStaff, body: TextBody) -> dict[str, Any]:
    """Put a result before the desk."""
    return await _step(service.propose, staff, transfer_id, body.text)


@router.post("/transfers/{transfer_id}/approve", summary="确认结果")
async def approve(transfer_id: TransferId, staff: Speaker, body: NoteBody) -> dict[str, Any]:
    """Accept the result."""
    return await _step(service.approve, staff, transfer_id, body.text)


@router.post("/transfers/{transfer_id}/return", summary="退回重办")
async def return_to(transfer_id: TransferId, staff: Speaker, body: TextBody) -> dict[str, Any]:
    """Send the result back."""
    return await _step(service.return_to, staff, transfer_id, body.text)


@router.post("/transfers/{transfer_id}/cancel", summary="撤回")
async def cancel(transfer_id: TransferId, staff: Speaker, body: TextBody) -> dict[str, Any]:
    """Take the transfer back."""
    return await _step(service.cancel, staff, transfer_id, body.text)


@router.post("/transfers/{transfer_id}/press", summary="督办")
async def press(transfer_id: TransferId, staff: Supervisor, body: NoteBody) -> dict[str, Any]:
    """Press a slow department."""
    return await _step(service.press, staff, transfer_id, body.text)


@router.get("/transfers/{transfer_id}/form.pdf", summary="打印转办单", response_class=Response)
async def form(transfer_id: TransferId, staff: AnyStaff) -> Response:
    """Return the form with the customer's data masked."""
    printout = await get_desk().database.look(Printout, staff, transfer_id, now=utc_now())
    return await _as_file(printout)


@router.post(
    "/transfers/{transfer_id}/form.pdf", summary="打印转办单（含客户资料）", response_class=Response
)
async def full_form(transfer_id: TransferId, staff: AnyStaff, body: RevealBody) -> Response:
    """Return the form with the customer's data; who printed it and why is recorded."""
    printout = await get_desk().database.run(
        Printout, staff, transfer_id, reveal_reason=body.reason, now=utc_now()
    )
    return await _as_file(printout)


async def _as_file(printout: Printout) -> Response:
    desk = get_desk()
    content = await asyncio.to_thread(printout.pdf, desk.company.name)
    name = t("transfer.form_name", number=printout.number.replace("/", "-"))
    return download(content, name, "application/pdf")


async def _step(
    step: Callable[..., Transfer], staff: Staff, transfer_id: int, *given: Any
) -> dict[str, Any]:
    def write(session: Session) -> dict[str, Any]:
        return transfer_json(step(session, staff, transfer_id, *given), utc_now())

    return await get_desk().database.run(write)
