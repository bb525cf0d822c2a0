"""Transfers over REST: who may call what, the whole way, and the printed form."""

import re
from datetime import timedelta

import pytest

from desk.clock import utc_now
from desk.tickets.service import find_ticket
from tests.desk import rest_roles
from tests.desk.rest_roles import DESK, LEADERS, ROLES, check_roles, named, open_complaint

HANDLERS = frozenset({"department", "admin"})
TEXT = {"text": "请补充"}
OPERATIONS = [
    ("GET", "/tickets/{ticket}/transfers", None, ROLES),
    ("POST", "/tickets/{ticket}/transfers", {}, DESK),
    ("GET", "/transfers", None, ROLES),
    ("GET", "/transfers/{transfer}", None, ROLES),
    ("POST", "/transfers/{transfer}/accept", None, HANDLERS),
    ("POST", "/transfers/{transfer}/ask-back", TEXT, HANDLERS),
    ("POST", "/transfers/{transfer}/answer", TEXT, DESK),
    ("POST", "/transfers/{transfer}/progress", TEXT, HANDLERS),
    ("POST", "/transfers/{transfer}/propose", TEXT, HANDLERS),
    ("POST", "/transfers/{transfer}/approve", {}, DESK),
    ("POST", "/transfers/{transfer}/return", TEXT, DESK),
    ("POST", "/transfers/{transfer}/cancel", TEXT, DESK),
    ("POST", "/transfers/{transfer}/press", {}, LEADERS),
    ("GET", "/transfers/{transfer}/form.pdf", None, ROLES),
    ("POST", "/transfers/{transfer}/form.pdf", {"reason": "上门"}, ROLES - {"qa"}),
]
IDS = named(OPERATIONS)


def body(**values):
    return {
        "department": "engineering",
        "matter": "上门检查",
        "required_by": (utc_now() + timedelta(days=2)).isoformat(),
        **values,
    }


@pytest.fixture
async def things(running):
    """A complaint with a transfer to the engineering department."""
    number = open_complaint(running, "customer_service")
    async with running.http(running.make.staff(login="sender")) as client:
        sent = await client.post(f"/api/v1/tickets/{number}/transfers", json=body())
    assert sent.status_code == 201
    return {"ticket": number, "transfer": sent.json()["id"]}


async def call(client, operation, things):
    method, path, _, allowed = operation
    if path.endswith("/transfers") and method == "POST":
        operation = (method, path, body(department="finance"), allowed)
    return await rest_roles.call(client, operation, things)


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
async def test_each_role_may_do_what_is_its_own(running, things, operation):
    await check_roles(running, things, operation, call)


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
async def test_for_another_department_nothing_of_it_exists(running, things, operation):
    outsider = running.make.staff("department", department="finance")
    async with running.http(outsider) as client:
        response = await call(client, operation, things)
    if operation[1] == "/transfers":
        assert response.json()["transfers"] == []
    elif "department" in operation[-1]:
        assert response.status_code == 404
    else:
        assert response.status_code == 403


async def test_the_whole_way(running, things):
    way = f"/api/v1/transfers/{things['transfer']}"
    make = running.make
    handler = make.staff("department", display_name="工程部老赵")
    async with running.http(handler) as dept, running.http(make.staff()) as agent:
        assert (await dept.post(f"{way}/accept")).json()["handler"] == "工程部老赵"
        taken = await dept.post(f"{way}/accept")
        assert taken.status_code == 409
        assert "工程部老赵" in taken.json()["error"]["text"]
        asked = await dept.post(f"{way}/ask-back", json={"text": "哪一户？"})
        assert asked.json()["question"] == "哪一户？"
        await agent.post(f"{way}/answer", json={"text": "1201"})
        proposed = await dept.post(f"{way}/propose", json={"text": "已换水管"})
        assert proposed.json()["state"] == "proposed"
        done = (await agent.post(f"{way}/approve", json={})).json()
        counts = (await agent.get("/api/v1/transfers", params={"box": "done"})).json()
    assert (done["state"], done["result"]) == ("done", "已换水管")
    assert counts["counts"]["done"] == 1
    assert [one["id"] for one in counts["transfers"]] == [things["transfer"]]


@pytest.mark.parametrize(
    ("wrong", "status", "key"),
    [
        ({"required_by": "2020-01-01T00:00:00+08:00"}, 422, "required_by_impossible"),
        ({"required_by": "2026-02-30T00:00:00+08:00"}, 422, "invalid_input"),
        ({"required_by": "2027-01-01T00:00:00"}, 422, "invalid_input"),
        ({"department": "kitchen"}, 422, "department_unknown"),
        ({"matter": ""}, 422, "invalid_input"),
        ({"department": "engineering"}, 409, "transfer_open"),
    ],
)
async def test_what_cannot_be_is_said_clearly_and_changes_nothing(
    running, things, wrong, status, key
):
    number = things["ticket"]

    def kinds() -> list[str]:
        # Without what the running desk's own jobs tell the customer meanwhile.
        with running.make.database.reading() as session:
            entries = find_ticket(session, number).entries
            return [entry.kind for entry in entries if entry.actor != "system"]

    before = kinds()
    async with running.http(running.make.staff()) as client:
        sent = body(**({"department": "finance"} | wrong))
        response = await client.post(f"/api/v1/tickets/{number}/transfers", json=sent)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["key"] == f"errors.{key}"
    assert re.search("[一-鿿]", error["text"])
    assert kinds() == before


async def test_a_form_with_the_customers_data_is_on_record(running, things):
    form = f"/api/v1/transfers/{things['transfer']}/form.pdf"
    async with running.http(running.make.staff("department")) as client:
        masked = await client.get(form)
        full = await client.post(form, json={"reason": "上门维修"})
        without = await client.post(form, json={"reason": " "})
    for response in (masked, full):
        assert response.content.startswith(b"%PDF-")
        assert response.headers["content-type"] == "application/pdf"
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["x-content-type-options"] == "nosniff"
    assert without.status_code == 422
    with running.make.database.reading() as session:
        entries = find_ticket(session, things["ticket"]).entries
    assert [e.text for e in entries if e.kind == "revealed"] == ["上门维修"]


@pytest.mark.parametrize("wrong", ["0", "x", "-1", "99999999999", "%00"])
async def test_unknown_transfers_do_not_exist(running, wrong):
    async with running.http(running.make.staff("admin")) as client:
        assert (await client.get(f"/api/v1/transfers/{wrong}")).status_code in {404, 422}
        assert (await client.get("/api/v1/transfers/99")).status_code == 404
        assert (await client.get("/api/v1/transfers", params={"box": "x"})).status_code == 422
