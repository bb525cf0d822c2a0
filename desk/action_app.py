"""The endpoint that Rasa calls to run actions: rasa-sdk's executor, inside the desk's process.

Listens on the loopback unless Rasa is elsewhere (`Settings.action_host`); Rasa shows its token in
the `Authorization: Bearer` header. The metrics are served beside it.
"""

import hmac
import json
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import structlog
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from desk.logs import describe
from desk.telemetry.metrics import ACTIONS, timed
from desk.telemetry.request_ids import FIELD, bind_request_id, metadata_of_call
from desk.telemetry.scraping import metrics_route
from desk.telemetry.tracing import span

if TYPE_CHECKING:
    from desk.app import Desk

ACTIONS_PACKAGE = "actions"
CALL_LIMIT = 8 * 1024 * 1024
"""Bytes of one call: it carries the whole conversation and the domain."""

log = structlog.get_logger(__name__)


def create_action_app(desk: "Desk", packages: Sequence[str] = (ACTIONS_PACKAGE,)) -> Starlette:
    """Return the application with `POST /webhook`, `GET /health` and `GET /actions`.

    Answers as Rasa expects: 400 when an action declines to run, 404 for an unknown one, 500 when
    one fails; none of them repeats anything of the conversation.
    """
    executor = ActionExecutor()
    for package in packages:
        executor.register_package(package)
    token = desk.settings.secret_values["action_token"]

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def names(request: Request) -> JSONResponse:
        if not _has_token(request, token):
            return _refusal()
        return JSONResponse([{"name": name} for name in executor.actions])

    async def webhook(request: Request) -> JSONResponse:
        if not _has_token(request, token):
            return _refusal()
        try:
            call = await _read_call(request)
        except (ValueError, zlib.error):
            return JSONResponse({"error": "Invalid body request"}, status_code=400)
        return await _run(executor, call)

    return Starlette(
        routes=[
            Route("/webhook", webhook, methods=["POST"]),
            Route("/health", health),
            Route("/actions", names),
            metrics_route(desk),
        ]
    )


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> JSONResponse:
    name = str(call.get("next_action"))
    metadata = metadata_of_call(call)
    bind_request_id(metadata.get(FIELD))
    # Anybody with the token may name any action: only known ones become labels.
    label = name if name in executor.actions else "unknown"
    try:
        with span("action", parent=metadata, is_entry=True, action=label), timed(ACTIONS, label):
            return JSONResponse(await executor.run(call))
    except ActionExecutionRejection as rejection:
        body = {"error": "Action execution rejected", "action_name": rejection.action_name}
        return JSONResponse(body, status_code=400)
    except ActionNotFoundException:
        log.error("action.unknown", action=name[:64])
        return JSONResponse({"error": "No such action", "action_name": name}, status_code=404)
    except Exception as error:
        log.error("action.failed", action=name[:64], **describe(error))
        return JSONResponse({"error": "Action failed", "action_name": name}, status_code=500)


async def _read_call(request: Request) -> dict[str, Any]:
    """Return the action call; raises `ValueError` if the body is none, or too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > CALL_LIMIT:
            raise ValueError("too large")
    if request.headers.get("content-encoding") == "deflate":
        body = bytearray(_inflate(bytes(body)))
    call = json.loads(body)
    if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
        raise ValueError("not an action call")
    return call


def _inflate(body: bytes) -> bytes:
    inflater = zlib.decompressobj()
    plain = inflater.decompress(body, CALL_LIMIT)
    if inflater.unconsumed_tail:
        raise ValueError("too large")
    return plain


def _has_token(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _refusal() -> JSONResponse:
    return JSONResponse({"error": "Not authorized"}, status_code=401)
