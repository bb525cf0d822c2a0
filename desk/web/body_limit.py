"""How large a request may be: little, but for the one route that takes files."""

import re

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

UPLOAD_PATH = re.compile(r"/api/v1/tickets/[^/]+/attachments")


class BodyLimit:
    """ASGI middleware. `limit` and `upload_limit` are bytes of one request."""

    def __init__(self, app: ASGIApp, *, limit: int, upload_limit: int) -> None:
        self._usual = RequestBodyLimitMiddleware(app, limit)
        self._upload = RequestBodyLimitMiddleware(app, upload_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["type"] == "http" and UPLOAD_PATH.fullmatch(scope["path"])
        await (self._upload if is_upload else self._usual)(scope, receive, send)
