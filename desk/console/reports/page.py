"""`/desk/reports`: one period's figures, charts and tables; each number opens its rows."""

from datetime import date
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import to_local, utc_now
from desk.console.access import Visit, admit
from desk.console.elements import box, nothing
from desk.console.reports.charts import show_charts
from desk.console.reports.figures import show_figures
from desk.console.reports.grids import show_grids
from desk.console.reports.heading import show_heading
from desk.console.reports.plans import Plans
from desk.console.theme import frame
from desk.errors import DeskError
from desk.locale import t
from desk.reports.model import Report
from desk.reports.periods import Period, PeriodKind, period_of
from desk.reports.service import REPORT_ROLES, report

CSS = (Path(__file__).resolve().parent / "reports.css").read_text(encoding="utf-8")


async def reports_page(request: Request, period: str = "", date: str = "") -> Response | None:
    """Build the page for leaders, QA, and department handlers (their own figures)."""
    visit = await admit(request, *REPORT_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    wanted = read_period(period, date)
    found = await _read(visit, wanted)
    with frame(visit, active="reports"), box("k-reports", tag="main"):
        show_heading(wanted, found)
        if found is None or found.is_empty:
            _nothing(found)
        if found is not None:
            if not found.is_empty:
                show_figures(found)
                show_charts(found)
            plans = Plans(visit, found)
            if not found.is_empty:
                show_grids(found, on_plan=plans.offer)
    if found is not None:
        await plans.refresh()
    return None


def read_period(kind: str, day: str) -> Period:
    """Return the period that an address asks for; what makes no sense counts as today's month."""
    today = to_local(utc_now()).date()
    try:
        known = PeriodKind(kind)
    except ValueError:
        known = PeriodKind.MONTH
    try:
        return period_of(known, date.fromisoformat(day))
    except ValueError:
        return period_of(known, today)


async def _read(visit: Visit, period: Period) -> Report | None:
    def work(session: Session, staff: Staff) -> Report:
        return report(session, staff, period)

    try:
        return await visit.read(work)
    except DeskError:
        return None


def _nothing(found: Report | None) -> None:
    title = "report.empty_title" if found is not None else "report.future_title"
    nothing(t(title), t("report.empty_hint"), classes="k-reports-empty")
