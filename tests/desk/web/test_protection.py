"""Origin checks, security headers, errors without contents, and the health check."""

import json
import re
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import websockets
from starlette.responses import PlainTextResponse
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatusCode

from desk.database import Database
from desk.settings import PROJECT_DIR
from desk.web.access import AccessLog
from desk.web.headers import CONSOLE_POLICY, STRICT_POLICY, policy_of
from desk.web.origin import OriginCheck, is_allowed

EVIL = "http://evil.example"


@pytest.mark.parametrize(
    ("origin", "host", "passes"),
    [
        ("http://desk.example", "desk.example", True),
        ("https://desk.example:8443", "desk.example:8443", True),
        ("https://shop.example", "desk.example", True),
        ("HTTPS://SHOP.example", "desk.example", True),
        ("http://shop.example", "desk.example", False),
        ("http://desk.example.evil.example", "desk.example", False),
        ("http://evil.example", "desk.example", False),
        ("http://desk.example:81", "desk.example", False),
        ("ftp://desk.example", "desk.example", False),
        ("null", "desk.example", False),
        ("", "desk.example", False),
        (None, "desk.example", False),
        ("http://", "", False),
        ("http://[", "desk.example", False),
    ],
)
def test_allowed_origins(origin, host, passes):
    assert is_allowed(origin, host, {"https://shop.example"}) is passes


async def ok(scope, receive, send):
    await PlainTextResponse("ok")(scope, receive, send)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {"Origin": EVIL}, 200),
        ("POST", "/desk/login", {"Origin": "http://desk.example"}, 200),
        ("POST", "/desk/login", {"Origin": EVIL}, 403),
        ("POST", "/desk/login", {"Origin": "null"}, 403),
        ("POST", "/x", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("POST", "/x", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "/x", {"Sec-Fetch-Site": "same-site"}, 403),
        ("POST", "/x", {"Sec-Fetch-Site": "none"}, 403),
        ("POST", "/x", {"Origin": EVIL, "Sec-Fetch-Site": "same-origin"}, 403),
        ("POST", "/x", {}, 200),
        ("POST", "/x", {"Cookie": "kefu_session=abc"}, 403),
        ("DELETE", "/x", {"Cookie": "kefu_session=abc"}, 403),
        ("POST", "/x", {"Cookie": "__Host-kefu_session=abc"}, 403),
        ("POST", "/x", {"Cookie": "kefu_session=abc", "Origin": "http://desk.example"}, 200),
        ("POST", "/x", {"Cookie": "other=abc", "Authorization": "Bearer abc"}, 200),
        ("GET", "/_nicegui_ws/socket.io/", {}, 403),
        ("GET", "/_nicegui_ws/socket.io/", {"Origin": EVIL}, 403),
        ("GET", "/_nicegui_ws/socket.io/", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("GET", "/_nicegui_ws/socket.io/", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("POST", "/_nicegui_ws/socket.io/", {}, 403),
        ("POST", "/_nicegui_ws/socket.io/", {"Origin": EVIL}, 403),
        ("POST", "/_nicegui_ws/socket.io/", {"Origin": "http://desk.example"}, 200),
    ],
)
async def test_who_may_call(method, path, headers, status):
    transport = httpx.ASGITransport(OriginCheck(ok))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as client:
        response = await client.request(method, path, headers=headers)
    assert response.status_code == status
    if status == 403:
        assert response.json()["error"]["key"] == "errors.wrong_origin"


async def test_a_form_on_another_website_cannot_log_anyone_in(running):
    async with running.http(Origin=EVIL) as client:
        response = await client.post("/desk/login", data={"login": "a", "password": "b"})
    assert response.status_code == 403


async def test_a_cookie_alone_cannot_write_over_rest(running):
    token = running.make.token(running.make.staff())
    cookies = {"kefu_session": token}
    async with httpx.AsyncClient(base_url=running.url, cookies=cookies) as client:
        assert (await client.get("/api/v1/me")).status_code == 200
        refused = await client.post("/api/v1/check", json={"texts": ["您好"]})
        assert refused.status_code == 403
        own = {"Origin": running.url}
        passed = await client.post("/api/v1/check", json={"texts": ["您好"]}, headers=own)
        assert passed.status_code == 200


# Headers


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/desk", CONSOLE_POLICY),
        ("/desk/qa", CONSOLE_POLICY),
        ("/_nicegui/3/x.js", CONSOLE_POLICY),
        ("/desk/login", STRICT_POLICY),
        ("/desk/logout", STRICT_POLICY),
        ("/deskx", STRICT_POLICY),
        ("/api/docs", STRICT_POLICY),
        ("/", STRICT_POLICY),
    ],
)
def test_policies(path, policy):
    assert policy_of(path) == policy


