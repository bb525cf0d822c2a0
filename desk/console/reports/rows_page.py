"""`/desk/reports/rows`: the rows behind a number that are not tickets."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import to_local
from desk.console.access import admit
from desk.console.elements import box, customer_name, nothing, words
from desk.console.reports.page import CSS
from desk.console.theme import frame
from desk.errors import InvalidInput
from desk.locale import t
from desk.reports.inquiries import intent_name
from desk.reports.model import RowList
from desk.reports.row_filter import RowFilter
from desk.reports.row_pages import RowPage, list_rows
from desk.reports.service import REPORT_ROLES
from desk.tickets.domain import DEPARTMENTS
from desk.tickets.view import department_name

PAGE_SIZE = 50
MOST_PAGES = 10_000


async def rows_page(request: Request, list: str = "", page: int = 1) -> Response | None:
    """Build the page of one list."""
    visit = await admit(request, *REPORT_ROLES)
    if isinstance(visit, Response):
        return visit
    ui.add_css(CSS)
    number = min(max(page, 1), MOST_PAGES)
    try:
        kind, wanted = RowList(list), RowFilter.from_dict(request.query_params)

        def work(session: Session, staff: Staff) -> RowPage:
            offset = (number - 1) * PAGE_SIZE
            return list_rows(session, staff, kind, wanted, limit=PAGE_SIZE, offset=offset)

        found = await visit.read(work) if kind != RowList.TICKETS else None
    except (ValueError, InvalidInput):
        found = None
    with frame(visit, active="reports"), box("k-reports", tag="main"):
        if found is None:
            nothing(t("report.rows.unknown"))
        else:
            _show(kind, wanted, found, number)
    return None


def _show(kind: RowList, wanted: RowFilter, found: RowPage, page: int) -> None:
    with box("k-reports-head"):
        with box("k-reports-title"):
            words(t(f"report.rows.{kind}"), tag="h1")
            words(t("report.rows.count", count=f"{found.total:,}"), "k-chip")
            for text in narrowed(wanted):
                words(text, "k-chip is-hint")
        span = _span(wanted)
        if span:
            words(span, "k-reports-made")
    with box("k-grid is-wide"):
        if not found.rows:
            words(t("report.rows.none"), "k-empty", tag="p")
            return
        with box("k-grid-scroll"), box("k-table k-rows-table", tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for name in found.rows[0]:
                    words(t(f"report.rows.column.{name}"), tag="th").props("scope=col")
            with box(tag="tbody"):
                for row in found.rows:
                    _row(row)
    _turning(kind, wanted, found.total, page)


def _row(row: Mapping[str, Any]) -> None:
    with box(tag="tr"):
        for name, value in row.items():
            with box(tag="td"):
                if name == "ticket":
                    link = words(value, "k-link k-number", tag="a")
                    link.props["href"] = f"/desk/tickets/{value}"
                else:
                    words(cell_text(name, value))


def cell_text(name: str, value: Any) -> str:
    """Return a cell's text for people."""
    if value is None or value == "":
        return t("report.value.none")
    if isinstance(value, datetime):
        return f"{to_local(value):%Y-%m-%d %H:%M}"
    match name:
        case "conversation":
            return customer_name(value)
        case "intent" | "last_intent":
            return intent_name(value)
        case "level":
            return t(f"ticket.level_{value}")
        case "score":
            return t(f"report.score.{value}")
        case "sender" | "mode" | "source" | "queue_reason":
            return t(f"report.rows.{name}.{value}")
        case "kind":
            return t(f"report.rows.entry.{value}") if value in _NAMED else str(value)
        case "actor" if value in {"bot", "customer", "system"}:
            return t(f"ticket.actor_{value}")
    return str(value)


def narrowed(wanted: RowFilter) -> Iterator[str]:
    """Yield what the list is narrowed to besides the time, in words."""
    for name in ("kind", "level", "score", "sender", "intent"):
        value = getattr(wanted, name)
        if value is not None:
            yield cell_text(name, value)
    if wanted.department in DEPARTMENTS:
        yield department_name(wanted.department)
    for name in ("is_in_time", "is_answered", "is_handed_over"):
        flag = getattr(wanted, name)
        if flag is not None:
            yield t(f"report.rows.{name}.{'yes' if flag else 'no'}")


_NAMED = frozenset({"urged", "pressed", "reopened"})


def _span(wanted: RowFilter) -> str:
    begin, end = wanted.begins_at or wanted.asked_from, wanted.ends_at or wanted.asked_to
    if begin is None or end is None:
        return ""
    return t(
        "report.rows.span", begin=f"{to_local(begin):%Y-%m-%d}", end=f"{to_local(end):%Y-%m-%d}"
    )


def _turning(kind: RowList, wanted: RowFilter, total: int, page: int) -> None:
    pages = max(1, -(-total // PAGE_SIZE))
    with box("k-reports-pages", tag="nav"):
        for step, name in ((-1, "qa.previous"), (1, "qa.next")):
            if 1 <= page + step <= pages:
                link = words(t(name), "k-file", tag="a")
                query = {"list": kind.value, "page": page + step, **wanted.to_dict()}
                link.props["href"] = "/desk/reports/rows?" + urlencode(query)
        words(t("report.rows.page", page=page, pages=pages), "k-reports-made")
