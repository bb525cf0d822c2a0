"""`/desk/confirm`: showing once more who one is, before something sensitive; and over REST."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from desk.accounts import service, step_up
from desk.accounts.single_sign_on.models import Purpose
from desk.accounts.single_sign_on.service import identity_of
from desk.current import get_desk
from desk.errors import DeskError, NotLoggedIn
from desk.locale import t
from desk.web.cookies import origin_of, session_token
from desk.web.login import HOME, check_tries, local_target
from desk.web.rendering import fill, login_frame
from desk.web.single_sign_on import button_name, lead_away

PATH = "/desk/confirm"

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
async def confirm_page(request: Request, next: str = HOME) -> Response:
    """Ask for the password or a code."""
    return await _page(request, next)


@router.post("")
async def confirm(
    request: Request,
    secret: Annotated[str, Form(max_length=256)] = "",
    next: Annotated[str, Form()] = HOME,
) -> Response:
    """Check it, and go on to where somebody wanted to."""
    try:
        check_tries(request)
        problem = await get_desk().database.run(
            step_up.confirm, session_token(request), secret, origin=origin_of(request)
        )
    except DeskError as error:
        problem = error
    if problem is None:
        return RedirectResponse(local_target(next), status_code=303)
    return await _page(request, next, problem)


@router.post("/sso")
async def confirm_at_provider(request: Request, next: Annotated[str, Form()] = HOME) -> Response:
    """Lead to the provider, to log in there anew."""
    try:
        check_tries(request)
        return await lead_away(request, Purpose.CONFIRM, target=local_target(next))
    except DeskError as problem:
        return await _page(request, next, problem)


async def _page(request: Request, target: str, problem: DeskError | None = None) -> Response:
    sign_on = get_desk().sign_on

    def look(session: Session) -> tuple[bool, bool]:
        staff = service.staff_for_token(session, session_token(request))
        is_linked = bool(sign_on and identity_of(session, staff, sign_on.provider.issuer))
        return staff.has_password or staff.has_second_factor, is_linked

    try:
        has_secret, is_linked = await get_desk().database.look(look)
    except NotLoggedIn:
        return RedirectResponse(f"/desk/login?next={quote(local_target(target))}", status_code=303)
    parts = []
    if has_secret:
        texts = {name: t(f"login.confirm_{name}") for name in ("label", "submit")}
        parts.append(fill("confirm.html", next=local_target(target), **texts))
    if sign_on and is_linked:
        label = t("login.confirm_sso", name=button_name(sign_on))
        action = f"{PATH}/sso"
        parts.append(fill("login_sso.html", next=local_target(target), label=label, action=action))
    parts.append(fill("login_other.html", href=local_target(target), label=t("login.cancel")))
    return login_frame(
        "".join(parts),
        heading=t("login.confirm_heading"),
        message=t(problem.key, **problem.details) if problem else t("login.confirm_lead"),
        kind="error" if problem else "notice",
        status=problem.status if problem else 200,
    )
