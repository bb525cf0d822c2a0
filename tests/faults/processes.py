"""Real processes that the fault tests start, kill and bring back: a desk, the stand-in for Rasa,
PostgreSQL and Redis of their own. None of them outlives its test."""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError

from desk.processes import free_port, rasa_services
from desk.settings import PROJECT_DIR, Settings
from desk.training import RASA_MODEL

START_S = 90
POLL_S = 0.1
STAND_IN = Path(__file__).with_name("stand_in.py")


def missing(name: str) -> None:
    """Skip, or fail where the services are promised."""
    if os.environ.get("KEFU_REQUIRE_SERVICES"):
        pytest.fail(f"{name} is not installed but KEFU_REQUIRE_SERVICES is set")
    pytest.skip(f"{name} is not installed")


@dataclass
class Process:
    """A process that can be killed and started again with the same command.

    Attributes:
        is_ready: tells whether it answers.
        log: gets its output; shown when it does not come up.
    """

    command: Sequence[str]
    is_ready: Callable[[], bool]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start without waiting."""
        inherited = {name: v for name, v in os.environ.items() if not name.startswith("KEFU_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=PROJECT_DIR,
                env={**inherited, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        clock = threading.Event()
        for _ in range(int(START_S / POLL_S)):
            if self._process is None or self._process.poll() is not None:
                break
            if self.is_ready():
                return
            clock.wait(POLL_S)
        pytest.fail(f"{self.command[:3]} did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to it and all it started; return when it has ended."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(20)
        self._process = None

    def stop(self) -> None:
        """End it as an operator does."""
        self.kill(signal.SIGTERM)


class StandIn:
    """A Rasa server that answers at once, until it is told otherwise. See `stand_in.py`."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = Process(
            (sys.executable, str(STAND_IN), str(port)),
            lambda: answers(f"{self.url}/"),
            folder / f"rasa-{port}.log",
        )

    def behave(self, **how: Any) -> None:
        """`delay_s`: seconds before an answer; `answer`: its whole body instead; nothing: well."""
        httpx.post(f"{self.url}/behave", json=how, trust_env=False).raise_for_status()


class DeskProcess(Process):
    """`python -m desk.serve` with settings of its own."""

    def __init__(self, folder: Path, rasa_urls: Sequence[str], **settings: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        environment = {
            "KEFU_DATA_DIR": str(folder),
            "KEFU_PORT": str(port),
            "KEFU_ACTION_PORT": str(free_port()),
            "KEFU_RASA_URLS": json.dumps(list(rasa_urls)),
            **{f"KEFU_{name.upper()}": value for name, value in settings.items()},
        }
        super().__init__(
            (sys.executable, "-m", "desk.serve"),
            lambda: answers(f"{self.url}/health/ready"),
            folder / f"desk-{port}.log",
            environment,
        )

    def use_clock(self, file: Path) -> None:
        """From its next start its time is ours and what stands in the file, such as `+3600`."""
        self.environment |= {
            "LD_PRELOAD": faketime_library(),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def fill_disk(self) -> None:
        """From now on it can write nothing to any file, its log included."""
        _soft, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, hard))

    def free_disk(self) -> None:
        _soft, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard, hard))


class RealBot(Process):
    """The Rasa server with a trained model, for a desk that is not started yet; with the desk's
    secrets. `stand_still` leaves it deaf until `go_on`, or until it is killed."""

    def __init__(self, desk: "DeskProcess", models_dir: Path | None = None) -> None:
        environment = desk.environment
        models_dir = models_dir or Settings().models_dir
        settings = Settings(
            _env_file=None,
            data_dir=desk.folder,
            models_dir=models_dir,
            action_port=int(environment["KEFU_ACTION_PORT"]),
            rasa_port=free_port(),
        )
        if not (models_dir / RASA_MODEL).exists():
            if os.environ.get("CI"):
                pytest.fail("no trained model: run `kefu train` first")
            pytest.skip("no trained model: run `kefu train` first")
        (service,) = rasa_services(settings)
        self.health_url = service.health_url
        environment["KEFU_RASA_URLS"] = json.dumps(settings.effective_rasa_urls)
        super().__init__(
            service.command,
            lambda: answers(service.health_url),
            desk.folder / "rasa.log",
            service.environment,
        )

    def stand_still(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)


class Postgres:
    """A cluster of its own: the machine's is shared and never restarted."""

    def __init__(self) -> None:
        programs = _postgres_programs()
        # Not below pytest's folder: nobody but its owner may enter that.
        self.folder = Path(tempfile.mkdtemp(prefix="kefu-faults-pg-"))
        port = free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        self._conninfo = f"host=127.0.0.1 port={port} user=postgres connect_timeout=2"
        data = self.folder / "data"
        owner = _unprivileged()
        if owner:
            shutil.chown(self.folder, "postgres")
        make = [programs / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8"]
        make += ["--auth=trust", "--no-sync", "--locale=C.UTF-8"]
        subprocess.run([*owner, *make], check=True, capture_output=True, cwd="/")
        run = [*owner, str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        run += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        log = Path(tempfile.gettempdir()) / f"{self.folder.name}.log"
        self.process = Process(run, self._answers, log)

    def close(self) -> None:
        self.process.kill(signal.SIGQUIT)
        shutil.rmtree(self.folder)
        self.process.log.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._conninfo):
                return True
        except psycopg.OperationalError:
            return False


class RedisServer:
    """A Redis of its own that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            missing("redis-server")
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        self.process = Process(
            [*command, "--appendonly", "no", "--dir", str(folder)],
            self._answers,
            folder / "redis.log",
        )

    def _answers(self) -> bool:
        with contextlib.closing(Redis.from_url(self.url)) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False


def faketime_library() -> str:
    """Path of libfaketime for programs with threads."""
    found = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
    if not found:
        missing("libfaketime")
    return str(found[0])


def answers(url: str) -> bool:
    """Tell whether a server answers 200 there."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _postgres_programs() -> Path:
    config = shutil.which("pg_config")
    if config:
        found = subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True)
        folders = [Path(found.stdout.strip())]
    else:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    missing("initdb (PostgreSQL)")
    raise AssertionError


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
