"""Files, reveals, validity, groups and similar tickets over REST."""

import io

import pytest
from PIL import Image

from desk.app import BODY_LIMIT
from desk.tickets.domain import NewTicket
from desk.tickets.files import SIZE_LIMIT
from desk.tickets.models import Attachment
from desk.tickets.service import find_ticket, open_ticket
from desk.tickets.work_api import UPLOAD_LIMIT
from tests.desk.rest_roles import DESK, LEADERS, ROLES, call, check_roles, named, open_complaint

SCAN = b"%PDF-1.4\ntrailer<<>>\n%%EOF\n"
JUDGEMENT = {"validity": "valid", "reason": "属实"}
OPERATIONS = [
    ("GET", "/tickets/{ticket}/attachments", None, ROLES),
    ("GET", "/tickets/{ticket}/attachments/{file}", None, ROLES),
    ("POST", "/tickets/{ticket}/reveal", {"reason": "回访"}, ROLES - {"qa"}),
    ("POST", "/tickets/{ticket}/validity/proposal", JUDGEMENT, DESK),
    ("POST", "/tickets/{ticket}/validity/decision", JUDGEMENT, LEADERS),
    ("GET", "/tickets/{ticket}/similar", None, ROLES),
    ("GET", "/ticket-groups/{group}", None, ROLES),
    ("PUT", "/ticket-groups/{group}/tickets/{ticket}", None, DESK),
    ("POST", "/ticket-groups/{group}/update", {"text": "师傅已到现场检修。"}, DESK),
    ("DELETE", "/ticket-groups/{group}/tickets/{ticket}", None, DESK),
]
IDS = named(OPERATIONS)


def photo(size=(60, 40), quality=90):
    out = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.fixture
async def things(running):
    number = open_complaint(running, "engineering")
    async with running.http(running.make.staff(login="first")) as client:
        file = await client.post(
            f"/api/v1/tickets/{number}/attachments", files={"file": ("来函.pdf", SCAN)}
        )
        group = await client.post(
            "/api/v1/ticket-groups", json={"title": "漏水", "tickets": [number, number]}
        )
    assert (file.status_code, group.status_code) == (201, 201)
    assert group.json()["tickets"] == [number]
    return {"ticket": number, "file": file.json()["id"], "group": group.json()["id"]}


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
async def test_each_role_may_do_what_is_its_own(running, things, operation):
    await check_roles(running, things, operation)


@pytest.mark.parametrize("operation", OPERATIONS[:6], ids=IDS[:6])
async def test_for_another_department_the_ticket_does_not_exist(running, things, operation):
    outsider = running.make.staff("department", department="finance")
    async with running.http(outsider) as client:
        response = await call(client, operation, things)
    expected = 404 if "department" in operation[-1] else 403
    assert response.status_code == expected


async def test_a_file_comes_back_as_a_download_that_nothing_opens(running, things):
    way = f"/api/v1/tickets/{things['ticket']}/attachments/{things['file']}"
    async with running.http(running.make.staff("qa")) as client:
        response = await client.get(way)
    assert response.content == SCAN
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%E6%9D%A5%E5%87%BD.pdf"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]
    assert "no-store" in response.headers["cache-control"]


async def test_a_photo_larger_than_other_requests_may_be_is_taken(running, things):
    large = photo((2600, 2000), quality=98)
    assert BODY_LIMIT < len(large) < SIZE_LIMIT
    way = f"/api/v1/tickets/{things['ticket']}/attachments"
    async with running.http(running.make.staff("department")) as client:
        sent = await client.post(way, files={"file": ("现场.jpg", large)})
        listed = (await client.get(way)).json()["attachments"]
    assert sent.status_code == 201
    assert [one["name"] for one in listed] == ["来函.pdf", "现场.jpg"]


@pytest.mark.parametrize(
    ("content", "status", "key"),
    [
        (b"MZ program", 422, "file_type"),
        (b"", 422, "file_empty"),
        (b"%PDF-1.4 " + b"x" * SIZE_LIMIT, 422, "file_too_large"),
        (b"%PDF-1.4 " + b"x" * UPLOAD_LIMIT, 413, "body_too_large"),
    ],
    ids=["type", "empty", "a little too large", "far too large"],
)
async def test_a_wrong_file_is_refused_in_plain_words_and_changes_nothing(
    running, things, content, status, key
):
    way = f"/api/v1/tickets/{things['ticket']}/attachments"
    async with running.http(running.make.staff()) as client:
        response = await client.post(way, files={"file": ("a.jpg", content)})
    assert response.status_code == status
    assert response.json()["error"]["key"] == f"errors.{key}"
    with running.make.database.reading() as session:
        assert session.query(Attachment).count() == 1
        entries = find_ticket(session, things["ticket"]).entries
    kinds = [entry.kind for entry in entries if entry.actor != "system"]
    assert kinds == ["opened", "attached", "grouped"]


async def test_other_routes_keep_their_limit(running, things):
    async with running.http(running.make.staff()) as client:
        response = await client.post("/api/v1/tickets", content=b"x" * (BODY_LIMIT + 1))
        nothing = await client.post(
            f"/api/v1/tickets/{things['ticket']}/attachments", data={"a": "b"}
        )
    assert response.status_code == 413
    assert response.json()["error"]["key"] == "errors.body_too_large"
    assert nothing.json()["error"]["key"] == "errors.file_empty"


async def test_looking_at_the_customers_data_is_on_record(running, things):
    way = f"/api/v1/tickets/{things['ticket']}"
    agent = running.make.staff()
    async with running.http(agent) as client:
        assert (await client.get(way)).json()["phone"] == "138****8000"
        shown = (await client.post(f"{way}/reveal", json={"reason": "回访客户"})).json()
    assert shown == {"customer_name": "王丽", "phone": "13800138000", "email": None, "room": "1201"}
    with running.make.database.reading() as session:
        last = find_ticket(session, things["ticket"]).entries[-1]
    assert (last.kind, last.actor, last.text) == ("revealed", agent.login, "回访客户")
    assert "13800138000" not in str(last.data)


async def test_similar_tickets_tell_why(running, things):
    new = NewTicket(
        kind="complaint",
        description="还是漏水",
        department="engineering",
        has_consent=True,
        phone="13800138000",
    )
    with running.make.database.transaction() as session:
        other = open_ticket(session, new).number
    async with running.http(running.make.staff()) as client:
        found = (await client.get(f"/api/v1/tickets/{things['ticket']}/similar")).json()["similar"]
    (one,) = found
    assert (one["number"], one["is_same_customer"]) == (other, True)
    assert "phone" in one["reasons"]
    assert 0 < one["score"] <= 1
