"""The session cookie of the staff's browsers."""

from starlette.responses import Response

from desk.accounts.service import SESSION_LENGTH

SESSION_COOKIE = "kefu_session"


def token_of_cookies(header: str) -> str | None:
    """Return the session token of a `Cookie` header, None if there is none."""
    if SESSION_COOKIE not in header:
        return None
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == SESSION_COOKIE and value:
            return value.strip('"')
    return None


def set_cookie(response: Response, token: str, *, is_secure: bool) -> None:
    """Give the browser the token, out of reach of scripts and of other sites' requests."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LENGTH.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure,
    )


def clear_cookie(response: Response, *, is_secure: bool) -> None:
    """Make the browser forget the token."""
    response.delete_cookie(
        SESSION_COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure
    )
