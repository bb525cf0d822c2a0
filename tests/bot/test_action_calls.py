"""What the actions are sent, and that one connection carries the calls."""

import asyncio

import pytest
from aiohttp import web
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.action_calls import KeptEndpoint, call_body, recent_events

DOMAIN = Domain.from_dict(
    {
        "slots": {"estate": {"type": "text", "mappings": [{"type": "custom"}]}},
        "actions": ["action_plain", {"action_wide": {"send_domain": True}}],
    }
)


def said(text):
    return UserUttered(text, intent={"name": "ask_price"})


def turns(count):
    events = [SessionStarted(), SlotSet("estate", "云栖雅苑")]
    for number in range(count):
        events += [said(f"第{number}句"), ActionExecuted("action_plain"), BotUttered("好的")]
    return events


def body(count, action="action_plain"):
    tracker = DialogueStateTracker.from_events("talk", turns(count), slots=DOMAIN.slots)
    return call_body(RemoteAction(action, None), tracker, DOMAIN)


@pytest.mark.parametrize(("count", "kept"), [(0, []), (1, [0]), (2, [0, 1]), (9, [7, 8])])
def test_the_last_two_turns_are_sent(count, kept):
    events = body(count)["tracker"]["events"]
    texts = [event["text"] for event in events if event["event"] == "user"]
    assert texts == [f"第{number}句" for number in kept]


def test_a_short_talk_is_sent_from_its_beginning():
    events = turns(2)
    assert recent_events(events) == events


def test_slots_of_long_ago_and_the_latest_message_are_sent():
    tracker = body(9)["tracker"]
    assert tracker["slots"]["estate"] == "云栖雅苑"
    assert tracker["latest_message"]["text"] == "第8句"
    assert tracker["sender_id"] == "talk"


def test_the_domain_goes_only_where_it_is_asked_for():
    assert "domain" not in body(1)
    assert "domain" in body(1, "action_wide")


class Server:
    """Counts connections; answers with what it was sent, or with an error."""

    def __init__(self):
        self.connections = set()

    async def answer(self, request):
        self.connections.add(request.transport.get_extra_info("peername"))
        if request.headers["Authorization"] != "Bearer geheim":
            return web.json_response({"error": "no"}, status=401)
        return web.json_response({"got": await request.json()})

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/webhook", self.answer)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/webhook"
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()


def endpoint(url, token="geheim"):
    plain = EndpointConfig(url, headers={"Authorization": f"Bearer {token}"})
    return KeptEndpoint(plain)


async def test_calls_share_a_connection():
    async with Server() as server:
        kept = endpoint(server.url)
        for number in range(5):
            answer = await kept.request(json={"n": number}, timeout=10, compress=False)
            assert answer == {"got": {"n": number}}
        assert len(server.connections) == 1
        await asyncio.gather(*(kept.request(json={"n": n}) for n in range(4)))
        await kept.close()


async def test_what_else_the_endpoint_says_is_kept():
    given = EndpointConfig("https://desk/webhook", token="t", cafile="ca.pem", store_type="x")
    kept = KeptEndpoint(given)
    assert (kept.cafile, kept.combine_parameters()) == ("ca.pem", {"token": "t"})
    assert (kept.type, kept.kwargs) == (given.type, given.kwargs)


async def test_a_refusal_is_raised_as_rasa_expects_it():
    async with Server() as server:
        kept = endpoint(server.url, token="falsch")
        with pytest.raises(ClientResponseError) as refusal:
            await kept.request(json={})
        assert refusal.value.status == 401
        await kept.close()


async def test_a_server_that_came_back_is_called_again():
    server = Server()
    async with server:
        kept = endpoint(server.url)
        await kept.request(json={})
    with pytest.raises(OSError):
        await kept.request(json={})
    async with server:
        kept.url = server.url
        assert await kept.request(json={"n": 1}) == {"got": {"n": 1}}
    await kept.close()