@pytest.mark.parametrize("path", ["/", "/desk/login", "/api/docs", "/health/ready", "/nowhere"])
async def test_every_response_is_protected(running, path):
    async with running.http() as client:
        headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_only_the_embed_page_may_be_framed(running):
    running.desk.settings.embed_origins = ["https://shop.example"]
    async with running.http() as client:
        headers = (await client.get("/chat/embed")).headers
    assert "frame-ancestors https://shop.example" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


async def test_private_answers_are_not_cached(running):
    async with running.http(running.make.staff()) as client:
        assert (await client.get("/api/v1/me")).headers["cache-control"] == "no-store"


async def test_pages_that_do_not_exist_say_so(running):
    async with running.http() as client:
        page = await client.get("/nowhere")
        api = await client.get("/api/v1/nowhere")
        method = await client.delete("/health/ready")
    assert (page.status_code, "没有这个页面" in page.text) == (404, True)
    assert (api.status_code, api.json()["error"]["key"]) == (404, "errors.not_found")
    assert (method.status_code, method.json()["error"]["key"]) == (
        405,
        "errors.method_not_allowed",
    )


# Errors and logs


async def test_an_unforeseen_error_tells_nothing(running):
    async def fail(scope, receive, send):
        raise RuntimeError("secret 13800138000")

    transport = httpx.ASGITransport(AccessLog(fail))
    with capture_logs() as logs:
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            response = await client.get("/path?token=abc")
    assert response.status_code == 500
    assert response.json()["error"]["key"] == "errors.internal"
    written = json.dumps(logs, default=str)
    assert "RuntimeError" in written
    assert "13800138000" not in written + response.text
    assert "token" not in written


async def test_validation_errors_name_the_field_and_repeat_nothing(running):
    async with running.http(running.make.staff()) as client:
        response = await client.post("/api/v1/check", json={"texts": ["13800138000" * 2000]})
        broken = await client.post("/api/v1/check", content=b"\xff{")
    assert response.status_code == broken.status_code == 422
    (field,) = response.json()["error"]["details"]["fields"]
    assert field == {"field": "texts.0", "problem": "string_too_long"}
    assert "138" not in response.text


async def test_a_huge_body_is_refused(running):
    async with running.http(running.make.staff()) as client:
        response = await client.post("/api/v1/check", content=b"x" * (3 * 1024 * 1024))
    assert response.status_code == 413


async def test_the_access_log_has_no_query_and_no_text(running):
    with capture_logs() as logs:
        async with running.http() as client:
            await client.get("/desk/login?next=/desk&token=abc")
            await client.get("/chat/assets/mark.svg")
    lines = [line for line in logs if line["event"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/desk/login", 200)
    ]
    assert "abc" not in json.dumps(lines)


async def test_health(running):
    async with running.http() as client:
        assert (await client.get("/health/live")).json() == {"status": "ok"}
        ready = (await client.get("/health/ready")).json()
        assert ready == {"status": "ok", "database": "ok", "bot": "ok"}


async def test_health_without_a_database(running, tmp_path):
    running.desk.database.dispose()
    running.desk.database = Database(f"sqlite:///{tmp_path / 'away' / 'kefu.db'}")
    async with running.http() as client:
        response = await client.get("/health/ready")
    assert response.status_code == 503


# The whole server, with the console


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_the_served_desk_guards_the_consoles_socket(sqlite_url, tmp_path: Path):
    """`python -m desk.serve` as it runs in production; stopped by SIGTERM."""
    port = free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "KEFU_DATA_DIR": str(tmp_path),
        "KEFU_DATABASE_URL": sqlite_url,
        "KEFU_PORT": str(port),
        "KEFU_ACTION_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "desk.serve"],
        cwd=PROJECT_DIR,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        base = f"http://127.0.0.1:{port}"
        transport = httpx.AsyncHTTPTransport(retries=20)
        async with httpx.AsyncClient(base_url=base, transport=transport, timeout=60) as client:
            assert (await client.get("/health/ready")).status_code == 200
            desk = await client.get("/desk")
            assert "server" not in desk.headers
            assert (desk.status_code, desk.headers["location"][:11]) == (303, "/desk/login")
            polling = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
            assert (await client.get(polling, headers={"Origin": EVIL})).status_code == 403
            assert (await client.get(polling, headers={"Origin": base})).status_code == 200
        socket_url = f"ws://127.0.0.1:{port}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        with pytest.raises(InvalidStatusCode):
            await websockets.connect(socket_url, origin=EVIL)
        async with websockets.connect(socket_url, origin=base) as own:
            assert (await own.recv()).startswith("0{")
    finally:
        process.terminate()
        _out, log = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not re.search(r"EIO=4|Traceback", log)
