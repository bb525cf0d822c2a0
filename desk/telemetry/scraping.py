"""`GET /metrics` for Prometheus, on the inner port beside the actions, not where customers are."""

import asyncio
import hmac
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.clock import utc_now
from desk.errors import StoreUnavailable
from desk.telemetry.metrics import REGISTRY
from desk.telemetry.standing import read_standing

if TYPE_CHECKING:
    from desk.app import Desk

log = structlog.get_logger(__name__)


def metrics_route(desk: "Desk") -> Route:
    """Return the route of this process's metrics; with `KEFU_METRICS_TOKEN` set, only for its
    bearer."""
    token = desk.settings.metrics_token

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"error": "Not authorized"}, status_code=401)
        text = await asyncio.to_thread(generate_latest, REGISTRY)
        return Response(text + await _standing(desk), media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)


async def _standing(desk: "Desk") -> bytes:
    """Return the gauges of the database; nothing while it is away, which others report."""
    try:
        standing = await desk.database.look(read_standing, utc_now())
    except StoreUnavailable:
        return b""
    registry = CollectorRegistry()
    registry.register(standing)
    return generate_latest(registry)
