"""The client of the Rasa server, against a real HTTP server."""

import asyncio

import pytest
from fastapi import FastAPI, Request

from desk.bot_client import BotClient, BotMessage, Handover, parse_turn
from desk.errors import BotUnavailable
from desk.processes import free_port
from desk.telemetry.request_ids import bind_request_id
from tests.desk.support import PATIENCE_S, said, serving

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def client(rasa):
    client = BotClient([rasa.url], "secret", 10)
    yield client
    await client.close()


async def test_sends_text_payload_and_metadata_with_the_token(client, rasa):
    bind_request_id("desk-0001")
    turn = await client.send("c1", "你好", "/affirm", {"source": "web"}, message_id="7")
    assert turn.messages == (BotMessage("答:你好"),)
    assert (turn.intent, turn.confidence) == ("ask_price", 0.9)
    assert rasa.requests == [
        {
            "conversation_id": "c1",
            "text": "你好",
            "payload": "/affirm",
            "metadata": {"source": "web", "request_id": "desk-0001"},
            "message_id": "7",
            "is_repeat": False,
        }
    ]
    assert rasa.authorizations == ["Bearer secret"]


async def test_a_server_that_is_away_is_unavailable():
    client = BotClient([NOWHERE], "secret", 1)
    with pytest.raises(BotUnavailable):
        await client.send("c1", "你好")
    await client.close()


async def test_a_server_that_is_still_starting_is_waited_for():
    app, asked = FastAPI(), []

    @app.post("/webhooks/desk/webhook")
    async def turn(request: Request):
        asked.append(await request.json())
        return said("您好")

    port = free_port()
    client = BotClient([f"http://127.0.0.1:{port}"], "secret", 10, start_s=PATIENCE_S)
    waiting = asyncio.create_task(client.send("c1", "你好", message_id="7"))
    await asyncio.sleep(0.1)
    assert client.is_answering
    async with serving(app, port):
        assert (await waiting).messages == (BotMessage("您好"),)
    assert [body["is_repeat"] for body in asked] == [True]
    with pytest.raises(BotUnavailable):
        async with asyncio.timeout(PATIENCE_S / 2):
            await client.send("c1", "还在吗")
    await client.close()


async def test_a_server_that_never_starts_is_unavailable_in_the_end():
    client = BotClient([NOWHERE], "secret", 1, start_s=0.2)
    with pytest.raises(BotUnavailable):
        await client.send("c1", "你好")
    await client.close()


async def test_a_server_that_never_answers_is_unavailable(rasa):
    rasa.gate.clear()
    client = BotClient([rasa.url], "secret", 0.05)
    with pytest.raises(BotUnavailable):
        await client.send("c1", "你好")
    rasa.gate.set()
    await client.close()


async def test_another_server_takes_over_for_one_that_is_away(rasa):
    client = BotClient([NOWHERE, rasa.url], "secret", 10)
    await asyncio.gather(*(client.send(f"c{number}", "你好") for number in range(8)))
    assert len(rasa.requests) == 8
    await client.close()


def test_a_conversation_keeps_its_server():
    client = BotClient(["http://a", "http://b", "http://c"], "secret", 1)
    orders = {number: client._in_order(f"c{number}") for number in range(40)}
    assert all(client._in_order(f"c{number}") == order for number, order in orders.items())
    assert {order[0] for order in orders.values()} == {"http://a", "http://b", "http://c"}


async def test_the_customers_words_are_in_no_exception(client, rasa):
    rasa.status = 500
    with pytest.raises(BotUnavailable) as caught:
        await client.send("c1", "我的电话 13800138000")
    assert "138" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_parsed_turn():
    answer = said("第一句", "  ", "第二句")
    answer["messages"][0]["buttons"] = [
        {"title": "是", "payload": "/affirm"},
        {"title": "再说"},
    ]
    answer["messages"].append(
        {"custom": {"command": "handover", "reason": "anger", "urgent": True}}
    )
    answer["messages"].append({"custom": {"command": "dance"}})
    turn = parse_turn(answer)
    assert [message.text for message in turn.messages] == ["第一句", "第二句"]
    assert turn.messages[0].buttons == (
        {"title": "是", "payload": "/affirm"},
        {"title": "再说", "payload": "再说"},
    )
    assert turn.commands == (Handover("anger", urgent=True),)


def test_a_turn_without_an_intent():
    turn = parse_turn({"messages": [], "intent": None})
    assert (turn.messages, turn.intent, turn.confidence) == ((), None, None)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"messages": None},
        {"messages": [1]},
        {"messages": [{"text": "a", "buttons": [1]}]},
        {"messages": [{"text": "a", "buttons": [{}]}]},
        {"messages": [], "intent": "x"},
        {"messages": [], "intent": {"name": 5}},
        {"messages": [], "intent": {"name": "x", "confidence": "high"}},
    ],
)
def test_malformed_answers_are_errors(answer):
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        parse_turn(answer)
