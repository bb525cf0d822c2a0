"""The channel over HTTP, with a Sanic application that stands in for the Rasa server."""

import logging
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from bot.channel import BLANK, DeskInput, neutralise

TOKEN = "a-token-for-tests"
HOOK = "/webhooks/desk/webhook"
SECRET = "我的电话是13800138000"


class Agent:
    """Understands everything as a greeting; `answer` plays the turn."""

    def __init__(self) -> None:
        self.handled: list[UserMessage] = []
        self.processor = self
        self.tracker_store: TrackerStore = InMemoryTrackerStore(Domain.empty())
        self.lock_store = InMemoryLockStore()
        self.model_id = "m1"
        self.is_loaded = True
        self.answer: Callable[[UserMessage], Any] = self._greet

    def is_ready(self) -> bool:
        return self.is_loaded

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        intent = {"name": "greet", "confidence": 0.9}
        return {"text": message.text, "intent": intent, "entities": [{"entity": "name"}]}

    async def handle_message(self, message: UserMessage) -> None:
        self.handled.append(message)
        await self.answer(message)

    async def _greet(self, message: UserMessage) -> None:
        await message.output_channel.send_response(
            message.sender_id,
            {"text": "您好\n\n请问", "buttons": [{"title": "好", "payload": "/affirm", "x": 1}]},
        )
        await message.output_channel.send_response("c", {"custom": {"command": "handover"}})


@pytest.fixture
def agent() -> Agent:
    return Agent()


@pytest_asyncio.fixture
async def client(agent: Agent) -> AsyncIterator[httpx.AsyncClient]:
    Sanic.test_mode = True
    app = Sanic(f"desk-channel-{id(agent)}")
    app.ctx = SimpleNamespace(agent=agent)
    app.blueprint(DeskInput(TOKEN).blueprint(agent.handle_message), url_prefix="/webhooks/desk")
    await app._startup()
    app.signalize()
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://rasa", headers=headers
    ) as http:
        yield http


def body(**changes: Any) -> dict[str, Any]:
    return {"conversation_id": "c1", "text": "你好", "payload": None, "metadata": {}, **changes}


async def test_a_turn_is_answered_when_it_is_done(client: httpx.AsyncClient) -> None:
    answer = await client.post(HOOK, json=body())
    assert answer.status_code == 200
    assert answer.json() == {
        "messages": [
            {
                "text": "您好\n\n请问",
                "buttons": [{"title": "好", "payload": "/affirm"}],
                "custom": {},
            },
            {"text": None, "buttons": [], "custom": {"command": "handover"}},
        ],
        "intent": {"name": "greet", "confidence": 0.9},
        "entities": [{"entity": "name"}],
    }


async def test_rasa_gets_conversation_channel_and_metadata(
    client: httpx.AsyncClient, agent: Agent
) -> None:
    await client.post(HOOK, json=body(metadata={"daypart": "上午"}))
    [message] = agent.handled
    assert (message.sender_id, message.input_channel) == ("c1", "desk")
    assert message.metadata == {"daypart": "上午"}
    assert message.parse_data["intent"]["name"] == "greet"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer 中"],
)
async def test_without_the_token_nothing_is_done(
    client: httpx.AsyncClient, agent: Agent, header: str | None
) -> None:
    client.headers.pop("Authorization")
    given = {} if header is None else {"Authorization": header.encode()}
    answer = await client.post(HOOK, json=body(), headers=given)
    assert answer.status_code == 401
    assert agent.handled == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"conversation_id": ""}, 400),
        ({"conversation_id": 7}, 400),
        ({"conversation_id": "c" * 201}, 400),
        ({"text": ["你好"]}, 400),
        ({"text": "长" * 20_001}, 413),
        ({"metadata": []}, 200),
        ({"metadata": ["x"]}, 400),
        ({"payload": "affirm"}, 400),
        ({"payload": "/affirm; rm"}, 400),
        ({"payload": "/a" * 600}, 400),
        ({"payload": 3}, 400),
        ({"message_id": 3}, 400),
        ({"message_id": ""}, 400),
        ({"message_id": "m" * 41}, 400),
        ({"message_id": "m" * 40}, 200),
        ({"message_id": None, "is_repeat": True}, 200),
        ({"text": None, "payload": "/affirm"}, 200),
        ({"payload": '/ask_price{"home": "A-1"}'}, 200),
        ({"text": "长" * 10_000}, 200),
        ({"text": ""}, 200),
    ],
)
async def test_requests_are_checked(
    client: httpx.AsyncClient, changes: dict[str, Any], status: int
) -> None:
    assert (await client.post(HOOK, json=body(**changes))).status_code == status


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe"])
async def test_a_body_that_is_no_object_is_refused(
    client: httpx.AsyncClient, content: bytes
) -> None:
    assert (await client.post(HOOK, content=content)).status_code == 400


async def test_a_payload_takes_the_place_of_the_text(
    client: httpx.AsyncClient, agent: Agent
) -> None:
    await client.post(HOOK, json=body(payload="/affirm"))
    assert agent.handled[0].text == "/affirm"


@pytest.mark.parametrize(
    ("typed", "handled"),
    [
        ("/restart", "／restart"),
        ("  /affirm", "／affirm"),
        ("\n/session_start{}", "／session_start{}"),
        ("3/5 层", "3/5 层"),
        ("   ", BLANK),
        ("", BLANK),
    ],
)
def test_a_typed_command_is_only_text(typed: str, handled: str) -> None:
    assert neutralise(typed) == handled


async def test_a_failed_turn_tells_and_logs_nothing_of_the_customer(
    client: httpx.AsyncClient, agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(message: UserMessage) -> None:
        raise RuntimeError(f"cannot handle {message.text}")

    agent.answer = fail
    with caplog.at_level(logging.DEBUG):
        answer = await client.post(HOOK, json=body(text=SECRET))
    assert answer.status_code == 500
    assert answer.json() == {"error": "turn_failed"}
    assert "13800138000" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_a_memory_that_is_away_fails_the_turn(
    client: httpx.AsyncClient, agent: Agent
) -> None:
    class Away(InMemoryTrackerStore):
        async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
            raise OSError("the database is away")

    async def remember(message: UserMessage) -> None:
        await agent.tracker_store.retrieve(message.sender_id)

    agent.answer = remember
    agent.tracker_store = FailSafeTrackerStore(Away(Domain.empty()))
    assert (await client.post(HOOK, json=body())).status_code == 500


async def test_without_a_model_it_says_so(client: httpx.AsyncClient, agent: Agent) -> None:
    assert (await client.get("/webhooks/desk/")).json() == {"status": "ok", "model": "m1"}
    agent.is_loaded = False
    assert (await client.get("/webhooks/desk/")).status_code == 503
    assert (await client.post(HOOK, json=body())).status_code == 503


def test_a_channel_without_a_token_does_not_start() -> None:
    with pytest.raises(ValueError, match="KEFU_RASA_TOKEN"):
        DeskInput.from_credentials({"token": ""})
