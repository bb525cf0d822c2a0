"""REST: what is done at a ticket besides its timeline: files, validity, groups, similar tickets."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi import Path as PathPart
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from desk.current import get_desk
from desk.errors import InvalidInput
from desk.tickets import attachments, groups, validity
from desk.tickets.files import SIZE_LIMIT, check_file
from desk.tickets.models import Attachment, TicketGroup
from desk.tickets.revealing import REASON_LIMIT, reveal
from desk.tickets.service import find_for_staff
from desk.tickets.similar import candidates, rank_similar
from desk.tickets.view import ticket_json
from desk.web.callers import AnyStaff, Speaker, Supervisor
from desk.web.downloads import download
from scripts_library.text.embedding import get_embedder

router = APIRouter(tags=["工单"])

Number = Annotated[str, PathPart(max_length=32)]
GroupId = Annotated[int, PathPart(ge=1, lt=2**31)]
UPLOAD_LIMIT = SIZE_LIMIT + 64 * 1024
"""Bytes of an upload's request: one file and the form around it."""
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class ReasonBody(BaseModel):
    """Why the customer's data is looked at."""

    reason: Annotated[str, Field(min_length=1, max_length=REASON_LIMIT)]


class ValidityBody(BaseModel):
    """Whether the complaint is valid, and why."""

    validity: Literal["valid", "invalid"]
    reason: Annotated[str, Field(min_length=1, max_length=validity.REASON_LIMIT)]


class GroupBody(BaseModel):
    """A title, and the numbers of the tickets that belong together."""

    title: Annotated[str, Field(min_length=1, max_length=groups.TITLE_LIMIT)]
    tickets: Annotated[
        list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=100)
    ]


class UpdateBody(BaseModel):
    """What all customers of the group are told."""

    text: Annotated[str, Field(min_length=1, max_length=groups.TEXT_LIMIT)]


