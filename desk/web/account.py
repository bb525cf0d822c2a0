"""`/desk/account`: one's own logins, password and second factor, rendered by the server.

What gives power over the account (password, second factor) asks for the password again, and gives
the session another token. All forms are guarded by the origin check.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from desk.accounts import second_factor, service, sessions, step_up
from desk.accounts.models import Staff
from desk.accounts.passwords import is_right
from desk.accounts.strength import MAXIMUM, MINIMUM, judge
from desk.clock import utc_now
from desk.current import get_desk
from desk.errors import DeskError, Forbidden, InvalidInput, NotLoggedIn, TooManyRequests
from desk.locale import t
from desk.rate_limit import KeyedRateLimiter
from desk.web.account_view import account_html, read_account
from desk.web.activity import note_activity
from desk.web.cookies import session_token, set_session
from desk.web.login import check_tries, codes_page, enrol_form
from desk.web.problems import problem_response
from desk.web.rendering import PAGE_DIR, login_frame

PATH = "/desk/account"
DONE = frozenset({"password", "sessions", "factor_off", "linked", "unlinked"})
STRENGTHS_PER_MINUTE = 60

router = APIRouter(prefix=PATH, include_in_schema=False)
styles = APIRouter(include_in_schema=False)
strengths = KeyedRateLimiter(STRENGTHS_PER_MINUTE, 60)


@router.get("")
async def account_page(request: Request, done: str = "") -> Response:
    """Show everything about one's own account."""
    notice = t(f"account.done_{done}") if done in DONE else ""
    return await _page(request, message=notice, kind="notice")


@styles.get("/desk/account.css")
async def style() -> Response:
    """The page's style sheet."""
    return Response((PAGE_DIR / "account.css").read_text(encoding="utf-8"), media_type="text/css")


@styles.get("/desk/active.js")
async def active_script() -> Response:
    """The script that tells of activity in the console's pages."""
    return Response(
        (PAGE_DIR / "active.js").read_text(encoding="utf-8"), media_type="text/javascript"
    )


@styles.get("/desk/password.js")
async def password_script() -> Response:
    """The script of password fields: show, and how good a new one is."""
    return Response(
        (PAGE_DIR / "password.js").read_text(encoding="utf-8"), media_type="text/javascript"
    )


@styles.post("/desk/active")
async def active(request: Request) -> Response:
    """Note that someone works in an open page of the console; sent by it once a minute at most."""
    await note_activity(session_token(request))
    return Response(status_code=204)


