"""The chat protocol over a real server: broken, hostile and too many frames, other sites."""

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

from desk.conversations import service
from tests.desk.support import greeted, tab


async def conversation_of(running, welcome):
    return await running.desk.database.look(service.find, welcome["conversation_id"])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("{broken", "broken_frame"),
        ("[]", "broken_frame"),
        ("null", "broken_frame"),
        ('{"type": 5}', "broken_frame"),
        ('{"type": "hello", "last_seq": "x"}', "broken_frame"),
        ('{"type": "hello", "last_seq": -1}', "broken_frame"),
        ('{"type": "hello", "last_seq": 99999999999999}', "broken_frame"),
        ('{"type": "hello", "token": {"a": 1}}', "broken_frame"),
        ("[" * 30_000, "broken_frame"),
        (b"\x00\x01\xff", "broken_frame"),
        ('{"type": "message", "text": "x"}', "hello_first"),
        ('{"type": "dance"}', "hello_first"),
    ],
)
async def test_broken_frames_get_an_error_and_the_connection_lives(running, raw, code):
    async with tab(running) as one:
        await one.socket.send(raw)
        error = await one.wait("error")
        assert (error["code"], error["client_id"]) == (code, None)
        assert error["text"]
        await one.hello()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"text": ""}, "empty_message"),
        ({"text": "\x00"}, "empty_message"),
        ({"text": "长" * 10_000}, "message_too_long"),
        ({"text": None}, "broken_frame"),
        ({"text": 5}, "broken_frame"),
        ({"payload": 5}, "broken_frame"),
        ({"client_id": "a b"}, "client_id_invalid"),
    ],
)
async def test_refused_messages_name_their_client_id(running, frame, code):
    async with tab(running) as one:
        welcome = await greeted(one)
        await one.send(**{"type": "message", "client_id": "a1", "text": "你好", **frame})
        error = await one.wait("error")
        assert error["code"] == code
        assert error["client_id"] == frame.get("client_id", "a1")
    assert (await conversation_of(running, welcome)).last_seq == 1


@pytest.mark.parametrize(
    "text", ["😡😡😡", "<script>alert(1)</script>", "'; DROP TABLE message; --", "漏\x00水\ud800"]
)
async def test_hostile_texts_are_only_text(running, text):
    shown = text.replace("\x00", "").replace("\ud800", "")
    async with tab(running) as one, tab(running) as two:
        welcome = await greeted(one)
        await two.hello(welcome["token"])
        await one.say(text)
        await two.wait_text(shown)
        await one.wait_text(f"答:{shown}")


async def test_a_huge_frame_closes_the_connection_politely(running):
    async with tab(running) as one:
        await greeted(one)
        await one.say("长" * 30_000)
        assert (await one.wait("error"))["code"] == "frame_too_large"
        with pytest.raises(ConnectionClosed) as closed:
            await one.wait("pong")
        assert closed.value.code == 1009


async def test_more_than_twenty_messages_in_ten_seconds_are_slowed_down(running):
    running.rasa.gate.clear()
    async with tab(running) as one:
        welcome = await greeted(one)
        for number in range(21):
            await one.say(f"第{number}条", client_id=f"c{number}")
        error = await one.wait("error")
        assert (error["code"], error["client_id"]) == ("slow_down", "c20")
        running.rasa.gate.set()
        await one.wait_text("答:第19条")
    stored = await conversation_of(running, welcome)
    assert stored.last_seq == 1 + 20 + 20


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1.evil.example"]
)
async def test_other_websites_cannot_open_the_socket(running, origin):
    with pytest.raises(InvalidStatusCode) as refused:
        async with tab(running, origin=origin):
            pass
    assert refused.value.status_code == 403


async def test_a_socket_without_origin_is_refused(running):
    with pytest.raises(InvalidStatusCode):
        async with websockets.connect(running.socket_url):
            pass
