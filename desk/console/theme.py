"""The console's look, and the frame around every page: who, where to, log out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nicegui import ui

from desk.console.banner import show_banner
from desk.console.elements import box, words
from desk.locale import t

if TYPE_CHECKING:
    from desk.console.access import Visit

FOLDER = Path(__file__).resolve().parent
CSS = (FOLDER / "console.css").read_text(encoding="utf-8")
DENIED = (FOLDER / "denied.html").read_text(encoding="utf-8")
COLORS = {
    "primary": "#17616e",
    "secondary": "#566370",
    "accent": "#54428e",
    "positive": "#1f7a52",
    "negative": "#b3261e",
    "warning": "#8a5a00",
    "info": "#2f5f9a",
}


@contextmanager
def frame(visit: "Visit", *, active: str) -> Iterator[None]:
    """Build the bar at the top; the page goes inside. `active` is the open page's name."""
    ui.add_css(CSS)
    ui.add_head_html('<script src="/desk/active.js" defer></script>')
    ui.colors(**COLORS)
    with box("k-page"):
        with box("k-bar", tag="header"):
            ui.element("img").props('src=/chat/assets/mark.svg alt="" width=30 height=30')
            words(visit.desk.company.short_name, "k-brand")
            words(t("console.title"), "k-brand-sub")
            _navigation(visit, active)
            _person(visit)
        show_banner(visit)
        yield


def _navigation(visit: "Visit", active: str) -> None:
    from desk.console.access import (
        DESK_ROLES,
        LEADER_ROLES,
        QA_ROLES,
        TICKET_ROLES,
        TRANSFER_ROLES,
        may_open,
    )
    from desk.reports.service import REPORT_ROLES

    pages = (
        ("desk", "/desk", DESK_ROLES),
        ("tickets", "/desk/tickets", TICKET_ROLES),
        ("transfers", "/desk/transfers", TRANSFER_ROLES),
        ("escalations", "/desk/escalations", TICKET_ROLES),
        ("qa", "/desk/qa", QA_ROLES),
        ("suspects", "/desk/suspects", QA_ROLES),
        ("reports", "/desk/reports", REPORT_ROLES),
        ("outbox", "/desk/outbox", LEADER_ROLES),
    )
    with box("k-nav", tag="nav"):
        for name, path, roles in pages:
            if may_open(visit.staff, roles):
                link = words(t(f"console.nav_{name}"), "k-nav-link", tag="a")
                link.props(f"href={path}")
                if name == active:
                    link.props("aria-current=page")


def _person(visit: "Visit") -> None:
    from desk.console.bell import Bell

    with box("k-person"):
        Bell(visit)
        account = words(visit.staff.display_name, "k-person-name", tag="a")
        account.props(f'href=/desk/account title="{t("account.title")}"')
        words(t(f"console.role_{visit.staff.role}"), "k-chip")
        with ui.element("form").props("method=post action=/desk/logout"):
            words(t("console.log_out"), "k-logout", tag="button").props("type=submit")
