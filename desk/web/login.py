"""Login page of the staff, rendered by the server: works without scripts."""

from html import escape
from pathlib import Path
from string import Template
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from desk.accounts import service
from desk.current import get_desk
from desk.errors import DeskError, NotLoggedIn, TooManyRequests
from desk.locale import t
from desk.rate_limit import KeyedRateLimiter
from desk.web.cookies import clear_cookie, set_cookie, token_of_cookies

HOME = "/desk"
TRIES_PER_5_MINUTES = 30
WINDOW_S = 300
PAGE_DIR = Path(__file__).resolve().parent / "pages"

router = APIRouter(prefix="/desk", include_in_schema=False)
tries = KeyedRateLimiter(TRIES_PER_5_MINUTES, WINDOW_S)
"""Tries from one address, over all logins. Argon2 is costly on purpose."""


@router.get("/login")
async def login_page(request: Request, next: str = HOME, left: bool = False) -> Response:
    """Show the form; whoever is logged in already goes on."""
    try:
        await get_desk().database.look(service.staff_for_token, _token(request))
    except NotLoggedIn:
        return _page(next, notice=t("login.logged_out") if left else "")
    return RedirectResponse(local_target(next), status_code=303)


@router.post("/login")
async def log_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,
) -> Response:
    """Check the form and set the cookie."""
    desk = get_desk()
    try:
        check_tries(request)
        result = await desk.database.run(service.log_in, login.strip().lower(), password)
        token, _staff = result.require()
    except DeskError as problem:
        text = t(problem.key, **problem.details)
        return _page(next, login=login, error=text, status=problem.status)
    response = RedirectResponse(local_target(next), status_code=303)
    set_cookie(response, token, is_secure=desk.settings.secure_cookies)
    return response


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session and forget the cookie."""
    desk = get_desk()
    await desk.database.run(service.log_out, _token(request))
    response = RedirectResponse(f"{HOME}/login?left=true", status_code=303)
    clear_cookie(response, is_secure=desk.settings.secure_cookies)
    return response


@router.get("/login.css")
async def style() -> Response:
    """The form's style sheet."""
    return Response((PAGE_DIR / "login.css").read_text(encoding="utf-8"), media_type="text/css")


def check_tries(request: Request) -> None:
    """Count a try to log in; raises `TooManyRequests`."""
    if not tries.allow(request.client.host if request.client else ""):
        raise TooManyRequests("errors.too_many_requests", retry_after_s=WINDOW_S)


def local_target(target: str) -> str:
    """Return the target if it is a page of the console, otherwise the console's first page."""
    is_plain = target.isascii() and target.isprintable() and not set(target) & set("\\ \"'<>")
    is_ours = target == HOME or target.startswith((f"{HOME}/", f"{HOME}?"))
    return target if is_plain and is_ours and "//" not in target else HOME


def _token(request: Request) -> str | None:
    return token_of_cookies(request.headers.get("cookie", ""))


def _page(
    target: str, *, login: str = "", error: str = "", notice: str = "", status: int = 200
) -> HTMLResponse:
    names = ("title", "product", "lead", "submit", "footer")
    values = {name: t(f"login.{name}") for name in names}
    values |= {"login_label": t("login.login"), "password_label": t("login.password")}
    values |= {"company": get_desk().company.name, "next": local_target(target)}
    values |= {"login": login[:64], "message": error or notice}
    values["message_kind"] = "error" if error else "notice" if notice else "none"
    template = Template((PAGE_DIR / "login.html").read_text(encoding="utf-8"))
    safe = {name: escape(value) for name, value in values.items()}
    return HTMLResponse(template.substitute(safe), status_code=status)
