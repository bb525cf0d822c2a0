"""Who calls: the staff cookie of a browser, or `Authorization: Bearer` of another system."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from desk.accounts.models import Role, Staff
from desk.accounts.permissions import Right, roles_of
from desk.accounts.service import require, staff_for_token
from desk.accounts.step_up import require_recent
from desk.current import get_desk
from desk.web.activity import note_activity
from desk.web.cookies import SESSION_COOKIE, session_token

_bearer = HTTPBearer(auto_error=False, description="`token` of `POST /api/v1/login`")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False)


def token_of(request: Request) -> str | None:
    """Return the caller's session token; the header comes before the cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return session_token(request)


def staff_with(*roles: Role) -> Callable[..., Awaitable[Staff]]:
    """Return a dependency: who is logged in, with one of the roles; none given: any role."""

    async def caller(
        request: Request, _header: object = Depends(_bearer), _key: object = Depends(_cookie)
    ) -> Staff:
        token = token_of(request)
        desk = get_desk()
        staff = await desk.database.look(staff_for_token, token)
        # For the audit trail, should this or a service refuse what is asked for.
        request.state.staff = staff
        require(staff, *(roles or Role))
        await note_activity(token)
        await desk.language.ready()
        return staff

    return caller


def staff_may(right: Right) -> Callable[..., Awaitable[Staff]]:
    """Return a dependency: who is logged in, with a role that has this right."""
    return staff_with(*roles_of(right))


AnyStaff = Annotated[Staff, Depends(staff_may(Right.USE))]
Speaker = Annotated[Staff, Depends(staff_may(Right.TALK))]
Reader = Annotated[Staff, Depends(staff_may(Right.READ_TALKS))]
Reviewer = Annotated[Staff, Depends(staff_may(Right.REVIEW))]
Supervisor = Annotated[Staff, Depends(staff_may(Right.LEAD))]
Admin = Annotated[Staff, Depends(staff_may(Right.ADMINISTER))]


def confirmed_may(right: Right) -> Callable[..., Awaitable[Staff]]:
    """Return a dependency: who is logged in, has this right, and has shown who they are a short
    time ago (`desk.accounts.step_up`)."""

    permitted = Depends(staff_may(right))

    async def confirmed(request: Request, staff: Staff = permitted) -> Staff:
        await get_desk().database.look(require_recent, token_of(request))
        return staff

    return confirmed


ConfirmedAdmin = Annotated[Staff, Depends(confirmed_may(Right.ADMINISTER))]
