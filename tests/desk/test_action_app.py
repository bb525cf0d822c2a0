"""The endpoint for Rasa's actions, with actions of the test's own."""

import json
import sys
import types
import zlib

import httpx
import pytest
from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection
from structlog.testing import capture_logs

from desk.action_app import CALL_LIMIT, create_action_app

PHONE = "13800138000"


def make_actions():
    """A package as Rasa's executor wants it."""

    class Say(Action):
        def name(self):
            return "test_say"

        async def run(self, dispatcher, tracker, domain):
            dispatcher.utter_message(text=f"您好 {tracker.sender_id}")
            return [{"event": "slot", "name": "x", "value": 1}]

    class Decline(Action):
        def name(self):
            return "test_decline"

        def run(self, dispatcher, tracker, domain):
            raise ActionExecutionRejection("test_decline", f"not for {PHONE}")

    class Fail(Action):
        def name(self):
            return "test_fail"

        def run(self, dispatcher, tracker, domain):
            raise RuntimeError(f"phone {PHONE}")

    return Say, Decline, Fail


@pytest.fixture
async def rasa_side(running, monkeypatch):
    """A client that calls as Rasa does."""
    package = types.ModuleType("kefu_test_actions")
    package.classes = make_actions()
    monkeypatch.setitem(sys.modules, package.__name__, package)
    app = create_action_app(running.desk, packages=(package.__name__,))
    token = running.desk.settings.secret_values["action_token"]
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://x", headers=headers
    ) as client:
        yield client


def action_call(name, text="你好"):
    tracker = {
        "sender_id": "c1",
        "slots": {},
        "latest_message": {"text": text},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": name, "sender_id": "c1", "tracker": tracker, "domain": {}}


async def test_an_action_runs(rasa_side):
    response = await rasa_side.post("/webhook", json=action_call("test_say"))
    assert response.status_code == 200
    answer = response.json()
    assert answer["events"] == [{"event": "slot", "name": "x", "value": 1}]
    assert answer["responses"][0]["text"] == "您好 c1"


async def test_a_compressed_call_runs(rasa_side):
    body = zlib.compress(json.dumps(action_call("test_say")).encode())
    headers = {"Content-Encoding": "deflate"}
    response = await rasa_side.post("/webhook", content=body, headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("name", "status"), [("test_decline", 400), ("test_nothing", 404), ("test_fail", 500)]
)
async def test_failures_as_rasa_expects_them_and_without_personal_data(rasa_side, name, status):
    with capture_logs() as logs:
        call = action_call(name, text=f"我的电话 {PHONE}")
        response = await rasa_side.post("/webhook", json=call)
    assert response.status_code == status
    assert response.json()["action_name"] == name
    assert PHONE not in response.text + json.dumps(logs, default=str)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"null", b"{}", b'{"tracker": 5}', b" " * (CALL_LIMIT + 1)],
    ids=["empty", "binary", "list", "null", "no tracker", "wrong tracker", "huge"],
)
async def test_broken_calls_are_bad_requests(rasa_side, body):
    assert (await rasa_side.post("/webhook", content=body)).status_code == 400


async def test_a_compressed_bomb_is_a_bad_request(rasa_side):
    bomb = zlib.compress(b" " * (CALL_LIMIT * 3))
    headers = {"Content-Encoding": "deflate"}
    assert (await rasa_side.post("/webhook", content=bomb, headers=headers)).status_code == 400


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer x", "Basic abc", "Bearer \u00e9"])
@pytest.mark.parametrize(("method", "path"), [("POST", "/webhook"), ("GET", "/actions")])
async def test_without_the_token_nothing_runs(rasa_side, method, path, value):
    headers = {"Authorization": value.encode("latin-1")}
    response = await rasa_side.request(method, path, json=action_call("test_say"), headers=headers)
    assert response.status_code == 401


async def test_health_needs_no_token_and_the_list_names_the_actions(rasa_side):
    assert (await rasa_side.get("/health", headers={"Authorization": ""})).json() == {
        "status": "ok"
    }
    names = {action["name"] for action in (await rasa_side.get("/actions")).json()}
    assert {"test_say", "test_decline", "test_fail"} <= names
