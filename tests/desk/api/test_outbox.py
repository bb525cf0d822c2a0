"""REST: notices, messages that wait for a decision, webhooks."""

import asyncio
import json

import pytest

from desk.clock import utc_now
from desk.outbox.models import OutboxMessage
from desk.outbox.service import enqueue_email, enqueue_sms, notify
from tests.desk.outbox.servers import http_server
from tests.desk.support import PATIENCE_S

OPERATIONS = [
    ("GET", "/outbox", None),
    ("POST", "/outbox/1/resend", None),
    ("POST", "/outbox/1/discard", None),
    ("GET", "/webhooks", None),
    ("GET", "/webhooks/events", None),
    ("POST", "/webhooks", {"url": "https://example.com/", "events": ["*"]}),
    ("POST", "/webhooks/1/active", {"is_active": False}),
    ("POST", "/webhooks/1/test", None),
    ("GET", "/webhooks/1/deliveries", None),
]


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
async def test_for_leaders_only(running, method, path, body):
    async with running.http() as client:
        assert (await client.request(method, f"/api/v1{path}", json=body)).status_code == 401
    for role in ("agent", "qa", "department"):
        async with running.http(running.make.staff(role)) as client:
            response = await client.request(method, f"/api/v1{path}", json=body)
            assert response.status_code == 403
    async with running.http(running.make.staff("supervisor")) as client:
        response = await client.request(method, f"/api/v1{path}", json=body)
        assert response.status_code == (404 if "/1" in path else 201 if body else 200)


async def test_notices_are_ones_own(running):
    one, other = running.make.staff(), running.make.staff()
    with running.make.database.transaction() as session:
        for number, staff in enumerate((one, one, other)):
            notify(
                session,
                staff.id,
                key="outbox.notice_urged",
                dedupe_key=f"n{number}",
                values={"number": f"T{number}"},
            )
    async with running.http(one) as client:
        listed = (await client.get("/api/v1/notices")).json()
        assert [notice["text"] for notice in listed["notices"]] == [
            "客户催办工单 T1。",
            "客户催办工单 T0。",
        ]
        assert listed["unread"] == 2
        await client.post(f"/api/v1/notices/{listed['notices'][0]['id']}/read")
        rest = (await client.get("/api/v1/notices", params={"is_unread": True})).json()
        assert [notice["text"] for notice in rest["notices"]] == ["客户催办工单 T0。"]
        await client.post(f"/api/v1/notices/{listed['notices'][0]['id'] + 1}/read")
        await client.post("/api/v1/notices/read")
        assert (await client.get("/api/v1/notices")).json()["unread"] == 0
    async with running.http(other) as client:
        assert (await client.get("/api/v1/notices")).json()["unread"] == 1


def stuck(running, state):
    now = utc_now()
    with running.make.database.transaction() as session:
        enqueue_sms(session, key="s", phone="13800138000", body="已登记", now=now)
        enqueue_email(
            session, key="e", address="wang@example.com", subject="进展", body="好", now=now
        )
        session.query(OutboxMessage).update({"state": state, "attempts": 3})


async def test_a_leader_decides(running):
    stuck(running, "uncertain")
    async with running.http(running.make.staff("supervisor")) as client:
        listed = (await client.get("/api/v1/outbox")).json()["messages"]
        assert [one["address"] for one in listed] == ["w***@example.com", "138****8000"]
        email, sms = listed
        gone = await client.post(f"/api/v1/outbox/{email['id']}/discard")
        assert gone.json()["state"] == "discarded"
        twice = await client.post(f"/api/v1/outbox/{email['id']}/resend")
        assert twice.status_code == 409
        left = (await client.get("/api/v1/outbox")).json()["messages"]
        assert [one["id"] for one in left] == [sms["id"]]
        again = await client.post(f"/api/v1/outbox/{sms['id']}/resend")
        assert (again.json()["state"], again.json()["attempts"]) == ("pending", 0)


async def test_a_webhook_from_registration_to_delivery(running):
    running.desk.settings.webhook_private_hosts.append("127.0.0.1")
    with http_server() as endpoint:
        async with running.http(running.make.staff("admin")) as client:
            body = {"url": endpoint.url, "events": ["ticket.opened"]}
            made = await client.post("/api/v1/webhooks", json=body)
            assert made.status_code == 201
            secret = made.json()["secret"]
            path = f"/api/v1/webhooks/{made.json()['id']}"
            assert (await client.post(f"{path}/test")).status_code == 202
            ticket = {"kind": "repair", "description": "窗户漏水"}
            number = (await client.post("/api/v1/tickets", json=ticket)).json()["number"]
            async with asyncio.timeout(PATIENCE_S):
                while len(endpoint.requests) < 2:
                    await asyncio.sleep(0.1)
            bodies = {request.headers["kefu-event"]: request for request in endpoint.requests}
            assert json.loads(bodies["ticket.opened"].body)["ticket"]["number"] == number
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    listed = (await client.get(f"{path}/deliveries")).json()["deliveries"]
                    if {one["state"] for one in listed} == {"sent"}:
                        break
                    await asyncio.sleep(0.1)
            assert [one["event"] for one in listed] == ["ticket.opened", "ping"]
            hooks = (await client.get("/api/v1/webhooks")).text
            assert secret not in hooks
            off = await client.post(f"{path}/active", json={"is_active": False})
            assert off.json()["is_active"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://example.com/", "events": ["*"]},
        {"url": "https://10.0.0.1/", "events": ["*"]},
        {"url": "https://example.com/", "events": []},
        {"url": "https://example.com/", "events": ["nonsense"]},
        {"url": "", "events": ["*"]},
    ],
)
async def test_webhooks_that_are_refused(running, body):
    async with running.http(running.make.staff("supervisor")) as client:
        assert (await client.post("/api/v1/webhooks", json=body)).status_code == 422
