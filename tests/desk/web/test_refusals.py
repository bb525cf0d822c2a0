"""Refused rights are in the audit trail, without what was typed, and not without end."""

import pytest
from sqlalchemy import select

from desk.accounts.models import StaffSession
from desk.audit.models import AuditEntry
from desk.rate_limit import KeyedRateLimiter
from desk.web import refusals
from desk.web.refusals import door_of
from tests.desk.support import PASSWORD


@pytest.fixture(autouse=True)
def fresh_limit(monkeypatch):
    monkeypatch.setattr(refusals, "_noted", KeyedRateLimiter(refusals.PER_HOUR, 3600))


def noted(running, action="refused"):
    with running.desk.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)
        return [(one.actor, one.object, one.details) for one in session.scalars(query)]


async def test_a_refusal_names_person_and_door(running):
    agent = running.make.staff(login="xiaoli")
    async with running.http(agent) as client:
        assert (await client.get("/api/v1/outbox")).status_code == 403
        path = "/api/v1/webhooks/77/deliveries"
        assert (await client.get(path)).status_code == 403
        assert (await client.get("/api/v1/tickets/T000000-0000-0")).status_code == 404
    assert noted(running) == [
        ("xiaoli", "GET /api/v1/outbox", {"role": "agent"}),
        ("xiaoli", "GET /api/v1/webhooks/:webhook_id/deliveries", {"role": "agent"}),
    ]


async def test_a_script_that_tries_everything_does_not_fill_the_trail(running):
    async with running.http(running.make.staff()) as client:
        for _ in range(refusals.PER_HOUR + 5):
            await client.get("/api/v1/outbox")
    assert len(noted(running)) == refusals.PER_HOUR


async def test_exports_of_reports_are_told(running):
    async with running.http(running.make.staff("supervisor", login="zhuguan")) as client:
        answer = await client.get("/api/v1/reports/day.xlsx?date=2026-11-20")
        assert answer.status_code == 200, answer.text
    details = {"kind": "xlsx", "period": "day", "begins": "2026-11-20"}
    assert noted(running, "exported") == [("zhuguan", "report", details)]


async def test_sensitive_calls_ask_again_after_a_while(running):
    admin = running.make.staff("admin")
    body = {"phone": "13800138000", "reason": "本人来电，已核对"}
    async with running.http(admin) as client:
        assert (await client.post("/api/v1/privacy/export", json=body)).status_code in {200, 404}
        with running.desk.database.transaction() as session:
            for row in session.scalars(select(StaffSession)):
                row.confirmed_at = None
        for path in ("export", "erasures"):
            refused = await client.post(f"/api/v1/privacy/{path}", json=body)
            assert refused.json()["error"]["key"] == "errors.confirm_needed"
        wrong = await client.post("/api/v1/confirm", json={"secret": "wrong"})
        assert wrong.json()["error"]["key"] == "errors.confirm_wrong"
        right = {"secret": PASSWORD}
        assert (await client.post("/api/v1/confirm", json=right)).status_code == 200
        assert (await client.post("/api/v1/privacy/export", json=body)).status_code in {200, 404}
    assert noted(running) == [], "to be asked again is no refusal"


@pytest.mark.parametrize(
    ("path", "parameters", "door"),
    [
        ("/a/b", {}, "GET /a/b"),
        ("/a/T1/b/2", {"number": "T1", "id": 2}, "GET /a/:number/b/:id"),
    ],
)
def test_doors_are_named_without_what_was_typed(path, parameters, door):
    assert door_of("GET", path, parameters) == door
