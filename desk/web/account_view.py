"""Fills the page of one's own account."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from desk.accounts import second_factor, service, sessions
from desk.accounts.models import Staff
from desk.accounts.origin import hash_token
from desk.accounts.strength import MINIMUM
from desk.clock import to_local
from desk.locale import t
from desk.web.rendering import fill

NAMES = (
    "title",
    "back",
    "sessions_title",
    "end_others",
    "browser",
    "address",
    "began",
    "seen",
    "factor_title",
    "password_title",
    "present",
    "fresh",
    "again",
    "change_password",
)


@dataclass(frozen=True, slots=True)
class Account:
    """What the page shows; `rows` are token hash, browser, address, login, last activity."""

    staff: Staff
    rows: tuple[tuple[str, str, str, datetime, datetime], ...]
    codes_left: int


def read_account(session: Session, token: str | None) -> Account:
    """Return what the page shows; raises `NotLoggedIn`."""
    staff = service.staff_for_token(session, token)
    rows = tuple(
        (
            row.token_hash,
            row.browser or t("account.unknown_browser"),
            row.address or "",
            row.created_at,
            row.last_seen_at,
        )
        for row in sessions.open_sessions(session, staff)
    )
    return Account(staff, rows, second_factor.unused_recovery_codes(session, staff))


def account_html(
    shown: Account, token: str | None, *, company: str, message: str, kind: str, status: int
) -> HTMLResponse:
    """Return the page; `token` is the session that looks, `kind` that of the message."""
    staff = shown.staff
    factor = "on" if staff.has_second_factor else "off"
    minutes = int(sessions.idle_length().total_seconds() // 60)
    page = fill(
        "account.html",
        {"sessions": _session_rows(shown, token), "factor_forms": _factor_forms(factor)},
        **{name: t(f"account.{name}") for name in NAMES},
        company=company,
        name=staff.display_name,
        login=staff.login,
        role=t(f"console.role_{staff.role}"),
        log_out=t("console.log_out"),
        message=message,
        message_kind=kind if message else "none",
        sessions_hint=t("account.sessions_hint", minutes=minutes),
        factor_state=t(f"account.factor_{factor}"),
        factor_state_kind=factor,
        factor_hint=t(f"account.factor_hint_{factor}", count=shown.codes_left),
        password_hint=t("account.password_hint", minimum=MINIMUM),
    )
    return HTMLResponse(page, status_code=status)


def _session_rows(shown: Account, token: str | None) -> str:
    own = hash_token(token or "")
    rows = []
    for token_hash, browser, address, began, seen in shown.rows:
        if token_hash == own:
            last = f'<span class="chip on">{escape(t("account.this_one"))}</span>'
        else:
            last = fill("account_end.html", id=token_hash[:16], end=t("account.end"))
        cells = (escape(browser), escape(address), _moment(began), _moment(seen), last)
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return "".join(rows)


def _factor_forms(state: str) -> str:
    wanted = ("codes", "end") if state == "on" else ("begin",)
    forms = (
        fill(
            "account_factor.html",
            name=name,
            label=t("account.confirm_password"),
            submit=t(f"account.factor_{name}"),
        )
        for name in wanted
    )
    return f'<div class="pair">{"".join(forms)}</div>'


def _moment(instant: datetime) -> str:
    local = to_local(instant)
    return escape(t("account.moment", month=local.month, day=local.day, time=f"{local:%H:%M}"))
