"""One log line a request, without query strings, addresses or contents; and the last net."""

import time

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.locale import t
from desk.logs import describe
from desk.telemetry.metrics import REQUESTS
from desk.telemetry.tracing import span
from desk.web.problems import error_response

QUIET_PATHS = ("/_nicegui", "/chat/assets", "/health")
log = structlog.get_logger("kefu.access")


class AccessLog:
    """ASGI middleware, the outermost: logs, and turns an unforeseen error into a JSON answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started_at = time.perf_counter()
        status: int | None = None

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        headers = Headers(scope=scope)
        try:
            with span("request", parent=headers, is_entry=True, method=scope.get("method", "WS")):
                # A socket has no status, and many frames.
                is_http = scope["type"] == "http"
                await self._app(scope, receive, send_and_note if is_http else send)
        except Exception as error:
            # Here and not in the server's log: the message of an exception can hold anything.
            log.error("request.failed", path=scope["path"], **describe(error))
            if scope["type"] == "http" and status is None:
                response = error_response(500, "errors.internal", t("errors.internal"))
                await response(scope, receive, send_and_note)
            elif scope["type"] == "http":
                raise ConnectionResetError from None
        finally:
            _write(scope, status, time.perf_counter() - started_at)


def _write(scope: Scope, status: int | None, duration_s: float) -> None:
    # The route and not the path: a path holds numbers, and there are endlessly many of them.
    route = getattr(scope.get("route"), "path", "other")
    method = scope.get("method", "WS")
    REQUESTS.labels(method, route, status or 0).observe(duration_s)
    if scope["path"].startswith(QUIET_PATHS) and (status or 0) < 400:
        return
    log.info(
        "request",
        method=method,
        path=scope["path"],
        status=status,
        ms=round(duration_s * 1000, 1),
    )
