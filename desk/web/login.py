"""Login pages of the staff, rendered by the server: they work without scripts."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from desk.accounts import login as logins
from desk.accounts import second_factor, service, sessions
from desk.accounts.login import LoginResult
from desk.accounts.models import SessionStage
from desk.accounts.names import read_login
from desk.current import get_desk
from desk.errors import DeskError, NotLoggedIn, TooManyRequests
from desk.locale import t
from desk.rate_limit import KeyedRateLimiter
from desk.web.cookies import (
    clear_session,
    clear_step,
    origin_of,
    session_token,
    set_device,
    set_session,
    set_step,
    step_token,
)
from desk.web.rendering import PAGE_DIR, fill, login_frame

HOME = "/desk"
TRIES_PER_5_MINUTES = 30
WINDOW_S = 300

router = APIRouter(prefix="/desk", include_in_schema=False)
tries = KeyedRateLimiter(TRIES_PER_5_MINUTES, WINDOW_S)
"""Tries from one address, over all logins. Argon2 is costly on purpose."""


@router.get("/login")
async def login_page(
    request: Request, next: str = HOME, left: bool = False, again: bool = False
) -> Response:
    """Show the form; whoever is logged in already goes on."""
    desk = get_desk()
    desk.language.begin()
    try:
        await desk.database.look(service.staff_for_token, session_token(request))
    except NotLoggedIn:
        notice = t("login.logged_out") if left else ""
        response: Response = password_page(next, notice=notice)
    else:
        response = RedirectResponse(local_target(next), status_code=303)
    if again:
        clear_step(response, request)
    return response


@router.post("/login")
async def log_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,
) -> Response:
    """Check the password; set the cookie, or ask for what comes next."""
    origin = origin_of(request)
    try:
        check_tries(request)
        result = await get_desk().database.run(
            service.log_in, read_login(login), password, origin=origin
        )
        if result.error or not result.token:
            result.require()
    except DeskError as problem:
        text = t(problem.key, **problem.details)
        return password_page(next, login=login, error=text, status=problem.status)
    return after_login(request, result, next)


@router.get("/login/code")
async def code_page(request: Request, next: str = HOME) -> Response:
    """Ask for the code of the second factor."""
    try:
        await get_desk().database.look(logins.begun_login, step_token(request), SessionStage.CODE)
    except NotLoggedIn:
        return _over(request, next)
    return _code_page(next)


@router.post("/login/code")
async def enter_code(
    request: Request, code: Annotated[str, Form()] = "", next: Annotated[str, Form()] = HOME
) -> Response:
    """Check the code and set the cookie."""
    try:
        check_tries(request)
        result = await get_desk().database.run(
            service.enter_code, step_token(request), code, origin=origin_of(request)
        )
        result.require()
    except DeskError as problem:
        if problem.key != "errors.code_wrong":
            return _over(request, next, problem)
        return _code_page(next, error=t(problem.key), status=problem.status)
    return _done(request, result, next)


@router.get("/login/enrol")
async def enrol_page(request: Request, next: str = HOME) -> Response:
    """Show the QR code to someone whose role must have a second factor."""
    try:
        return await _enrol_page(request, next)
    except DeskError:
        return _over(request, next)


@router.post("/login/enrol")
async def enrol(
    request: Request, code: Annotated[str, Form()] = "", next: Annotated[str, Form()] = HOME
) -> Response:
    """Switch the second factor on, log in, and show the recovery codes once."""
    try:
        check_tries(request)
        result = await get_desk().database.run(
            logins.enrol_at_login, step_token(request), code, origin=origin_of(request)
        )
        result.require()
    except DeskError as problem:
        if problem.key != "errors.code_wrong":
            return _over(request, next, problem)
        return await _enrol_page(request, next, error=t(problem.key), status=problem.status)
    response = codes_page(list(result.recovery_codes), local_target(next))
    _set_cookies(response, request, result)
    return response


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session and forget the cookie."""
    await get_desk().database.run(service.log_out, session_token(request))
    response = RedirectResponse(f"{HOME}/login?left=true", status_code=303)
    clear_session(response, request)
    return response


@router.get("/login.css")
async def style() -> Response:
    """The style sheet of the login's pages."""
    return Response((PAGE_DIR / "login.css").read_text(encoding="utf-8"), media_type="text/css")


def check_tries(request: Request) -> None:
    """Count a try to log in; raises `TooManyRequests`."""
    if not tries.allow(origin_of(request).network):
        raise TooManyRequests("errors.too_many_requests", retry_after_s=WINDOW_S)


