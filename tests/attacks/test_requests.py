"""Attacks over HTTP and WebSocket: other sites, others' things, paths, bombs, floods, patience."""

import asyncio
import io
import json
import socket
import struct
import time
import zipfile
import zlib
from contextlib import nullcontext
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
import websockets
from PIL import Image
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

from desk.catalog.importer import import_bytes
from desk.conversations.models import Message
from desk.errors import InvalidInput
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from desk.web.slow import PatientHttp, SlowBody
from tests.desk.support import PASSWORD

EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def logged_in(target):
    """A browser with a session cookie, and its login."""
    target.make.staff(login="victim")
    client = target.client()
    answer = client.post("/desk/login", data={"login": "victim", "password": PASSWORD})
    assert answer.status_code == 303
    return client


# Other sites, and sessions that were planted


FORMS = ("password", "strength", "sessions/end", "sessions/end-others", "factor/begin", "sso/link")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_other_site_posts_with_the_victims_cookie(logged_in, headers):
    sent = {name: value for name, value in headers.items() if value}
    with httpx.Client(
        base_url=logged_in.base_url, cookies=logged_in.cookies, headers=sent, trust_env=False
    ) as page:
        for form in FORMS:
            assert (
                page.post(f"/desk/account/{form}", data={"password": PASSWORD}).status_code == 403
            )
        assert page.post("/desk/confirm", data={"secret": PASSWORD}).status_code == 403
        assert page.post("/api/v1/notices/read", json={}).status_code == 403
        assert page.request("DELETE", "/api/v1/tickets/views/1").status_code == 403
        assert page.post("/desk/logout").status_code == 403
    assert logged_in.get("/api/v1/me").status_code == 200


def test_no_other_site_opens_the_customers_socket(target):
    async def attack():
        for origin in (EVIL, "null", None):
            with pytest.raises(InvalidStatusCode) as caught:
                async with websockets.connect(_socket(target), origin=origin):
                    pass
            assert caught.value.status_code == 403

    asyncio.run(attack())


@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_no_other_site_reads_an_answer(logged_in, origin):
    """There is no list of sites that may: no answer carries the header that would let one."""
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS", "POST"):
        for path in ("/api/v1/me", "/api/v1/tickets", "/chat/texts.json", "/chat/own-data"):
            answer = logged_in.request(method, path, headers=asked)
            allowed = [name for name in answer.headers if name.startswith("access-control-")]
            assert allowed == [], (method, path)


def test_a_planted_session_is_worth_nothing_after_the_login(target):
    target.make.staff(login="fixed")
    with target.client() as victim:
        victim.cookies.set("kefu_session", "planted", domain="127.0.0.1")
        victim.cookies.set("kefu_login", "planted", domain="127.0.0.1")
        victim.post("/desk/login", data={"login": "fixed", "password": PASSWORD})
        fresh = [one.value for one in victim.cookies.jar if one.name == "kefu_session"]
        assert "planted" not in fresh[-1:]
    with target.client() as attacker:
        attacker.headers["Authorization"] = "Bearer planted"
        assert attacker.get("/api/v1/me").status_code == 401


def test_a_session_that_ended_opens_nothing(target):
    with target.client("agent", login="leaver") as client:
        assert client.get("/api/v1/me").status_code == 200
        client.post("/api/v1/logout")
        assert client.get("/api/v1/me").status_code == 401


# Others' things


def test_numbers_and_ids_of_others_exist_for_nobody_else(target):
    make = target.make
    held = make.claimed(make.staff())
    with make.database.transaction() as session:
        foreign = open_ticket(session, NewTicket(kind="order_change", description="改地址")).number
    with target.client("agent") as other, target.client("department") as handler:
        for path in ("", "/messages"):
            assert other.get(f"/api/v1/conversations/{held.id}{path}").status_code == 404
        reply = {"client_id": "a1", "text": "您好"}
        path = f"/api/v1/conversations/{held.id}/replies"
        assert other.post(path, json=reply).status_code == 404
        for path in ("", "/attachments", "/similar", "/transfers", "/surveys"):
            assert handler.get(f"/api/v1/tickets/{foreign}{path}").status_code == 404, path
        assert handler.get("/api/v1/notices?staff_id=1").status_code == 200
        assert handler.post("/api/v1/notices/1/read").status_code in {200, 404}


@pytest.mark.parametrize(
    "path",
    [
        "/chat/assets/../chat.html",
        "/chat/assets/..%2f..%2fapp.py",
        "/chat/assets/%2e%2e/%2e%2e/settings.py",
        "/chat/assets/....//app.py",
        "/chat/assets//etc/passwd",
        "/chat/assets/%2fetc%2fpasswd",
        "/chat/assets/chat.js%00.css",
        "/chat/assets/..\\..\\app.py",
        "/desk/../.env",
        "/.env",
        "/var/secrets.json",
        "/desk/login.css/../../settings.py",
    ],
)
def test_no_path_leads_out_of_the_files_that_are_served(target, path):
    address = urlsplit(target.url)
    with socket.create_connection((address.hostname, address.port), 30) as raw:
        # As it is: clients tidy such paths up.
        raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b""
        while part := raw.recv(65536):
            answer += part
    status = int(answer.split(b" ", 2)[1])
    assert status in {400, 404}, answer[:200]
    assert b"import " not in answer and b"root:" not in answer and b"KEFU_" not in answer


