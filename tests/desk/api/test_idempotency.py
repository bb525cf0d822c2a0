"""`Idempotency-Key`: a repeated call is carried out once and gets the first answer."""

import asyncio
from datetime import timedelta

import pytest

from desk.clock import utc_now
from desk.idempotency import KEPT_FOR, IdempotentCall, begin, expire_calls
from desk.idempotency import Call as IdempotencyCall
from desk.tickets.models import Ticket

TICKET = {"kind": "repair", "description": "窗户漏水"}


def count(running):
    with running.make.database.reading() as session:
        return session.query(Ticket).count()


async def opens(client, key, body=None):
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post("/api/v1/tickets", json=body or TICKET, headers=headers)


async def test_the_same_call_gets_the_first_answer(running):
    async with running.http(running.make.staff()) as client:
        first, second = await opens(client, "k1"), await opens(client, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert count(running) == 1


async def test_another_key_or_none_is_another_call(running):
    async with running.http(running.make.staff()) as client:
        for key in ("k1", "k2", None, None):
            assert (await opens(client, key)).status_code == 201
    assert count(running) == 4


async def test_the_same_key_for_another_call_is_refused(running):
    async with running.http(running.make.staff()) as client:
        await opens(client, "k1")
        other = await opens(client, "k1", {**TICKET, "description": "灯不亮"})
        path = await client.post("/api/v1/check", json=TICKET, headers={"Idempotency-Key": "k1"})
    for response in (other, path):
        assert response.status_code == 422
        assert response.json()["error"]["key"] == "errors.idempotency_reused"
        assert "Idempotency-Key" in response.json()["error"]["text"]
    assert count(running) == 1


async def test_two_people_may_use_the_same_key(running):
    for _ in range(2):
        async with running.http(running.make.staff()) as client:
            assert (await opens(client, "k1")).status_code == 201
    assert count(running) == 2


async def test_at_the_same_time_it_is_carried_out_once(running):
    async with running.http(running.make.staff()) as client:
        answers = await asyncio.gather(*(opens(client, "k1") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert count(running) == 1


async def test_a_call_that_failed_may_be_tried_again(running):
    async with running.http(running.make.staff()) as client:
        headers = {"Idempotency-Key": "k1"}
        wrong = await client.post("/api/v1/tickets/T1/entries", json={"text": "x"}, headers=headers)
        assert wrong.status_code == 404
        assert (await opens(client, "k1")).status_code == 201


async def test_a_call_whose_process_died_is_not_carried_out_again(running, monkeypatch):
    monkeypatch.setattr("desk.web.repeating.PATIENCE_S", 0.3)
    staff = running.make.staff()
    async with running.http(staff) as client:
        await opens(client, "k1")
        with running.make.database.transaction() as session:
            session.query(IdempotentCall).update({"status": 0, "body": ""})
        again = await opens(client, "k1")
    assert again.status_code == 409
    assert again.json()["error"]["key"] == "errors.idempotency_running"
    assert count(running) == 1


@pytest.mark.parametrize("key", ["x" * 81, "a b", "ä", ""])
async def test_malformed_keys_are_refused(running, key):
    async with running.http(running.make.staff()) as client:
        response = await client.post(
            "/api/v1/tickets", json=TICKET, headers=[(b"Idempotency-Key", key.encode("latin-1"))]
        )
    assert response.status_code == 422
    assert count(running) == 0


async def test_without_a_login_nothing_is_kept(running):
    async with running.http() as client:
        assert (await opens(client, "k1")).status_code == 401
    async with running.http() as client:
        login = {"login": "nobody", "password": "x"}
        response = await client.post("/api/v1/login", json=login, headers={"Idempotency-Key": "k1"})
        assert response.status_code == 401
    with running.make.database.reading() as session:
        assert session.query(IdempotentCall).count() == 0


async def test_the_description_says_so(running):
    async with running.http() as client:
        description = (await client.get("/api/openapi.json")).json()
        page = (await client.get("/api/docs")).text
    posts = {
        path: item["post"]
        for path, item in description["paths"].items()
        if "post" in item and path.startswith("/api/v1/")
    }
    without = {
        path
        for path, operation in posts.items()
        if "Idempotency-Key" not in {one["name"] for one in operation.get("parameters", [])}
    }
    assert without == {"/api/v1/login", "/api/v1/logout"}
    assert "Idempotency-Key" in page


def test_old_answers_are_forgotten(make, database):
    staff, now = make.staff(), utc_now()
    with database.transaction() as session:
        assert begin(session, IdempotencyCall(staff.id, "old", "f"), now - KEPT_FOR * 2)
        assert begin(session, IdempotencyCall(staff.id, "new", "f"), now)
        assert not begin(session, IdempotencyCall(staff.id, "new", "f"), now)
    with database.transaction() as session:
        assert expire_calls(session, now + timedelta(seconds=1)) == 1
        assert [call.key for call in session.query(IdempotentCall)] == ["new"]
