"""Webhooks: which addresses are allowed, what is delivered, and how it is signed."""

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta

import httpx
import pytest

from desk.accounts.models import Staff
from desk.errors import Conflict, Forbidden, InvalidInput
from desk.outbox import webhooks
from desk.outbox.delivery import deliver_due
from desk.outbox.models import OutboxMessage
from desk.outbox.parcels import NotSent
from desk.outbox.senders.webhook import WebhookSender
from tests.desk.outbox.conftest import CONTACT, NOW
from tests.desk.outbox.servers import http_server

LOCAL = ("127.0.0.1",)


@pytest.fixture
def endpoint():
    with http_server() as endpoint:
        yield endpoint


@pytest.fixture
def register(database, make):
    def put(url="https://example.com/hook", events=("*",), role="admin", private=LOCAL):
        staff = make.staff(role)
        with database.transaction() as session:
            return webhooks.register(session, staff, url, events, private_hosts=private, now=NOW)

    return put


def deliver(database, *, private=LOCAL, now=NOW, at=1_700_000_000):
    sender = WebhookSender(private, clock=lambda: at)
    return asyncio.run(deliver_due(database, {"webhook": sender}, clock=lambda: now))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook?x=1",
        "https://example.com:8443/",
        "https://93.184.216.34/",
        "http://127.0.0.1:9000/",
    ],
)
def test_allowed_addresses(url):
    webhooks.check_url(url, LOCAL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com/",
        "http://example.com/",
        "https://user:pass@example.com/",
        "https://example.com/#x",
        "https://localhost/",
        "https://printer.local/",
        "https://10.0.0.5/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.5]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "http://127.0.0.2/",
        "https://exa mple.com/",
        "https://例子.com/",
        "https://example.com:99999/",
        "https://example.com/" + "x" * 500,
    ],
)
def test_refused_addresses(url):
    with pytest.raises(InvalidInput):
        webhooks.check_url(url, LOCAL)


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://127.0.0.1/"])
def test_private_hosts_only_if_the_settings_name_them(url):
    with pytest.raises(InvalidInput):
        webhooks.check_url(url, ())


@pytest.mark.parametrize("role", ["agent", "qa", "department"])
def test_who_may_register(register, role):
    with pytest.raises(Forbidden):
        register(role=role)


@pytest.mark.parametrize("events", [[], ["ticket.nonsense"], ["ping"], [""]])
def test_unknown_events_are_refused(register, events):
    with pytest.raises(InvalidInput):
        register(events=events)


def test_there_is_a_limit(register, database, make):
    for _ in range(webhooks.WEBHOOK_LIMIT):
        register()
    with pytest.raises(Conflict):
        register()


def test_an_event_arrives_signed(register, endpoint, post, database):
    hook = register(endpoint.url + "/kefu?x=1", ["ticket.opened"])
    ticket = post.opened(reply_channel="sms", room="1201", **CONTACT)
    post.publish()
    deliver(database)
    (request,) = endpoint.requests
    assert request.path == "/kefu?x=1"
    body = json.loads(request.body)
    assert body["event"] == request.headers["kefu-event"] == "ticket.opened"
    assert body["ticket"]["number"] == ticket.number
    assert "13800138000" not in request.body.decode()
    assert "1201" not in request.body.decode()
    at, _, given = request.headers["kefu-signature"].partition(",v1=")
    signed = at.removeprefix("t=").encode() + b"." + request.body
    assert hmac.compare_digest(
        given, hmac.new(hook.secret.encode(), signed, hashlib.sha256).hexdigest()
    )
    assert at == "t=1700000000"
    (message,) = post.messages("webhook")
    assert (message.state, message.webhook_id) == ("sent", hook.id)


def test_only_the_events_asked_for_arrive(register, endpoint, post, database):
    register(endpoint.url, ["ticket.urged"])
    post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    assert post.messages("webhook") == []


def test_a_failing_receiver_gets_it_again_under_the_same_key(register, endpoint, post, database):
    register(endpoint.url, ["ticket.opened"])
    post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    endpoint.statuses = [500, 404]
    now = NOW
    for _ in range(4):
        deliver(database, now=now)
        now += timedelta(minutes=30)
    assert len(endpoint.requests) == 3
    assert len({request.headers["idempotency-key"] for request in endpoint.requests}) == 1
    assert [(one.state, one.attempts) for one in post.messages("webhook")] == [("sent", 3)]


@pytest.mark.parametrize(("status", "state"), [(410, "failed"), (307, "pending")])
def test_gone_is_final_and_redirects_are_not_followed(
    register, endpoint, post, database, status, state
):
    register(endpoint.url, ["ticket.opened"])
    post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    endpoint.statuses = [status]
    deliver(database)
    (message,) = post.messages("webhook")
    assert (message.state, message.last_error) == (state, f"http {status}")
    assert len(endpoint.requests) == 1


def test_a_name_that_leads_inside_is_not_called(register, endpoint, post, database):
    """`localhost` was allowed when it was registered; at the delivery it is no more."""
    port = endpoint.url.rpartition(":")[2]
    register(f"https://localhost:{port}/", ["ticket.opened"], private=("localhost",))
    post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    deliver(database)
    (message,) = post.messages("webhook")
    assert (message.state, message.last_error) == ("failed", "address not allowed")
    assert endpoint.requests == []


async def test_what_a_name_resolves_to_counts(monkeypatch):
    """A public name whose record points inside: the check is on the address, not the name."""
    sender = WebhookSender(())

    async def inside(*_args, **_kwargs):
        return [(2, 1, 6, "", ("10.0.0.5", 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", inside)
    with pytest.raises(NotSent) as refused:
        await sender._address(httpx.URL("https://example.com/"))
    assert refused.value.reason == "address not allowed"


def test_switched_off_it_gets_nothing_more(register, endpoint, post, database):
    hook = register(endpoint.url, ["*"])
    post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    with database.transaction() as session:
        webhooks.set_active(session, _admin(session), hook.id, False)
    deliver(database)
    assert endpoint.requests == []
    assert {one.state for one in post.messages("webhook")} == {"failed"}
    post.opened(reply_channel="sms", **CONTACT)
    before = len(post.messages("webhook"))
    post.publish()
    assert len(post.messages("webhook")) == before


def test_a_test_delivery_is_in_the_log(register, endpoint, database):
    hook = register(endpoint.url, ["ticket.opened"])
    with database.transaction() as session:
        webhooks.send_test(session, _admin(session), hook.id, NOW)
    deliver(database)
    (request,) = endpoint.requests
    assert json.loads(request.body)["event"] == "ping"
    with database.reading() as session:
        (message,) = webhooks.deliveries(session, _admin(session), hook.id)
        assert (message.subject, message.state) == ("ping", "sent")
        assert isinstance(message, OutboxMessage)


def _admin(session):
    return session.query(Staff).filter_by(role="admin").first()