@router.get("/tickets/{number}/attachments", summary="附件列表")
async def list_files(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Return the ticket's files."""

    def read(session: Session) -> list[dict[str, Any]]:
        ticket = find_for_staff(session, number, staff)
        return [attachment_json(one) for one in attachments.attachments_of(session, ticket)]

    return {"attachments": await get_desk().database.look(read)}


@router.post(
    "/tickets/{number}/attachments", summary="上传附件", status_code=201, openapi_extra=_UPLOAD
)
async def upload(number: Number, staff: AnyStaff, request: Request) -> dict[str, Any]:
    """Add a photo (JPEG, PNG, WebP; written anew without its metadata) or a scan (PDF), up to
    10 MB, as the form's `file`."""
    database = get_desk().database
    await database.look(find_for_staff, number, staff)
    async with request.form(max_files=1, max_fields=4) as form:
        sent = form.get("file")
        if not isinstance(sent, UploadFile):
            raise InvalidInput("errors.file_empty", field="file")
        name, content = sent.filename or "", await sent.read()
    file = await asyncio.to_thread(check_file, name, content)

    def write(session: Session) -> dict[str, Any]:
        ticket = find_for_staff(session, number, staff)
        return attachment_json(attachments.attach(session, staff, ticket, file))

    return await database.run(write)


@router.get(
    "/tickets/{number}/attachments/{attachment_id}", summary="下载附件", response_class=Response
)
async def fetch(
    number: Number, attachment_id: Annotated[str, PathPart(max_length=32)], staff: AnyStaff
) -> Response:
    """Return a file, as a download."""

    def read(session: Session) -> Attachment:
        ticket = find_for_staff(session, number, staff)
        return attachments.find_attachment(session, ticket, attachment_id)

    found = await get_desk().database.look(read)
    return download(found.content, found.name, found.media_type)


@router.post("/tickets/{number}/reveal", summary="查看客户完整信息")
async def show_customer(number: Number, staff: AnyStaff, body: ReasonBody) -> dict[str, Any]:
    """Return the customer's data unmasked; who looked and why is recorded."""

    def write(session: Session) -> dict[str, Any]:
        found = reveal(session, staff, find_for_staff(session, number, staff), body.reason)
        return {
            "customer_name": found.name,
            "phone": found.phone,
            "email": found.email,
            "room": found.room,
        }

    return await get_desk().database.run(write)


@router.post("/tickets/{number}/validity/proposal", summary="提出有效性意见")
async def propose(number: Number, staff: Speaker, body: ValidityBody) -> dict[str, Any]:
    """Put before the supervisor whether a complaint is valid."""

    def write(session: Session) -> dict[str, Any]:
        ticket = find_for_staff(session, number, staff)
        validity.propose_validity(session, staff, ticket, body.validity, body.reason)
        return ticket_json(find_for_staff(session, number, staff))

    return await get_desk().database.run(write)


@router.post("/tickets/{number}/validity/decision", summary="认定有效性")
async def decide(number: Number, staff: Supervisor, body: ValidityBody) -> dict[str, Any]:
    """Decide whether a complaint is valid."""

    def write(session: Session) -> dict[str, Any]:
        ticket = find_for_staff(session, number, staff)
        validity.decide_validity(session, staff, ticket, body.validity, body.reason)
        return ticket_json(find_for_staff(session, number, staff))

    return await get_desk().database.run(write)


@router.get("/tickets/{number}/similar", summary="相似工单")
async def similar(number: Number, staff: AnyStaff) -> dict[str, Any]:
    """Return tickets that may be about the same, with a score from 0 to 1 and the reasons."""
    desk = get_desk()
    ticket = await desk.database.look(find_for_staff, number, staff)
    others = await desk.database.look(candidates, staff, ticket)
    found = await asyncio.to_thread(lambda: rank_similar(ticket, others, get_embedder()))
    return {
        "similar": [
            {
                "number": one.ticket.number,
                "score": one.score,
                "reasons": list(one.reasons),
                "is_same_customer": one.is_same_customer,
            }
            for one in found
        ]
    }


@router.post("/ticket-groups", summary="建立同类工单组", status_code=201)
async def create_group(staff: Speaker, body: GroupBody) -> dict[str, Any]:
    """Put tickets together under a title."""

    def write(session: Session) -> dict[str, Any]:
        numbers = dict.fromkeys(body.tickets)
        tickets = [find_for_staff(session, number, staff) for number in numbers]
        group = groups.create_group(session, staff, body.title, tickets)
        return group_json(group, [ticket.number for ticket in tickets])

    return await get_desk().database.run(write)


@router.get("/ticket-groups/{group_id}", summary="同类工单组")
async def one_group(group_id: GroupId, staff: AnyStaff) -> dict[str, Any]:
    """Return a group with the tickets of it that the caller may see."""

    def read(session: Session) -> dict[str, Any]:
        group = groups.find_group(session, group_id)
        found = groups.group_tickets(session, staff, group)
        return group_json(group, [ticket.number for ticket in found])

    return await get_desk().database.look(read)


@router.put("/ticket-groups/{group_id}/tickets/{number}", summary="加入同类工单组", status_code=204)
async def add(group_id: GroupId, number: Number, staff: Speaker) -> None:
    """Add a ticket to a group."""

    def write(session: Session) -> None:
        group = groups.find_group(session, group_id)
        groups.add_to_group(session, staff, group, find_for_staff(session, number, staff))

    await get_desk().database.run(write)


@router.delete(
    "/ticket-groups/{group_id}/tickets/{number}", summary="移出同类工单组", status_code=204
)
async def remove(group_id: GroupId, number: Number, staff: Speaker) -> None:
    """Take a ticket out of a group."""

    def write(session: Session) -> None:
        group = groups.find_group(session, group_id)
        groups.remove_from_group(session, staff, group, find_for_staff(session, number, staff))

    await get_desk().database.run(write)


@router.post("/ticket-groups/{group_id}/update", summary="统一告知")
async def tell(group_id: GroupId, staff: Speaker, body: UpdateBody) -> dict[str, Any]:
    """Tell all customers of a group's open tickets the same."""
    desk = get_desk()

    def write(session: Session) -> int:
        group = groups.find_group(session, group_id)
        return groups.tell_group(session, desk.checker, staff, group, body.text)

    return {"told": await desk.database.run(write)}


def attachment_json(one: Attachment) -> dict[str, Any]:
    """Return a file as the API shows it, without its content."""
    return {
        "id": one.id,
        "name": one.name,
        "media_type": one.media_type,
        "size": one.size,
        "sha256": one.sha256,
        "uploaded_by": one.uploaded_by,
        "created_at": one.created_at.isoformat(),
    }


def group_json(group: TicketGroup, numbers: list[str]) -> dict[str, Any]:
    """Return a group as the API shows it."""
    return {
        "id": group.id,
        "title": group.title,
        "created_at": group.created_at.isoformat(),
        "tickets": numbers,
    }
