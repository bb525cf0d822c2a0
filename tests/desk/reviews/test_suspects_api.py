"""Overlooked complaints over REST."""

from datetime import timedelta

import pytest

from desk.clock import utc_now
from desk.reviews import suspects

ROLES = frozenset({"agent", "qa", "supervisor", "manager", "director", "department", "admin"})
REVIEWERS = ROLES - {"agent", "department"}


@pytest.fixture
def conversation(running):
    found = running.make.conversation("报修三次没人管，我要投诉到12345")
    later = utc_now() + timedelta(hours=1)
    with running.make.database.transaction() as session:
        judged = suspects.judge(suspects.unscreened(session, now=later))
        suspects.store(session, judged, now=later)
    return found.id


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", "/{conversation}/ticket"), ("POST", "/{conversation}/dismissal")],
)
async def test_only_qa_and_leaders(running, conversation, method, path):
    way = "/api/v1/suspects" + path.format(conversation=conversation)
    async with running.http() as client:
        assert (await client.request(method, way)).status_code == 401
    for role in sorted(ROLES - REVIEWERS):
        async with running.http(running.make.staff(role)) as client:
            assert (await client.request(method, way)).status_code == 403, role
    for role in sorted(REVIEWERS):
        async with running.http(running.make.staff(role)) as client:
            assert (await client.request(method, way)).status_code in {200, 201, 409}, role


async def test_from_the_list_to_the_ticket(running, conversation):
    async with running.http(running.make.staff("qa")) as client:
        listed = (await client.get("/api/v1/suspects")).json()
        assert listed["total"] == 1
        assert listed["suspects"][0]["conversation_id"] == conversation
        ticket = await client.post(f"/api/v1/suspects/{conversation}/ticket")
        again = await client.post(f"/api/v1/suspects/{conversation}/dismissal")
        left = (await client.get("/api/v1/suspects")).json()
        unknown = await client.post(f"/api/v1/suspects/{'0' * 32}/ticket")
    assert (ticket.status_code, ticket.json()["kind"]) == (201, "complaint")
    assert (again.status_code, left["total"], unknown.status_code) == (409, 0, 404)