def local_target(target: str) -> str:
    """Return the target if it is a page of the console, otherwise the console's first page."""
    is_plain = target.isascii() and target.isprintable() and not set(target) & set("\\ \"'<>")
    is_ours = target == HOME or target.startswith((f"{HOME}/", f"{HOME}?"))
    return target if is_plain and is_ours and "//" not in target else HOME


def codes_page(codes: list[str], onward: str) -> Response:
    """Show recovery codes; the page is not kept by the browser (`no-store`)."""
    items = "".join(f"<li>{code}</li>" for code in codes)
    content = fill(
        "recovery_codes.html",
        {"codes": items},
        lead=t("login.codes_lead"),
        next=onward,
        onward=t("login.codes_onward"),
    )
    return login_frame(content, heading=t("login.codes_heading"))


def enrol_form(
    secret: str, picture: str, *, action: str, lead: str, next: str, back: str, other: str
) -> str:
    """Return the form with QR code and secret."""
    return fill(
        "login_enrol.html",
        {"picture": picture},
        lead=lead,
        secret_label=t("login.enrol_secret"),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        action=action,
        next=next,
        code_label=t("login.enrol_code"),
        submit=t("login.enrol_submit"),
        back=back,
        other=other,
    )


def after_login(request: Request, result: LoginResult, target: str) -> Response:
    """Lead on from a first factor that was right: to the target, or to the second factor."""
    if result.stage == SessionStage.FULL:
        return _done(request, result, target)
    page = "code" if result.stage == SessionStage.CODE else "enrol"
    response = RedirectResponse(f"/desk/login/{page}{_query(target)}", status_code=303)
    set_step(response, request, str(result.token))
    return response


def _done(request: Request, result: LoginResult, target: str) -> Response:
    response = RedirectResponse(local_target(target), status_code=303)
    _set_cookies(response, request, result)
    return response


def _set_cookies(response: Response, request: Request, result: LoginResult) -> None:
    set_session(response, request, str(result.token))
    clear_step(response, request)
    if result.device:
        set_device(response, request, result.device)


def _over(request: Request, target: str, problem: DeskError | None = None) -> Response:
    """Send back to the password: the login took too long, or its place is barred."""
    is_known = problem is not None and problem.key != "errors.not_logged_in"
    text = t(problem.key, **problem.details) if problem and is_known else t("login.step_over")
    response = password_page(target, error=text, status=problem.status if problem else 401)
    clear_step(response, request)
    return response


def password_page(
    target: str, *, login: str = "", error: str = "", notice: str = "", status: int = 200
) -> Response:
    """Return the form for login and password, and the button of the single sign-on."""
    content = fill(
        "login_password.html",
        {"sso": _sso_button(target)},
        next=local_target(target),
        login_label=t("login.login"),
        login=login[:64],
        password_label=t("login.password"),
        submit=t("login.submit"),
    )
    kind = "error" if error else "notice"
    minutes = int(sessions.idle_length().total_seconds() // 60)
    return login_frame(
        content,
        heading=t("login.product"),
        message=error or notice,
        kind=kind,
        status=status,
        footer=t("login.footer", minutes=minutes),
    )


def _sso_button(target: str) -> str:
    sign_on = get_desk().sign_on
    if sign_on is None:
        return ""
    return fill(
        "login_sso.html",
        action="/desk/login/sso",
        next=local_target(target),
        label=t("login.sso_button", name=sign_on.name or t("login.sso_name")),
    )


def _code_page(target: str, *, error: str = "", status: int = 200) -> Response:
    content = fill(
        "login_code.html",
        lead=t("login.code_lead"),
        next=local_target(target),
        code_label=t("login.code"),
        submit=t("login.code_submit"),
        other=t("login.other_account"),
    )
    return login_frame(content, heading=t("login.code_heading"), message=error, status=status)


async def _enrol_page(
    request: Request, target: str, *, error: str = "", status: int = 200
) -> Response:
    desk = get_desk()
    login, secret = await desk.database.run(_begin_enrolment, step_token(request))
    picture = second_factor.enrolment_picture(secret, login=login, issuer=desk.company.short_name)
    content = enrol_form(
        secret,
        picture,
        action="/desk/login/enrol",
        lead=t("login.enrol_lead"),
        next=local_target(target),
        back="/desk/login?again=true",
        other=t("login.other_account"),
    )
    return login_frame(content, heading=t("login.enrol_heading"), message=error, status=status)


def _begin_enrolment(session: Session, token: str | None) -> tuple[str, str]:
    staff = logins.begun_login(session, token, SessionStage.ENROL)
    return staff.login, second_factor.begin_enrolment(staff)


def _query(target: str) -> str:
    return "?" + urlencode({"next": local_target(target)})
