"""Builders and small servers that the desk's tests share."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import websockets
from cryptography.fernet import Fernet
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from desk.accounts.models import Staff
from desk.accounts.service import log_in
from desk.app import Desk
from desk.bot_client import BotClient
from desk.clock import utc_now
from desk.company import load_company
from desk.conversations import service as conversations
from desk.conversations.models import Conversation, Message
from desk.current import set_desk
from desk.database import Database
from desk.encryption import use_key
from desk.fanout import make_fanout
from desk.settings import Settings
from desk.web import login as login_page
from scripts_library.checking.checker import Checker

PASSWORD = "correct-horse-2026"
ENCRYPTION_KEY = Fernet.generate_key().decode()
PATIENCE_S = 20
"""How long a test waits for an event that must come; reached only when it fails."""


@dataclass
class Builder:
    """Makes things with defaults in one database."""

    database: Database
    password_hash: str
    count: int = 0

    def staff(self, role: str = "agent", **values: Any) -> Staff:
        self.count += 1
        login = values.setdefault("login", f"{role}{self.count}")
        values.setdefault("display_name", f"小{login[-2:]}")
        if role == "department":
            values.setdefault("department", "engineering")
        values.setdefault("password_hash", self.password_hash)
        staff = Staff(role=role, created_at=utc_now(), **values)
        with self.database.transaction() as session:
            session.add(staff)
        return staff

    def token(self, staff: Staff) -> str:
        with self.database.transaction() as session:
            return log_in(session, staff.login, PASSWORD).require()[0]

    def conversation(self, *texts: str, source: str = "web") -> Conversation:
        with self.database.transaction() as session:
            conversation, _token = conversations.open_conversation(session, source=source)
        for said in texts:
            self.says(conversation, said)
        return self.fresh(conversation)

    def says(self, conversation: Conversation, said: str, **values: Any) -> Message:
        values.setdefault("client_id", uuid.uuid4().hex)
        with self.database.transaction() as session:
            return conversations.add_customer_message(
                session, conversation.id, text=said, **values
            ).message

    def queued(self, *texts: str, **values: Any) -> Conversation:
        conversation = self.conversation(*(texts or ("转人工",)))
        values.setdefault("reason", "requested")
        with self.database.transaction() as session:
            return conversations.request_handover(session, conversation.id, **values)

    def claimed(self, agent: Staff, *texts: str) -> Conversation:
        conversation = self.queued(*texts)
        with self.database.transaction() as session:
            return conversations.claim(session, conversation.id, agent)

    def fresh(self, conversation: Conversation) -> Conversation:
        with self.database.reading() as session:
            return conversations.find(session, conversation.id)

    def messages(self, conversation: Conversation, *, for_staff: bool = True) -> list[Message]:
        with self.database.reading() as session:
            return conversations.messages_after(session, conversation.id, 0, for_staff=for_staff)


class _Server(uvicorn.Server):
    """Tells when it is up, and leaves signals alone."""

    def __init__(self, app: FastAPI, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                port=port,
                log_config=None,
                access_log=False,
                ws="wsproto",
                ws_max_size=256 * 1024,
                timeout_graceful_shutdown=2,
            )
        )
        self.is_up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """Serve an app, on a free port if none is named; yield its base URL."""
    server = _Server(app, port)
    task = asyncio.create_task(server.serve())
    await asyncio.wait_for(server.is_up.wait(), PATIENCE_S)
    assert server.started, "the app did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass
class FakeRasa:
    """A small HTTP server that answers as the bot's channel does.

    `answer` maps a request's body to the response's body; while `gate` is cleared, answers wait.
    """

    url: str = ""
    status: int = 200
    requests: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    answer: Callable[[dict[str, Any]], Any] = lambda body: said(f"答:{body['text']}")

    async def turn(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        self.authorizations.append(request.headers.get("authorization", ""))
        self.arrived.put_nowait(body)
        await self.gate.wait()
        content = self.answer(body)
        if isinstance(content, str):
            return Response(content, status_code=self.status)
        return JSONResponse(content, status_code=self.status)


def said(*texts: str, intent: str = "ask_price", **more: Any) -> dict[str, Any]:
    """An answer of the bot's channel."""
    messages = [{"text": text, "buttons": [], "custom": None} for text in texts]
    return {
        "messages": messages,
        "intent": {"name": intent, "confidence": 0.9},
        "entities": [],
        **more,
    }


class UnhurriedDesk(Desk):
    """A desk that loads its suggester at the first use: most tests never use it."""

    def warm_up(self) -> None:
        pass


def build(
    database_url: str, data_dir: Path, checker: Checker, *, rasa_url: str, **values: Any
) -> Desk:
    """A desk as `build_desk` makes it, with the checker shared by all tests."""
    settings = Settings(
        _env_file=None,
        data_dir=data_dir,
        database_url=database_url,
        rasa_urls=[rasa_url],
        **{"rasa_timeout_s": 10.0, **values},
    )
    use_key(ENCRYPTION_KEY)
    desk = UnhurriedDesk(
        settings=settings,
        database=Database(database_url),
        fanout=make_fanout(settings.redis_url),
        bot=BotClient([rasa_url], settings.secret_values["rasa_token"], settings.rasa_timeout_s),
        company=load_company(settings.company_file),
        load_checker=lambda: checker,
    )
    set_desk(desk)
    login_page.tries = login_page.KeyedRateLimiter(1000, 300)
    return desk


@dataclass
class Running:
    """A desk that serves, with a builder for its database."""

    desk: Desk
    url: str
    make: Builder
    rasa: FakeRasa

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws") + "/ws/chat"

    def http(self, staff: Staff | None = None, **headers: str) -> httpx.AsyncClient:
        """A client; with a staff member it carries the bearer token."""
        if staff:
            headers["Authorization"] = f"Bearer {self.make.token(staff)}"
        # No certificates: reading those of the system takes longer than most tests.
        return httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=PATIENCE_S, verify=False
        )


class Tab:
    """A browser tab: sends frames, and waits for those it wants to see."""

    def __init__(self, socket):
        self.socket = socket
        self.frames = []

    async def send(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def hello(self, token=None, last_seq=0):
        await self.send(type="hello", token=token, last_seq=last_seq, source="web")
        return await self.wait("welcome")

    async def say(self, text, client_id=None, payload=None):
        client_id = client_id or uuid.uuid4().hex
        await self.send(type="message", client_id=client_id, text=text, payload=payload)
        return client_id

    async def wait(self, kind, **fields):
        """Return the next frame of this kind with these fields; keep the others."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = json.loads(await self.socket.recv())
                self.frames.append(frame)
                inner = {**frame, **frame.get("message", {})}
                if frame["type"] == kind and all(inner[k] == v for k, v in fields.items()):
                    return frame

    async def wait_text(self, text):
        return (await self.wait("message", text=text))["message"]

    def texts(self):
        return [frame["message"]["text"] for frame in self.frames if frame["type"] == "message"]


@contextlib.asynccontextmanager
async def tab(running, origin=None, browser=None):
    """A tab of a browser that keeps no cookie, or of the one whose cookie holds `browser`."""
    cookie = {"Cookie": f"kefu_visitor={browser}"} if browser else None
    async with websockets.connect(
        running.socket_url,
        origin=origin or running.url,
        max_size=None,
        extra_headers=cookie,
        open_timeout=PATIENCE_S,
    ) as socket:
        yield Tab(socket)


async def greeted(one):
    """Say hello as a new customer; the welcome holds the greeting."""
    welcome = await one.hello()
    assert [message["sender"] for message in welcome["messages"]] == ["bot"]
    return welcome