@pytest.mark.parametrize(
    "name", ["../../x.png", "..\\x.png", "/etc/passwd", "a\x00.png", "CON.png", "长" * 300]
)
def test_names_of_files_lead_nowhere(target, name):
    with target.client("agent") as client:
        number = _ticket(target)
        picture = io.BytesIO()
        Image.new("RGB", (4, 4), "red").save(picture, "PNG")
        files = {"file": (name, picture.getvalue(), "image/png")}
        path = f"/api/v1/tickets/{number}/attachments"
        answer = client.post(path, files=files)
        assert answer.status_code in {201, 422}, answer.text
        for kept in client.get(path).json()["attachments"]:
            assert not set(kept["name"]) & set("/\\\x00") and len(kept["name"]) <= 128
            got = client.get(f"{path}/{kept['id']}")
            assert got.headers["content-disposition"].startswith("attachment")
            assert got.headers["x-content-type-options"] == "nosniff"


# Bombs and sizes


def bomb_png(width, height):
    """A PNG of some hundred bytes that claims to be huge."""

    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (200_000, 200_000), (2**31 - 1, 1)])
def test_a_picture_that_unpacks_to_gigabytes_is_refused_unread(target, size):
    with target.client("agent") as client:
        begun = time.perf_counter()
        files = {"file": ("x.png", bomb_png(*size), "image/png")}
        answer = client.post(f"/api/v1/tickets/{_ticket(target)}/attachments", files=files)
        assert answer.status_code == 422
        assert time.perf_counter() - begun < 30


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(target):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(30):
            archive.writestr(f"xl/part{number}.xml", b"\0" * 8_000_000)
    assert len(packed.getvalue()) < 1_000_000
    with target.make.database.transaction() as session, pytest.raises(InvalidInput) as caught:
        import_bytes(session, packed.getvalue(), "homes", filename="x.xlsx")
    assert caught.value.key == "errors.import_too_large"


def test_a_body_too_large_is_refused_whether_it_says_so_or_not(target):
    def parts():
        for _ in range(64):
            yield b" " * 65536

    with target.client("agent") as client:
        said = client.post("/api/v1/check", content=b"{" + b" " * 3_000_000)
        assert said.status_code == 413
        unsaid = client.post("/api/v1/check", content=parts())
        assert unsaid.status_code == 413


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_nested_json_is_refused_and_not_followed(target, depth):
    with target.client("agent") as client:
        body = b'{"text": ' + b"[" * depth + b"]" * depth + b"}"
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/v1/check", content=body, headers=headers)
        assert answer.status_code in {400, 422}
        assert client.get("/api/v1/me").status_code == 200


# Patience


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


class Hasty(PatientHttp):
    head_s = 0.4


async def _with_hasty_server(attack):
    app = Starlette(routes=[Route("/", echo, methods=["POST"])])
    config = uvicorn.Config(
        SlowBody(app, part_s=0.4, body_s=1.0), port=0, log_config=None, http=Hasty, lifespan="off"
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        return await attack(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await task


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"POST / HTTP/1.1\r\nHost: x\r\n", b""),
        (HEAD, b"408"),
        (HEAD + b"ab", b"408"),
        (HEAD + b"abcd", b"200"),
    ],
)
def test_a_slow_sender_does_not_keep_its_connection(sent, answer):
    async def attack(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        got = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        assert got.startswith(b"HTTP/1.1 " + answer) if answer else got == b""

    asyncio.run(_with_hasty_server(attack))


def test_a_sender_of_a_byte_now_and_then_is_not_waited_for_either():
    async def attack(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")

        async def drip():
            for _ in range(100):
                writer.write(b"a")
                await asyncio.sleep(0.1)

        dripping = asyncio.create_task(drip())
        got = await asyncio.wait_for(reader.read(), 30)
        dripping.cancel()
        assert got.startswith(b"HTTP/1.1 408")

    asyncio.run(_with_hasty_server(attack))


# Floods


def test_a_flood_in_one_chat_is_held_back_and_leaves_others_alone(target):
    async def attack():
        async with websockets.connect(_socket(target), origin=target.url) as flooder:
            await flooder.send(json.dumps({"type": "hello", "source": "web"}))
            try:
                for number in range(400):
                    frame = {"type": "message", "client_id": f"f{number}", "text": "您好"}
                    await flooder.send(json.dumps(frame))
            except ConnectionClosed:
                pass
            async with websockets.connect(_socket(target), origin=target.url) as other:
                await other.send(json.dumps({"type": "hello", "source": "web"}))
                welcome = json.loads(await asyncio.wait_for(other.recv(), 60))
                assert welcome["type"] == "welcome"

    asyncio.run(attack())
    with target.make.database.reading() as session:
        stored = session.scalar(select(func.count()).where(Message.client_id.like("f%")))
    assert stored < 50


@pytest.mark.parametrize(
    "frame",
    ["", "{", "[]", "null", '"hello"', "[" * 50_000, '{"type": "hello", "token": 7}',
     '{"type": "message", "text": {"a": 1}}', '{"type": "\\u0000"}', "{}" * 1000, b"\x00\xff"],
)  # fmt: skip
def test_frames_that_are_none_break_nothing(target, frame):
    async def attack():
        async with websockets.connect(_socket(target), origin=target.url) as one:
            await one.send(frame)
            with pytest.raises((ConnectionClosed, TimeoutError)):
                while True:
                    answer = json.loads(await asyncio.wait_for(one.recv(), 2))
                    assert answer["type"] == "error"

    asyncio.run(attack())
    with target.client() as client:
        assert client.get("/desk/login").status_code == 200


def test_a_frame_too_large_ends_its_connection_only(target):
    async def attack():
        async with websockets.connect(_socket(target), origin=target.url) as one:
            with pytest.raises(ConnectionClosed):
                await one.send("x" * 1_000_000)
                while True:
                    await asyncio.wait_for(one.recv(), 30)

    asyncio.run(attack())


def _socket(target):
    return target.url.replace("http", "ws") + "/ws/chat"


def _ticket(target):
    with target.make.database.transaction() as session:
        return open_ticket(session, NewTicket(kind="repair", description="窗户漏水")).number
