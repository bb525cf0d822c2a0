"""Refuses what other websites make a browser send: sockets, form posts, calls with our cookie.

- Every WebSocket, and every request of the console's socket (it can fall back to long polling):
  an `Origin` header must be there and allowed.
- Every request that can change something: `Origin`, or without it `Sec-Fetch-Site`, must say that
  it comes from our own page. With neither header it is not a browser: it may pass if it carries
  no session cookie (other systems use a bearer token).

Allowed are the host of the request itself and `Settings.allowed_origins`.
"""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.errors import Forbidden
from desk.web.cookies import has_session_cookie
from desk.web.problems import problem_response

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SOCKET_PATHS = ("/_nicegui_ws",)


class OriginCheck:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, allowed_origins: Iterable[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._may_request(scope):
            response = problem_response(Forbidden("errors.wrong_origin"))
            await response(scope, receive, send)
        elif scope["type"] == "websocket" and not self._is_own(Headers(scope=scope)):
            # Before `accept`: the browser sees a failed handshake (403).
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    def _may_request(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        is_socket = scope["path"].startswith(SOCKET_PATHS)
        if scope["method"] in SAFE_METHODS:
            # A page's own polling with GET carries no Origin, but then it says where it is from.
            return not is_socket or self._is_own(headers) or _is_same_site(headers)
        if "origin" in headers:
            return self._is_own(headers)
        if "sec-fetch-site" in headers:
            return _is_same_site(headers)
        return not is_socket and not has_session_cookie(headers)

    def _is_own(self, headers: Headers) -> bool:
        return is_allowed(headers.get("origin"), headers.get("host"), self._allowed)


def is_allowed(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Tell whether an `Origin` is the request's own host or one of the allowed origins."""
    if not origin or origin == "null":
        return False
    if origin.lower() in allowed:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and parts.netloc == host


def _is_same_site(headers: Headers) -> bool:
    return "origin" not in headers and headers.get("sec-fetch-site") == "same-origin"
