"""REST: reports in numbers, as spreadsheet and PDF, the rows behind them, and rectifications."""

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathPart
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import to_local, utc_now
from desk.current import get_desk
from desk.errors import InvalidInput
from desk.reports import rectifications
from desk.reports.model import Report, RowList
from desk.reports.models import Rectification
from desk.reports.periods import Period, PeriodKind, period_of
from desk.reports.printed import PDF, report_pdf
from desk.reports.row_filter import RowFilter
from desk.reports.row_pages import MOST_ROWS, list_rows
from desk.reports.service import REPORT_ROLES, report
from desk.reports.spreadsheet import XLSX, report_xlsx
from desk.reports.view import report_json
from desk.web.callers import AnyStaff, Reviewer, staff_with

router = APIRouter(tags=["报表"])

Reader = Annotated[Staff, Depends(staff_with(*REPORT_ROLES))]
ItemId = Annotated[int, PathPart(ge=1, lt=2**31)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
OtherList = Literal["entries", "escalations", "answers", "conversations", "messages"]


def period_at(
    period: PeriodKind, day: Annotated[date | None, Query(alias="date")] = None
) -> Period:
    """Return the period of this kind around a day; without one, today."""
    try:
        return period_of(period, day or to_local(utc_now()).date())
    except ValueError as error:
        raise InvalidInput("errors.report_date", field="date") from error


At = Annotated[Period, Depends(period_at)]


class PlanBody(BaseModel):
    """A plan against a cause; `category` is one of the fixed ones or `none`."""

    category: Annotated[str, Field(max_length=32)]
    cause: Annotated[str, Field(min_length=1, max_length=64)]
    plan: Text
    owner_id: Annotated[int, Field(ge=1, lt=2**31)]
    due_on: date


class SettleBody(BaseModel):
    """Done or dropped with what came of it, or open again."""

    state: Literal["open", "done", "dropped"]
    outcome: Annotated[str, Field(max_length=1000)] = ""


class TellBody(BaseModel):
    """What the customers concerned are told."""

    text: Text


@router.get("/reports/rows/{rows}", summary="报表数字背后的明细")
async def rows(
    rows: OtherList,
    staff: Reader,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
    offset: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> dict[str, Any]:
    """Return rows of a list other than tickets; the query holds a number's `filter`."""
    wanted = RowFilter.from_dict(request.query_params)
    page = await get_desk().database.look(
        list_rows, staff, RowList(rows), wanted, limit=limit, offset=offset
    )
    return {"total": page.total, "rows": page.rows}


@router.get("/reports/{period}.xlsx", summary="报表 Excel", response_class=Response)
async def spreadsheet(period: At, staff: Reader) -> Response:
    """Return the report as a spreadsheet."""
    desk = get_desk()
    found = await desk.database.look(report, staff, period)
    content = await asyncio.to_thread(report_xlsx, found, desk.company.short_name)
    await _note_export(staff, found, "xlsx")
    return _file(content, XLSX, found, "xlsx")


@router.get("/reports/{period}.pdf", summary="报表 PDF", response_class=Response)
async def printed(period: At, staff: Reader) -> Response:
    """Return the report as a PDF."""
    desk = get_desk()

    def work(session: Session) -> tuple[Report, bytes]:
        found = report(session, staff, period)
        plans = rectifications.items(session, staff, state=rectifications.OPEN)
        return found, report_pdf(found, desk.company.short_name, rectifications=plans)

    found, content = await desk.database.look(work)
    await _note_export(staff, found, "pdf")
    return _file(content, PDF, found, "pdf")


@router.get("/reports/{period}", summary="报表数字")
async def numbers(period: At, staff: Reader) -> dict[str, Any]:
    """Return every number of a period, with the filter that opens its rows."""
    return report_json(await get_desk().database.look(report, staff, period))


@router.get("/rectifications", summary="整改事项")
async def listing(
    staff: AnyStaff, state: Literal["open", "done", "dropped"] | None = None
) -> dict[str, Any]:
    """Return items: all for those who plan them, otherwise what the caller owns."""
    found = await get_desk().database.look(rectifications.items, staff, state=state)
    return {"rectifications": [as_json(item) for item in found]}


@router.post("/rectifications", summary="新增整改事项", status_code=201)
async def plan(staff: Reviewer, body: PlanBody) -> dict[str, Any]:
    """Store a plan against a frequent cause."""
    values = {**body.model_dump(exclude={"plan"}), "text": body.plan}
    return as_json(await get_desk().database.run(rectifications.plan, staff, **values))


@router.post("/rectifications/{item_id}/state", summary="整改结果")
async def settle(item_id: ItemId, staff: AnyStaff, body: SettleBody) -> dict[str, Any]:
    """Mark an item as done or dropped, or open it again; its owner or a planner."""
    settled = await get_desk().database.run(
        rectifications.settle, staff, item_id, state=body.state, outcome=body.outcome
    )
    return as_json(settled)


@router.post("/rectifications/{item_id}/tell", summary="告知相关客户")
async def tell(item_id: ItemId, staff: Reviewer, body: TellBody) -> dict[str, Any]:
    """Tell the customers with this cause what was put right."""
    desk = get_desk()

    def work(session: Session) -> int:
        return rectifications.tell_customers(session, desk.checker, staff, item_id, body.text)

    return {"told": await desk.database.run(work)}


def as_json(item: Rectification) -> dict[str, Any]:
    """Return an item as the API shows it."""
    return {
        "id": item.id,
        "category": item.category,
        "cause": item.cause,
        "plan": item.plan,
        "owner": item.owner.display_name,
        "owner_id": item.owner_id,
        "due_on": item.due_on.isoformat(),
        "state": item.state,
        "outcome": item.outcome,
        "created_at": item.created_at.isoformat(),
        "settled_at": item.settled_at.isoformat() if item.settled_at else None,
        "told_at": item.told_at.isoformat() if item.told_at else None,
        "told_count": item.told_count,
        "tickets": rectifications.concerned(item).to_dict(),
    }


async def _note_export(staff: Staff, found: Report, kind: str) -> None:
    """Tell the audit trail that a report leaves the desk; apart from the long reading before."""
    period = found.period
    await get_desk().database.run(
        record,
        staff.login,
        Action.EXPORTED,
        "report",
        kind=kind,
        period=period.kind,
        begins=period.first.isoformat(),
    )


def _file(content: bytes, media_type: str, found: Report, ending: str) -> Response:
    name = f"kefu-{found.period.kind}-{found.period.first.isoformat()}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
