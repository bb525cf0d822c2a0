"""One id follows a request through desk, Rasa and action."""

import json
import re

import httpx
import pytest
from structlog.contextvars import clear_contextvars
from structlog.testing import capture_logs

from desk.action_app import create_action_app
from desk.telemetry.request_ids import bind_request_id, metadata_of_call, request_id
from tests.desk.support import greeted, tab


@pytest.fixture(autouse=True)
def no_id_from_before():
    clear_contextvars()


@pytest.mark.parametrize("given", ["proxy-20261122.7", "a" * 64])
def test_a_well_formed_id_is_kept(given):
    assert bind_request_id(given) == given == request_id()


@pytest.mark.parametrize(
    "given", [None, 7, "", "short", "a" * 65, "王丽王丽王丽王丽", "a b c d e f"]
)
def test_anything_else_gets_an_id_of_our_own(given):
    assert re.fullmatch(r"[0-9a-f]{16}", bind_request_id(given))


async def test_the_answer_names_the_request(running):
    async with running.http() as client:
        mine = await client.get("/health/live", headers={"X-Request-ID": "proxy-1234"})
        other = await client.get("/health/live", headers={"X-Request-ID": "<script>"})
    assert mine.headers["x-request-id"] == "proxy-1234"
    assert re.fullmatch(r"[0-9a-f]{16}", other.headers["x-request-id"])


async def test_rasa_gets_the_id_of_the_message(running):
    async with tab(running) as one:
        await greeted(one)
        await one.say("三房多少钱")
        await one.wait_text("答:三房多少钱")
    sent = running.rasa.requests[-1]["metadata"]
    assert re.fullmatch(r"[0-9a-f]{16}", sent["request_id"])


async def test_an_action_logs_under_the_id_rasa_hands_on(running):
    app = create_action_app(running.desk, packages=())
    token = running.desk.settings.secret_values["action_token"]
    call = {
        "next_action": "unheard_of",
        "tracker": {"latest_message": {"metadata": {"request_id": "desk-0001"}}},
    }
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        with capture_logs(processors=[_with_id]) as lines:
            await client.post("/webhook", content=json.dumps(call), headers=headers)
    assert [line["request"] for line in lines] == ["desk-0001"]


def _with_id(_logger, _method, record):
    return {**record, "request": request_id()}


@pytest.mark.parametrize("call", [{}, {"tracker": {}}, {"tracker": {"latest_message": "x"}}])
def test_a_call_without_metadata_has_none(call):
    assert metadata_of_call(call) == {}