@router.post("/password")
async def change_password(
    request: Request,
    present: Annotated[str, Form()] = "",
    fresh: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the password; other sessions end, this one gets another token."""
    if fresh != again:
        return await _page(request, message=t("account.not_the_same"), status=422)
    try:
        check_tries(request)
        token = await get_desk().database.run(
            service.change_own_password, session_token(request), present, fresh
        )
    except DeskError as problem:
        return await problem_page(request, problem)
    response = RedirectResponse(f"{PATH}?done=password", status_code=303)
    set_session(response, request, token)
    return response


@router.post("/strength")
async def strength(
    request: Request, fresh: Annotated[str, Form(max_length=MAXIMUM)] = ""
) -> Response:
    """Tell how good a new password would be: `score` from 0 to 4, and in words."""
    try:
        token = session_token(request)
        staff = await get_desk().database.look(service.staff_for_token, token)
    except NotLoggedIn:
        return to_login()
    if not strengths.allow(staff.login):
        return problem_response(TooManyRequests("errors.too_many_requests", retry_after_s=60))
    found = await asyncio.to_thread(judge, fresh, (staff.login, staff.display_name))
    text = t(f"account.strength_{found.key}", minimum=MINIMUM)
    return JSONResponse({"score": found.score, "is_allowed": found.is_allowed, "text": text})


@router.post("/sessions/end")
async def end_session(request: Request, id: Annotated[str, Form()] = "") -> Response:
    """End one of one's own sessions."""

    def work(session: Session) -> None:
        staff = service.staff_for_token(session, session_token(request))
        sessions.end_own(session, staff, id)

    return await _changed(request, work, "sessions")


@router.post("/sessions/end-others")
async def end_others(request: Request) -> Response:
    """End all of one's own sessions but this one."""

    def work(session: Session) -> None:
        token = session_token(request)
        staff = service.staff_for_token(session, token)
        sessions.end_all(session, staff, actor=staff.login, but_token=token)

    return await _changed(request, work, "sessions")


@router.get("/factor")
async def factor_page(request: Request) -> Response:
    """Show the QR code of a second factor begun with the password."""
    return await _factor_page(request)


@router.post("/factor/begin")
async def begin_factor(request: Request, password: Annotated[str, Form()] = "") -> Response:
    """Begin to set up a second factor."""

    def work(session: Session) -> None:
        second_factor.begin_enrolment(confirmed(session, session_token(request), password))

    try:
        check_tries(request)
        await get_desk().database.run(work)
    except DeskError as problem:
        return await problem_page(request, problem)
    return RedirectResponse(f"{PATH}/factor", status_code=303)


@router.post("/factor")
async def confirm_factor(request: Request, code: Annotated[str, Form()] = "") -> Response:
    """Switch the second factor on with its first code, and show the recovery codes once."""

    def work(session: Session) -> tuple[list[str], str]:
        token = session_token(request)
        staff = service.staff_for_token(session, token)
        codes = second_factor.confirm_enrolment(session, staff, code, utc_now())
        sessions.end_all(session, staff, actor=staff.login, but_token=token)
        return codes, sessions.renew(session, str(token))

    try:
        check_tries(request)
        codes, token = await get_desk().database.run(work)
    except InvalidInput as problem:
        return await _factor_page(request, error=t(problem.key), status=problem.status)
    except DeskError as problem:
        return await problem_page(request, problem)
    response = codes_page(codes, PATH)
    set_session(response, request, token)
    return response


@router.post("/factor/codes")
async def new_codes(request: Request, password: Annotated[str, Form()] = "") -> Response:
    """Replace the recovery codes and show them once."""

    def work(session: Session) -> list[str]:
        staff = confirmed(session, session_token(request), password)
        if not staff.has_second_factor:
            raise InvalidInput("errors.factor_not_begun")
        return second_factor.new_recovery_codes(session, staff)

    try:
        check_tries(request)
        return codes_page(await get_desk().database.run(work), PATH)
    except DeskError as problem:
        return await problem_page(request, problem)


@router.post("/factor/end")
async def end_factor(request: Request, password: Annotated[str, Form()] = "") -> Response:
    """Switch the second factor off, unless the role must have one."""

    def work(session: Session) -> str:
        staff = confirmed(session, session_token(request), password)
        if second_factor.is_required(session, staff.role):
            raise Forbidden("errors.factor_required")
        second_factor.switch_off(session, staff, actor=staff.login)
        return sessions.renew(session, str(session_token(request)))

    try:
        check_tries(request)
        token = await get_desk().database.run(work)
    except DeskError as problem:
        return await problem_page(request, problem)
    response = RedirectResponse(f"{PATH}?done=factor_off", status_code=303)
    set_session(response, request, token)
    return response


def confirmed(session: Session, token: str | None, password: str) -> Staff:
    """Return whose session it is, if the password is theirs; an account without one must have been
    confirmed at the provider a short time ago."""
    staff = service.staff_for_token(session, token)
    if not staff.has_password:
        return step_up.require_recent(session, token)
    if not is_right(password, staff.password_hash):
        raise InvalidInput("errors.password_wrong", field="password")
    return staff


async def _changed(request: Request, work: Callable[[Session], None], done: str) -> Response:
    try:
        await get_desk().database.run(work)
    except DeskError as problem:
        return await problem_page(request, problem)
    return RedirectResponse(f"{PATH}?done={done}", status_code=303)


async def problem_page(request: Request, problem: DeskError) -> Response:
    """Show the account page with an error."""
    text = t(problem.key, **problem.details)
    return await _page(request, message=text, status=problem.status)


async def _factor_page(request: Request, *, error: str = "", status: int = 200) -> Response:
    desk = get_desk()
    try:
        staff = await desk.database.look(service.staff_for_token, session_token(request))
    except NotLoggedIn:
        return to_login()
    if staff.has_second_factor or not staff.totp_secret:
        return RedirectResponse(PATH, status_code=303)
    picture = second_factor.enrolment_picture(
        staff.totp_secret, login=staff.login, issuer=desk.company.short_name
    )
    content = enrol_form(
        staff.totp_secret,
        picture,
        action=f"{PATH}/factor",
        lead=t("login.enrol_lead_own"),
        next=PATH,
        back=PATH,
        other=t("login.cancel"),
    )
    return login_frame(content, heading=t("login.enrol_heading"), message=error, status=status)


async def _page(
    request: Request, *, message: str = "", kind: str = "error", status: int = 200
) -> Response:
    token = session_token(request)
    try:
        shown = await get_desk().database.look(read_account, token)
    except NotLoggedIn:
        return to_login()
    return account_html(
        shown,
        token,
        company=get_desk().company.short_name,
        message=message,
        kind=kind,
        status=status,
    )


def to_login() -> Response:
    """Lead to the login, and from there back."""
    return RedirectResponse(f"/desk/login?next={quote(PATH)}", status_code=303)
