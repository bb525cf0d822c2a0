"""Runs the desk: its web server and, on the loopback, the server for Rasa's actions."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory

from desk.app import build_desk, create_action_app, create_app
from desk.collecting import settle
from desk.logs import configure_logs
from desk.settings import Settings
from desk.telemetry.tracing import configure_tracing
from desk.web.slow import PatientHttp

log = structlog.get_logger(__name__)

GRACE_S = 5
LOOK_EVERY_S = 0.02
SOCKET_FRAME_LIMIT = 256 * 1024
"""Bytes; beyond it the server itself cuts the connection. The chat's own limit is lower."""


class _Server(uvicorn.Server):
    """A server that leaves signals to us: two of them share the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; a second signal does not wait for open connections.

    The actions come first: the desk asks the bot for what an earlier run left unanswered as soon
    as it starts, and the bot calls them.
    """
    desk = build_desk(settings)
    actions = _server(create_action_app(desk), settings.action_host, settings.action_port)
    servers = [actions, _server(create_app(desk), settings.host, settings.port)]
    _stop_on_signals(servers)
    log.info("desk.starting", host=settings.host, port=settings.port)
    tasks = []
    for server in servers:
        tasks.append(asyncio.create_task(server.serve()))
        await _started(server, tasks[-1])
    settle()
    # One that ends (a port in use) takes the other with it.
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
    log.info("desk.stopped")


def run(settings: Settings | None = None) -> None:
    """Serve in this process until it is stopped (the entry for `kefu up` and for containers)."""
    # Database, logs and caches hold what customers wrote.
    os.umask(0o077)
    settings = settings or Settings()
    configure_logs(is_json=settings.log_format == "json")
    configure_tracing(settings.otlp_url, "kefu-desk")
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(settings))


def _server(app: ASGIApp, host: str, port: int) -> _Server:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        http=PatientHttp,
        ws="wsproto",
        ws_per_message_deflate=False,
        ws_max_size=SOCKET_FRAME_LIMIT,
        timeout_graceful_shutdown=GRACE_S,
    )
    return _Server(config)


async def _started(server: _Server, task: asyncio.Task[None]) -> None:
    """Return when the server listens or has given up."""
    while not (server.started or task.done()):
        await asyncio.sleep(LOOK_EVERY_S)


def _stop_on_signals(servers: list[_Server]) -> None:
    def stop() -> None:
        for server in servers:
            server.force_exit = server.should_exit
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


if __name__ == "__main__":
    run()
