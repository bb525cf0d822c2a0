"""One id follows a request through desk, Rasa and action, and stands in every log line of it.

A proxy's `X-Request-ID` is taken over if it looks like one; otherwise an id is made. The desk
sends it to Rasa in the message's metadata, and Rasa hands that to the action call.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
FIELD = "request_id"
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def bind_request_id(given: object) -> str:
    """Make an id the current one of this task and its children; a malformed one is replaced."""
    is_good = isinstance(given, str) and _ID.fullmatch(given)
    value = str(given) if is_good else secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(request=value)
    return value


def request_id() -> str:
    """Return the current id; a new one where there is none (jobs, commands)."""
    return str(structlog.contextvars.get_contextvars().get("request") or bind_request_id(None))


def metadata_of_call(call: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the desk sent with the message that led to an action call of Rasa."""
    latest = (call.get("tracker") or {}).get("latest_message")
    metadata = latest.get("metadata") if isinstance(latest, Mapping) else None
    return metadata if isinstance(metadata, Mapping) else {}


class RequestIds:
    """ASGI middleware, the outermost: gives each request its id and tells it to the caller."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        value = bind_request_id(Headers(scope=scope).get(HEADER))
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = value
            await send(message)

        await self._app(scope, receive, send_with_id)
