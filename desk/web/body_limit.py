"""How large a request may be: little, but for the routes that take files."""

import re

from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from desk.locale import t
from desk.web.problems import error_response

UPLOAD_PATH = re.compile(
    r"/api/v1/tickets/[^/]+/attachments|/chat/photos|/desk/chat-photos"
    r"|/_nicegui/client/[^/]+/upload/\d+"
)
"""The last one: files put into a page of the console, known to that page's own client only."""
TOO_LARGE = "errors.body_too_large"


class BodyLimit:
    """ASGI middleware. `limit` and `upload_limit` are bytes of one request.

    A request that says that it is too large is refused unread; one that does not say how large
    it is, as soon as it has become so.
    """

    def __init__(self, app: ASGIApp, *, limit: int, upload_limit: int) -> None:
        self._limits = (limit, upload_limit)
        self._apps = tuple(RequestBodyLimitMiddleware(app, one) for one in self._limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._apps[0](scope, receive, send)
            return
        which = int(UPLOAD_PATH.fullmatch(scope["path"]) is not None)
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > self._limits[which]:
            await error_response(413, TOO_LARGE, t(TOO_LARGE))(scope, receive, send)
        else:
            await self._apps[which](scope, receive, send)
