"""The cookies of the staff's browsers: the session, a login half done, the device.

Behind TLS their names have the prefixes `__Host-` and `__Secure-`: browsers then take them from
this host over TLS only, so that no neighbouring host can plant one.
"""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from desk.accounts.origin import Origin, browser_name
from desk.accounts.sessions import SESSION_LENGTH, STEP_LENGTH
from desk.current import get_desk

SESSION_COOKIE = "kefu_session"
STEP_COOKIE = "kefu_login"
DEVICE_COOKIE = "kefu_device"
VISIT_COOKIE = "kefu_sso"
LOGIN_PATH = "/desk/login"
DEVICE_DAYS = 180


def session_token(request: HTTPConnection) -> str | None:
    """Return the session token of a browser's request."""
    return _sent(request, SESSION_COOKIE, "/")


def has_session_cookie(headers: Headers) -> bool:
    """Tell whether a request carries a session cookie, under whichever of its names."""
    header = headers.get("cookie", "")
    return any(token_of_cookies(header, is_secure=is_secure) for is_secure in (True, False))


def token_of_cookies(header: str, *, is_secure: bool) -> str | None:
    """Return the session token of a `Cookie` header, None if there is none."""
    return _of_header(header, _name(SESSION_COOKIE, "/", is_secure=is_secure))


def step_token(request: Request) -> str | None:
    """Return the token of a login that waits for its code."""
    return _sent(request, STEP_COOKIE, LOGIN_PATH)


def visit_token(request: Request) -> str | None:
    """Return the token of a visit to the provider of the single sign-on."""
    return _sent(request, VISIT_COOKIE, LOGIN_PATH)


def origin_of(request: Request) -> Origin:
    """Return where a login comes from."""
    return Origin(
        address=request.client.host if request.client else "",
        browser=browser_name(request.headers.get("user-agent", "")),
        device=_sent(request, DEVICE_COOKIE, LOGIN_PATH),
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


def set_visit(response: Response, request: Request, token: str) -> None:
    """Bind a visit to the provider to this browser; the login's pages get it back."""
    seconds = int(STEP_LENGTH.total_seconds())
    _set(response, request, {VISIT_COOKIE: token}, path=LOGIN_PATH, max_age=seconds)


def clear_visit(response: Response, request: Request) -> None:
    """Make the browser forget its visit to the provider."""
    _set(response, request, {VISIT_COOKIE: ""}, path=LOGIN_PATH, max_age=0)


def clear_session(response: Response, request: Request) -> None:
    """Make the browser forget the session's token."""
    _set(response, request, {SESSION_COOKIE: ""}, path="/", max_age=0)


def clear_step(response: Response, request: Request) -> None:
    """Make the browser forget the login half done."""
    _set(response, request, {STEP_COOKIE: ""}, path=LOGIN_PATH, max_age=0)


def _set(
    response: Response, request: Request, values: Mapping[str, str], *, path: str, max_age: int
) -> None:
    is_secure = _is_secure(request)
    for name, value in values.items():
        response.set_cookie(
            _name(name, path, is_secure=is_secure),
            value,
            max_age=max_age,
            expires=0 if max_age == 0 else None,
            path=path,
            httponly=True,
            samesite="lax",
            secure=is_secure,
        )


def _is_secure(request: HTTPConnection) -> bool:
    return get_desk().settings.secure_cookies or request.url.scheme in {"https", "wss"}


def _name(name: str, path: str, *, is_secure: bool) -> str:
    if not is_secure:
        return name
    return f"__Host-{name}" if path == "/" else f"__Secure-{name}"


def _sent(request: HTTPConnection, name: str, path: str) -> str | None:
    wanted = _name(name, path, is_secure=_is_secure(request))
    return _of_header(request.headers.get("cookie", ""), wanted)


def _of_header(header: str, wanted: str) -> str | None:
    if wanted not in header:
        return None
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted and value:
            return value.strip('"')
    return None
