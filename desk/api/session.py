"""Log in and out over REST."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from desk.accounts import service, step_up
from desk.accounts.login import LoginResult
from desk.accounts.models import SessionStage, Staff
from desk.accounts.names import read_login
from desk.accounts.origin import Origin
from desk.current import get_desk
from desk.web.callers import AnyStaff, token_of
from desk.web.cookies import origin_of
from desk.web.login import check_tries

router = APIRouter(tags=["登录"])


class Login(BaseModel):
    """Login, password and, where the account has a second factor, its code."""

    login: Annotated[str, Field(max_length=64)]
    password: Annotated[str, Field(max_length=256)]
    code: Annotated[str | None, Field(max_length=32)] = None


class Confirmation(BaseModel):
    """The password, or a code of the second factor."""

    secret: Annotated[str, Field(min_length=1, max_length=256)]


@router.post("/login", summary="登录，取得令牌")
async def log_in(body: Login, request: Request) -> dict[str, Any]:
    """Return a token for `Authorization: Bearer`, valid 12 hours, or until it lies idle."""
    check_tries(request)
    result = await get_desk().database.run(_log_in, body, origin_of(request))
    token, staff = result.require()
    seconds = int(service.SESSION_LENGTH.total_seconds())
    return {"token": token, "expires_in_s": seconds, "staff": as_json(staff)}


@router.post("/logout", summary="退出登录")
async def log_out(request: Request) -> dict[str, str]:
    """End the caller's session."""
    await get_desk().database.run(service.log_out, token_of(request))
    return {"status": "ok"}


@router.post("/confirm", summary="再次验证身份")
async def confirm(body: Confirmation, request: Request, staff: AnyStaff) -> dict[str, str]:
    """Show once more who one is; sensitive calls ask for it ten minutes after the login."""
    check_tries(request)
    problem = await get_desk().database.run(
        step_up.confirm, token_of(request), body.secret, origin=origin_of(request)
    )
    if problem is not None:
        raise problem
    return {"status": "ok"}


@router.get("/me", summary="当前登录的是谁")
async def who(staff: AnyStaff) -> dict[str, Any]:
    """Return who the caller is."""
    return as_json(staff)


def _log_in(session: Session, body: Login, origin: Origin) -> LoginResult:
    result = service.log_in(session, read_login(body.login), body.password, origin=origin)
    if result.stage == SessionStage.CODE and body.code:
        return service.enter_code(session, result.token, body.code, origin=origin)
    return result


def as_json(staff: Staff) -> dict[str, Any]:
    """Return a staff member as the API shows it."""
    return {
        "login": staff.login,
        "display_name": staff.display_name,
        "role": staff.role,
        "department": staff.department,
    }
