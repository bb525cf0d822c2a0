"""Fills the page of one's own account."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from desk.accounts import second_factor, service, sessions
from desk.accounts.models import Staff
from desk.accounts.origin import hash_token
from desk.accounts.single_sign_on.service import identity_of
from desk.accounts.strength import MINIMUM
from desk.clock import to_local
from desk.current import get_desk
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
)
PASSWORD_NAMES = ("password_title", "present", "fresh", "again", "change_password")


@dataclass(frozen=True, slots=True)
class Account:
    """What the page shows; `rows` are token hash, browser, address, login, last activity."""

    staff: Staff
    rows: tuple[tuple[str, str, str, datetime, datetime], ...]
    codes_left: int
    linked_to: str | None = None


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
    sign_on = get_desk().sign_on
    identity = identity_of(session, staff, sign_on.provider.issuer) if sign_on else None
    return Account(
        staff,
        rows,
        second_factor.unused_recovery_codes(session, staff),
        identity.name if identity else None,
    )


def account_html(
    shown: Account, token: str | None, *, company: str, message: str, kind: str, status: int
) -> HTMLResponse:
    """Return the page; `token` is the session that looks, `kind` that of the message."""
    staff = shown.staff
    factor = "on" if staff.has_second_factor else "off"
    minutes = int(sessions.idle_length().total_seconds() // 60)
    page = fill(
        "account.html",
        {
            "sessions": _session_rows(shown, token),
            "factor_forms": _factor_forms(factor, staff),
            "sso": _sso(shown),
            "password": _password(staff),
        },
        show=t("login.show"),
        hide=t("login.hide"),
        **{name: t(f"account.{name}") for name in NAMES},
        company=company,
        name=staff.display_name,
        role=t(f"console.role_{staff.role}"),
        log_out=t("console.log_out"),
        message=message,
        message_kind=kind if message else "none",
        sessions_hint=t("account.sessions_hint", minutes=minutes),
        factor_state=t(f"account.factor_{factor}"),
        factor_state_kind=factor,
        factor_hint=t(f"account.factor_hint_{factor}", count=shown.codes_left),
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


def _factor_forms(state: str, staff: Staff) -> str:
    wanted = ("codes", "end") if state == "on" else ("begin",)
    forms = (_guarded(staff, f"factor/{name}", t(f"account.factor_{name}")) for name in wanted)
    return f'<div class="pair">{"".join(forms)}</div>'


def _guarded(staff: Staff, action: str, submit: str) -> str:
    """Return a form that asks for the password, or of who has none for a fresh confirmation."""
    name = action.replace("/", "-")
    if staff.has_password:
        label = t("account.confirm_password")
        return fill("account_factor.html", action=action, name=name, label=label, submit=submit)
    hint = t("account.confirm_first")
    return fill("account_plain.html", action=action, hint=hint, submit=submit)


def _password(staff: Staff) -> str:
    if not staff.has_password:
        return ""
    return fill(
        "account_password.html",
        **{name: t(f"account.{name}") for name in PASSWORD_NAMES},
        login=staff.login,
        password_hint=t("account.password_hint", minimum=MINIMUM),
    )


def _sso(shown: Account) -> str:
    sign_on = get_desk().sign_on
    if sign_on is None:
        return ""
    state, action = ("off", "link") if shown.linked_to is None else ("on", "unlink")
    name = sign_on.name or t("login.sso_name")
    is_only_way = action == "unlink" and not shown.staff.has_password
    submit = t(f"account.sso_{action}", name=name)
    form = "" if is_only_way else _guarded(shown.staff, f"sso/{action}", submit)
    return fill(
        "account_sso.html",
        {"form": form},
        title=t("account.sso_title"),
        kind=state,
        state=t(f"account.sso_{state}"),
        hint=t(f"account.sso_hint_{state}", name=name, account=shown.linked_to or ""),
    )


def _moment(instant: datetime) -> str:
    local = to_local(instant)
    return escape(t("account.moment", month=local.month, day=local.day, time=f"{local:%H:%M}"))
