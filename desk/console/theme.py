"""The console's look, and the frame around every page: who, where to, log out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nicegui import ui

from desk.console.banner import show_banner
from desk.console.elements import box, words
from desk.locale import t
from desk.web.chat_assets import STATIC_DIR

if TYPE_CHECKING:
    from desk.console.access import Visit

FOLDER = Path(__file__).resolve().parent
PALETTE = (STATIC_DIR / "palette.css").read_text(encoding="utf-8")
CSS = PALETTE + (FOLDER / "console.css").read_text(encoding="utf-8")
FULL_TEXT = (FOLDER / "full_text.js").read_text(encoding="utf-8")
DENIED = (FOLDER / "denied.html").read_text(encoding="utf-8")


@contextmanager
def frame(visit: "Visit", *, active: str) -> Iterator[None]:
    """Build the bar at the top; the page goes inside. `active` is the open page's name."""
    ui.add_css(CSS)
    ui.add_head_html('<script src="/desk/active.js" defer></script>')
    ui.add_head_html(f"<script>{FULL_TEXT}</script>")
    with box("k-page"):
        with box("k-bar", tag="header"):
            ui.element("img").props('src=/chat/assets/mark.svg alt="" width=30 height=30')
            words(visit.desk.company.short_name, "k-brand")
            words(t("console.title"), "k-brand-sub")
            _navigation(visit, active)
            _person(visit, active)
        show_banner(visit)
        yield
        _offers(visit)


def _navigation(visit: "Visit", active: str) -> None:
    from desk.accounts.models import Role
    from desk.accounts.permissions import Right, roles_of
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
        ("live", "/desk/live", LEADER_ROLES),
        ("qa", "/desk/qa", QA_ROLES),
        ("my_quality", "/desk/my-quality", (Role.AGENT,)),
        ("suspects", "/desk/suspects", QA_ROLES),
        ("reports", "/desk/reports", REPORT_ROLES),
        ("knowledge", "/desk/knowledge", roles_of(Right.READ_KNOWLEDGE)),
        ("outbox", "/desk/outbox", LEADER_ROLES),
        ("sharing", "/desk/sharing", roles_of(Right.SHARE)),
    )
    with box("k-nav", tag="nav"):
        for name, path, roles in pages:
            if may_open(visit.staff, roles):
                link = words(t(f"console.nav_{name}"), "k-nav-link", tag="a")
                link.props(f"href={path}")
                if name == active:
                    link.props("aria-current=page")


def _person(visit: "Visit", active: str) -> None:
    from desk.console.access import DESK_ROLES, may_open
    from desk.console.bell import Bell
    from desk.console.presence import PresenceSwitch

    with box("k-person"):
        _help(active)
        if may_open(visit.staff, DESK_ROLES):
            PresenceSwitch(visit)
        Bell(visit)
        account = words(visit.staff.display_name, "k-person-name", tag="a")
        account.props(f'href=/desk/account title="{t("account.title")}"')
        words(t(f"console.role_{visit.staff.role}"), "k-chip")
        with ui.element("form").props("method=post action=/desk/logout"):
            words(t("console.log_out"), "k-logout", tag="button").props("type=submit")


def _offers(visit: "Visit") -> None:
    from desk.console.access import DESK_ROLES, may_open
    from desk.console.offers import Offers

    if may_open(visit.staff, DESK_ROLES):
        Offers(visit)


def _help(active: str) -> None:
    link = box("k-help-way", tag="a").props("href=/desk/help")
    link.props(f'title="{t("help.nav")}" aria-label="{t("help.nav")}"')
    if active == "help":
        link.props("aria-current=page")
    with link:
        ui.icon("help_outline", size="22px").props("aria-hidden=true")
