"""`/desk/live/trends`: how the service goes over time; each point opens its rows."""

from datetime import datetime
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import to_local, utc_now
from desk.console.access import LEADER_ROLES, Visit, admit
from desk.console.elements import box, nothing, words
from desk.console.live_tabs import live_tabs
from desk.console.theme import frame
from desk.console.trends_charts import COLOUR_SCHEME, show_rules, show_trends
from desk.locale import t
from desk.reports.periods import Period, PeriodKind, period_of
from desk.reports.view import span_text
from desk.trends.model import Trends
from desk.trends.reading import trends

CSS = "".join(
    (Path(__file__).parent / name).read_text(encoding="utf-8")
    for name in ("live.css", "reports/reports.css", "trends.css")
)


async def trends_page(request: Request, period: str = "", date: str = "") -> Response | None:
    """Build the page for leaders."""
    visit = await admit(request, *LEADER_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    ui.add_body_html(COLOUR_SCHEME)
    wanted = read_period(period, date)
    found = await _read(visit, wanted)
    with frame(visit, active="live"), box("k-reports k-trends", tag="main"):
        _heading(found)
        if found.is_empty:
            nothing(t("trends.nothing_title"), t("trends.nothing_hint"), classes="k-reports-empty")
        else:
            with box("k-charts"):
                show_trends(found)
                show_rules(found)
    return None


def read_period(kind: str, day: str) -> Period:
    """Return the period that an address asks for; what makes no sense counts as this month."""
    today = to_local(utc_now()).date()
    known = PeriodKind(kind) if kind in set(PeriodKind) else PeriodKind.MONTH
    try:
        return period_of(known, datetime.fromisoformat(day).date())
    except ValueError:
        return period_of(known, today)


def address(period: Period) -> str:
    """Return the page's address for a period."""
    return f"/desk/live/trends?period={period.kind}&date={period.first.isoformat()}"


async def _read(visit: Visit, period: Period) -> Trends:
    def work(session: Session, staff: Staff) -> Trends:
        return trends(session, staff, period)

    return await visit.read(work)


def _heading(found: Trends) -> None:
    period = found.period
    with box("k-reports-head"):
        words(t("trends.title"), tag="h1")
        with box("k-reports-steps", tag="nav"):
            _step(period.previous(), "‹", t("report.previous"))
            words(span_text(period), "k-reports-span")
            is_last = period.ends_at > found.made_at
            _step(None if is_last else period.next(), "›", t("report.next"))
        with box("k-reports-kinds", tag="nav").props(f'aria-label="{t("report.length")}"'):
            for kind in PeriodKind:
                day = min(period.last, to_local(found.made_at).date())
                link = _link(t(f"report.kind.{kind}"), address(period_of(kind, day)), "k-segment")
                if kind == period.kind:
                    link.props("aria-current=page")
        with box("k-reports-files"):
            url = f"/api/v1/trends/{period.kind}.xlsx?date={period.first.isoformat()}"
            _link(t("trends.download"), url, "k-file").props("download")
        live_tabs("trends")
    made_at = f"{to_local(found.made_at):%Y-%m-%d %H:%M}"
    words(t("trends.made_at", made_at=made_at), "k-reports-made", tag="p")


def _step(period: Period | None, sign: str, label: str) -> None:
    if period is None:
        words(sign, "k-step is-off").props("aria-hidden=true")
        return
    _link(sign, address(period), "k-step").props(f'aria-label="{label}" title="{label}"')


def _link(text: str, url: str, look: str) -> ui.element:
    link = words(text, look, tag="a")
    link.props["href"] = url
    return link
