"""Escalations, absences, duties and promises over REST."""

from datetime import timedelta

import pytest

from desk.clock import utc_now
from desk.escalation.service import sweep
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket

OPERATIONS = [
    ("GET", "/escalations", {"agent", "qa", "supervisor", "manager", "director", "department"}),
    ("GET", "/absences", {"supervisor", "manager", "director"}),
    ("GET", "/duties", {"supervisor", "manager", "director"}),
    ("GET", "/promises", {"agent", "supervisor", "manager", "director"}),
]
ROLES = ("agent", "qa", "supervisor", "manager", "director", "department", "admin")


@pytest.fixture
def urgent(running):
    """An urgent ticket, swept; returns the agent, the manager and the ticket."""
    agent, manager = running.make.staff("agent"), running.make.staff("manager")
    new = NewTicket(
        kind="complaint",
        description="电梯困人",
        category="safety",
        severity="major",
        recipient_id=agent.id,
    )
    with running.make.database.transaction() as session:
        ticket = open_ticket(session, new)
        sweep(session, utc_now())
    return agent, manager, ticket


@pytest.mark.parametrize(("method", "path", "roles"), OPERATIONS)
async def test_who_may_look(running, method, path, roles):
    async with running.http() as client:
        assert (await client.request(method, "/api/v1" + path)).status_code == 401
    for role in ROLES:
        async with running.http(running.make.staff(role)) as client:
            status = (await client.request(method, "/api/v1" + path)).status_code
        assert status == (200 if role in {*roles, "admin"} else 403), role


async def test_an_escalation_is_listed_and_acknowledged_once(running, urgent):
    agent, manager, ticket = urgent
    async with running.http(agent) as client:
        assert (await client.get("/api/v1/escalations")).json() == {"escalations": []}
    async with running.http(manager) as client:
        (one,) = (await client.get("/api/v1/escalations?mine=true")).json()["escalations"]
        assert (one["ticket"], one["level"], one["is_duty"], one["cause"]) == (
            ticket.number,
            1,
            True,
            "urgent",
        )
        path = f"/api/v1/escalations/{one['id']}/acknowledge"
        async with running.http(agent) as other:
            assert (await other.post(path)).status_code == 404
        done = await client.post(path)
        assert done.status_code == 200
        assert done.json()["acknowledged_at"]
        again = await client.post(path)
        assert again.status_code == 409
        assert ticket.number in again.json()["error"]["text"]
        assert (await client.get("/api/v1/escalations")).json() == {"escalations": []}


async def test_duties_and_absences(running):
    leader, manager = running.make.staff("supervisor"), running.make.staff("manager")
    now = utc_now()
    times = {
        "begins_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=8)).isoformat(),
    }
    async with running.http(leader) as client:
        for path in ("/api/v1/duties", "/api/v1/absences"):
            made = await client.post(path, json={"staff_id": manager.id, **times})
            assert made.status_code == 201, made.text
            assert isinstance(made.json()["remarks"], list)
            listed = (await client.get(path)).json()[path.rsplit("/", 1)[1]]
            assert [row["staff_id"] for row in listed] == [manager.id]
            conflict = await client.post(path, json={"staff_id": manager.id, **times})
            assert conflict.status_code == 409
            bad = await client.post(path, json={"staff_id": manager.id, "begins_at": "soon"})
            assert bad.status_code == 422
            gone = await client.delete(f"{path}/{made.json()['id']}")
            assert gone.status_code == 204
            assert (await client.delete(f"{path}/{made.json()['id']}")).status_code == 404
    async with running.http(running.make.staff("agent")) as client:
        refused = await client.post("/api/v1/duties", json={"staff_id": manager.id, **times})
        assert refused.status_code == 403


async def test_promises(running):
    agent, leader = running.make.staff("agent"), running.make.staff("supervisor")
    held = running.make.claimed(agent)
    reply = {"client_id": "r1", "text": "我明天上午给您答复。"}
    async with running.http(agent) as client:
        sent = await client.post(f"/api/v1/conversations/{held.id}/replies", json=reply)
        assert sent.status_code == 200, sent.text
        (one,) = (await client.get("/api/v1/promises?state=open")).json()["promises"]
        assert (one["conversation_id"], one["ticket"]) == (held.id, None)
        async with running.http(running.make.staff("agent")) as other:
            refused = await other.post(f"/api/v1/promises/{one['id']}/keep")
            assert refused.status_code == 404
        kept = await client.post(f"/api/v1/promises/{one['id']}/keep")
        assert kept.json()["state"] == "kept"
    async with running.http(leader) as client:
        listed = (await client.get("/api/v1/promises")).json()["promises"]
        assert [row["state"] for row in listed] == ["kept"]
        assert (await client.post(f"/api/v1/promises/{one['id']}/keep")).status_code == 409
