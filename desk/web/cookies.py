"""The cookies of the staff's browsers: the session, a login half done, the device."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from desk.accounts.origin import Origin, browser_name
from desk.accounts.sessions import SESSION_LENGTH, STEP_LENGTH
from desk.current import get_desk

SESSION_COOKIE = "kefu_session"
STEP_COOKIE = "kefu_login"
DEVICE_COOKIE = "kefu_device"
LOGIN_PATH = "/desk/login"
DEVICE_DAYS = 180


def token_of_cookies(header: str) -> str | None:
    """Return the session token of a `Cookie` header, None if there is none."""
    return _of_header(header, SESSION_COOKIE)


def session_token(request: Request) -> str | None:
    """Return the session token of a browser's request."""
    return token_of_cookies(request.headers.get("cookie", ""))


def step_token(request: Request) -> str | None:
    """Return the token of a login that waits for its code."""
    return _of_header(request.headers.get("cookie", ""), STEP_COOKIE)


def origin_of(request: Request) -> Origin:
    """Return where a login comes from."""
    return Origin(
        address=request.client.host if request.client else "",
        browser=browser_name(request.headers.get("user-agent", "")),
        device=_of_header(request.headers.get("cookie", ""), DEVICE_COOKIE),
    )


def set_session(response: Response, request: Request, token: str) -> None:
    """Give the browser the token, out of reach of scripts and of other sites' requests."""
    seconds = int(SESSION_LENGTH.total_seconds())
    _set(response, request, {SESSION_COOKIE: token}, path="/", max_age=seconds)


def set_step(response: Response, request: Request, token: str) -> None:
    """Give the browser the token of a login half done; only the login's pages get it back."""
    seconds = int(STEP_LENGTH.total_seconds())
    _set(response, request, {STEP_COOKIE: token}, path=LOGIN_PATH, max_age=seconds)


def set_device(response: Response, request: Request, token: str) -> None:
    """Make the browser known: failures of strangers don't bar it. It opens nothing by itself."""
    seconds = DEVICE_DAYS * 24 * 3600
    _set(response, request, {DEVICE_COOKIE: token}, path=LOGIN_PATH, max_age=seconds)


def clear_session(response: Response, request: Request) -> None:
    """Make the browser forget the session's token."""
    _set(response, request, {SESSION_COOKIE: ""}, path="/", max_age=0)


def clear_step(response: Response, request: Request) -> None:
    """Make the browser forget the login half done."""
    _set(response, request, {STEP_COOKIE: ""}, path=LOGIN_PATH, max_age=0)


def _set(
    response: Response, request: Request, values: Mapping[str, str], *, path: str, max_age: int
) -> None:
    is_secure = get_desk().settings.secure_cookies or request.url.scheme == "https"
    for name, value in values.items():
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            expires=0 if max_age == 0 else None,
            path=path,
            httponly=True,
            samesite="lax",
            secure=is_secure,
        )


def _of_header(header: str, wanted: str) -> str | None:
    if wanted not in header:
        return None
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted and value:
            return value.strip('"')
    return None
