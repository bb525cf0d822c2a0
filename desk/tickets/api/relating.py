"""REST: tickets that belong together, and one change to many."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathPart
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.current import get_desk
from desk.tickets import links, merging, service
from desk.tickets.api.bodies import BulkBody, LinkBody, Matter, MergeBody
from desk.tickets.api.showing import staff_id_of, with_timeline
from desk.tickets.api.working import Number, change
from desk.tickets.bulk import BulkResult, Change, change_many
from desk.tickets.domain import NewTicket
from desk.tickets.handling import Classification
from desk.tickets.models import Ticket
from desk.web.callers import AnyStaff, Speaker

router = APIRouter(prefix="/tickets")

Other = Annotated[str, PathPart(max_length=32)]


@router.post("/bulk", summary="批量处理工单")
async def bulk(staff: AnyStaff, body: BulkBody) -> dict[str, Any]:
    """Change up to 200 tickets; each succeeds whole or stays as it was, and each is reported."""
    return await get_desk().database.run(_bulk, staff, body)


@router.post("/{number}/links", summary="关联工单")
async def link(number: Number, staff: Speaker, body: LinkBody) -> dict[str, Any]:
    """Link another ticket."""

    def work(session: Session, ticket: Ticket) -> None:
        other = service.find_for_staff(session, body.other, staff)
        links.link(session, staff, ticket, other, kind=body.kind)

    return await change(staff, number, work)


@router.delete("/{number}/links/{other}", summary="取消关联")
async def unlink(number: Number, other: Other, staff: Speaker) -> dict[str, Any]:
    """Undo a link."""

    def work(session: Session, ticket: Ticket) -> None:
        links.unlink(session, staff, ticket, service.find_for_staff(session, other, staff))

    return await change(staff, number, work)


@router.post("/{number}/merge", summary="并入其他工单")
async def merge(number: Number, staff: Speaker, body: MergeBody) -> dict[str, Any]:
    """Let this ticket stand for others too; all or none of them."""

    def work(session: Session, ticket: Ticket) -> None:
        others = [service.find_for_staff(session, other, staff) for other in body.others]
        merging.merge(session, staff, ticket, others, text=body.text)

    return await change(staff, number, work)


@router.post("/{number}/merge/undo", summary="撤销合并")
async def undo_merge(number: Number, staff: Speaker) -> dict[str, Any]:
    """Let a merged ticket stand for itself again."""
    return await change(staff, number, lambda s, one: merging.undo_merge(s, staff, one))


@router.post("/{number}/split", summary="拆分工单", status_code=201)
async def split(number: Number, staff: Speaker, body: Matter) -> dict[str, Any]:
    """Open a ticket for a part of the matter; return the new one."""
    new = NewTicket(**body.model_dump())

    def run(session: Session) -> dict[str, Any]:
        ticket = service.find_for_staff(session, number, staff)
        part = merging.split(session, staff, ticket, new)
        return with_timeline(session, staff, part.number)

    return await get_desk().database.run(run)


@router.post("/{number}/split/undo", summary="撤销拆分")
async def undo_split(number: Number, staff: Speaker) -> dict[str, Any]:
    """Bring a ticket that was split off back into the one it came from."""
    return await change(staff, number, lambda s, one: merging.undo_split(s, staff, one))


def _bulk(session: Session, staff: Staff, body: BulkBody) -> dict[str, Any]:
    given = body.classification
    values = given.model_dump(exclude={"text"}) if given else {}
    change = Change(
        recipient_id=staff_id_of(session, body.login) if body.login else None,
        state=body.state,
        classification=Classification(**values) if given else None,
        note=body.note,
        group_id=body.group_id,
        group_title=body.group_title,
        text=body.text or (given.text if given else None),
    )
    return _bulk_json(change_many(session, staff, body.numbers, change))


def _bulk_json(result: BulkResult) -> dict[str, Any]:
    return {
        "done": result.done,
        "outcomes": [{"number": one.number, "error": one.error} for one in result.outcomes],
        "group_id": result.group_id,
    }
