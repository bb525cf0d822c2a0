"""Starts, watches and stops the processes of one machine: the Rasa server and the desk."""

import asyncio
import contextlib
import math
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from desk.errors import DeskError
from desk.rasa_endpoints import endpoints_file, tracker_environment
from desk.settings import PROJECT_DIR, Settings
from desk.training import RASA_MODEL, rasa_environment

RESTART_DELAYS_S = (1, 2, 5, 10, 30)
STOP_TIMEOUT_S = 10
LOCK_SPARE_S = 5
"""How much longer than the desk waits for a turn Rasa keeps a talk locked for it."""
DESK_KEYS = frozenset({"KEFU_KEYS", "KEFU_INDEX_KEY", "KEFU_SEAL_KEY", "KEFU_KEYS_FILE"})
"""Not for the Rasa server, which gets derived ones."""
START_TIMEOUT_S = 180


class ProcessFailed(DeskError):
    """A process did not come up; `details["log"]` names its log file."""


@dataclass(frozen=True, slots=True)
class Service:
    """A process to keep running.

    Attributes:
        name: also the name of its log file.
        command: program and arguments.
        environment: its whole environment.
        health_url: answers 200 once the process is ready.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    health_url: str


def rasa_services(settings: Settings) -> list[Service]:
    """Return the Rasa servers of this machine: one, or `rasa_processes` on ports that follow."""
    return [_rasa_service(settings, number) for number in range(settings.rasa_processes)]


def _rasa_service(settings: Settings, number: int) -> Service:
    """Return a Rasa server: its channel behind a token, no HTTP API."""
    port = settings.rasa_port + number
    environment = {
        **{name: value for name, value in rasa_environment().items() if name not in DESK_KEYS},
        "KEFU_RASA_TOKEN": settings.secret_values["rasa_token"],
        "KEFU_ACTION_TOKEN": settings.secret_values["action_token"],
        "KEFU_ACTION_URL": settings.effective_action_url,
        # A server that dies in the middle of a turn leaves the talk's lock in Redis.
        "TICKET_LOCK_LIFETIME": str(math.ceil(settings.rasa_timeout_s) + LOCK_SPARE_S),
        **tracker_environment(settings),
    }
    arguments = ["--interface", settings.rasa_host, "--port", str(port)]
    arguments += ["--endpoints", str(endpoints_file(settings)), "--credentials", "credentials.yml"]
    arguments += ["--model", str(settings.models_dir / RASA_MODEL)]
    command = (sys.executable, "-m", "rasa", "run", *arguments)
    health = f"http://127.0.0.1:{port}/webhooks/desk/"
    name = f"rasa-{number + 1}" if number else "rasa"
    return Service(name, command, environment, health)


def desk_service(settings: Settings) -> Service:
    """Return the desk: customer page, console, REST, and the action server on loopback."""
    command = (sys.executable, "-m", "desk.serve")
    health = f"http://127.0.0.1:{settings.port}/health/ready"
    environment = {**os.environ, **settings.environment()}
    return Service("desk", command, environment, health)


def port_is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Supervisor:
    """Keeps services running until `stop` is called; restarts what dies, ever more slowly."""

    log_dir: Path
    on_restart: Callable[[Service], None]
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, service: Service) -> None:
        """Begin to run a service."""
        self._tasks.append(asyncio.create_task(self._keep_running(service)))

    async def wait_ready(self, service: Service) -> None:
        """Return when the service answers.

        Raises:
            ProcessFailed: it did not within `START_TIMEOUT_S`.
        """
        deadline = asyncio.get_running_loop().time() + START_TIMEOUT_S
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while asyncio.get_running_loop().time() < deadline and not self._stopping.is_set():
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(service.health_url)).status_code == httpx.codes.OK:
                        return
                await asyncio.sleep(0.3)
        if not self._stopping.is_set():
            raise ProcessFailed("errors.process_failed", name=service.name, log=self._log(service))

    async def run_until_stopped(self) -> None:
        """Wait for `stop`."""
        await self._stopping.wait()

    def stop(self) -> None:
        """Ask everything to end."""
        self._stopping.set()

    async def finish(self) -> None:
        """Stop and wait until every process has ended."""
        self.stop()
        await asyncio.gather(*self._tasks)

    async def _keep_running(self, service: Service) -> None:
        failures = 0
        while not self._stopping.is_set():
            with self._log(service).open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *service.command,
                    cwd=PROJECT_DIR,
                    env=service.environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            await self._ended_or_stopped(process)
            if self._stopping.is_set():
                await _terminate(process)
                return
            self.on_restart(service)
            delay = RESTART_DELAYS_S[min(failures, len(RESTART_DELAYS_S) - 1)]
            failures += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _ended_or_stopped(self, process: asyncio.subprocess.Process) -> None:
        waiting = {
            asyncio.create_task(process.wait()),
            asyncio.create_task(self._stopping.wait()),
        }
        _, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    def _log(self, service: Service) -> Path:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        return self.log_dir / f"{service.name}.log"


async def _terminate(process: asyncio.subprocess.Process) -> None:
    """End a process and all it started: politely first."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            continue
        return
