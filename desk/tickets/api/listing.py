"""REST: finding tickets, and searches kept under a name."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathPart
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.current import get_desk
from desk.tickets import saved_views
from desk.tickets.api.bodies import PageBody, PageQuery, ViewBody
from desk.tickets.api.showing import page_json
from desk.tickets.filters import TicketFilter
from desk.tickets.listing import search
from desk.tickets.models import SavedView
from desk.web.callers import AnyStaff

router = APIRouter(prefix="/tickets")

ViewId = Annotated[int, PathPart(ge=1, lt=2**31)]


@router.get("", summary="工单列表")
async def listing(staff: AnyStaff, wanted: Annotated[PageQuery, Query()]) -> dict[str, Any]:
    """Return the tickets that fit and that the caller may see, a page of them."""
    return await _page(staff, wanted)


@router.post("/search", summary="查找工单（可按电话）")
async def find(staff: AnyStaff, wanted: PageBody) -> dict[str, Any]:
    """As the list, with the phone among the conditions: a body is in no log."""
    return await _page(staff, wanted)


@router.get("/views", summary="工单视图")
async def views(staff: AnyStaff) -> dict[str, Any]:
    """Return the caller's own and the shared views."""
    found = await get_desk().database.look(saved_views.list_views, staff)
    return {"views": [_view_json(view, staff) for view in found]}


@router.post("/views", summary="保存工单视图", status_code=201)
async def save(staff: AnyStaff, body: ViewBody) -> dict[str, Any]:
    """Keep a search; leaders may share it."""
    wanted = TicketFilter.from_dict(body.filters.model_dump())
    view = await get_desk().database.run(
        saved_views.save_view, staff, body.name, wanted, is_shared=body.is_shared
    )
    return _view_json(view, staff)


@router.delete("/views/{view_id}", summary="删除工单视图", status_code=204)
async def delete(view_id: ViewId, staff: AnyStaff) -> None:
    """Delete one's own view, or as a leader a shared one."""
    await get_desk().database.run(saved_views.delete_view, staff, view_id)


async def _page(staff: Staff, wanted: PageQuery) -> dict[str, Any]:
    values = TicketFilter.from_dict(wanted.model_dump())

    def look(session: Session) -> dict[str, Any]:
        page = search(
            session, staff, values, limit=wanted.limit, after=wanted.after, order=wanted.order
        )
        return page_json(page)

    return await get_desk().database.look(look)


def _view_json(view: SavedView, staff: Staff) -> dict[str, Any]:
    return {
        "id": view.id,
        "name": view.name,
        "filters": view.filters,
        "is_shared": view.is_shared,
        "is_own": view.staff_id == staff.id,
    }
