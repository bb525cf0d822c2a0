"""Only the desk's own port is to be reached; its files are for its user alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import httpx

from desk.processes import rasa_services
from desk.settings import PROJECT_DIR, Settings
from tests.desk.web.test_protection import free_port

LOOPBACK = "0100007F"
LISTENING = "0A"


def listeners(port):
    """Addresses (hexadecimal, as the kernel shows them) that something listens on at a port."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == LISTENING and int(number, 16) == port:
                found.add(address)
    return found


async def test_actions_listen_on_the_loopback_even_if_the_desk_does_not(sqlite_url, tmp_path):
    port, action_port = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "KEFU_DATA_DIR": str(tmp_path / "var"),
        "KEFU_DATABASE_URL": sqlite_url,
        "KEFU_HOST": "0.0.0.0",
        "KEFU_PORT": str(port),
        "KEFU_ACTION_PORT": str(action_port),
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "desk.serve"],
        cwd=PROJECT_DIR,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        transport = httpx.AsyncHTTPTransport(retries=20)
        async with httpx.AsyncClient(transport=transport, timeout=60) as client:
            health = await client.get(f"http://127.0.0.1:{port}/health/ready")
            assert health.status_code == 200
            base = f"http://127.0.0.1:{action_port}"
            for path in ("/actions", "/webhook"):
                method = "POST" if path == "/webhook" else "GET"
                assert (await client.request(method, base + path)).status_code == 401
        assert listeners(port) == {"00000000"}
        assert listeners(action_port) == {LOOPBACK}
    finally:
        process.terminate()
        process.wait(60)
    for path in (tmp_path / "var").rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_rasa_is_started_on_the_loopback_with_a_token_and_without_its_api(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    (service,) = rasa_services(settings)
    command = list(service.command)
    assert command[command.index("--interface") + 1] == "127.0.0.1"
    assert not {"--enable-api", "--cors", "--debug"} & set(command)
    assert service.environment["KEFU_RASA_TOKEN"] == settings.secret_values["rasa_token"]
    assert len(settings.secret_values["rasa_token"]) >= 43


def test_secrets_are_in_no_command_line(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path)
    command = " ".join(rasa_services(settings)[0].command)
    assert not any(secret in command for secret in settings.secret_values.values())


def test_several_rasa_servers_have_ports_of_their_own_and_all_are_asked(tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, rasa_port=6005, rasa_processes=2)
    first, second = rasa_services(settings)
    assert (first.name, second.name) == ("rasa", "rasa-2")
    assert "6006" in second.command
    assert settings.effective_rasa_urls == ["http://127.0.0.1:6005", "http://127.0.0.1:6006"]


def test_tokens_that_are_given_are_used_and_not_written(tmp_path):
    settings = Settings(
        _env_file=None, data_dir=tmp_path, rasa_token="r" * 32, action_token="a" * 32
    )
    assert settings.secret_values == {"rasa_token": "r" * 32, "action_token": "a" * 32}
    assert not settings.secrets_path.exists()
