"""REST: trends of a period, as JSON and as a spreadsheet."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from desk.accounts.models import Staff
from desk.clock import to_local, utc_now
from desk.current import get_desk
from desk.errors import InvalidInput
from desk.reports.periods import Period, PeriodKind, period_of
from desk.reports.spreadsheet import XLSX
from desk.trends.model import Trends
from desk.trends.reading import trends
from desk.trends.spreadsheet import trends_xlsx
from desk.web.callers import Supervisor

router = APIRouter(prefix="/trends", tags=["趋势"])
Day = Annotated[date | None, Query(alias="date")]


@router.get("/{kind}.xlsx", summary="趋势（电子表格）")
async def spreadsheet(kind: PeriodKind, staff: Supervisor, day: Day = None) -> Response:
    """Return the trends as XLSX."""
    found = await _read(staff, kind, day)
    name = f"trends-{found.period.kind}-{found.period.first.isoformat()}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(trends_xlsx(found), media_type=XLSX, headers=headers)


@router.get("/{kind}", summary="趋势")
async def one(kind: PeriodKind, staff: Supervisor, day: Day = None) -> dict[str, Any]:
    """Return the lines of the period and of the one before, and the rules' precision."""
    found = await _read(staff, kind, day)
    return {
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "trends": [
            {
                "key": trend.key,
                "measure": trend.measure,
                "total": trend.total,
                "total_before": trend.total_before,
                "points": [
                    {"label": one.label, "value": one.value, "before": one.before}
                    for one in trend.points
                ],
            }
            for trend in found.trends.values()
        ],
        "rules": [
            {
                "rule": line.rule_id,
                "right": line.right,
                "wrong": line.wrong,
                "precision": line.precision,
            }
            for line in found.rules
        ],
    }


async def _read(staff: Staff, kind: PeriodKind, day: date | None) -> Trends:
    return await get_desk().database.look(trends, staff, _period(kind, day))


def _period(kind: PeriodKind, day: date | None) -> Period:
    try:
        return period_of(kind, day or to_local(utc_now()).date())
    except ValueError as error:
        raise InvalidInput("errors.filter_invalid", field="date") from error
