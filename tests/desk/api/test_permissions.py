"""Every REST operation as nobody, as each role, and for unknown things."""

import pytest

from desk.conversations import service as conversations
from desk.reviews.models import FlaggedReply
from desk.reviews.replies import send_reply
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket

ALL = frozenset({"agent", "qa", "supervisor", "department", "admin"})
SPEAKERS = frozenset({"agent", "supervisor", "admin"})
READERS = SPEAKERS | {"qa"}
REVIEWERS = frozenset({"qa", "supervisor", "admin"})
UNKNOWN_CONVERSATION = "0" * 32
UNKNOWN_TICKET = "T261122-0001-0"
MISSING = "T999999"

# (method, path, body, roles that may call it, key of the error for an unknown thing)
OPERATIONS = [
    ("GET", "/me", None, ALL, None),
    ("POST", "/check", {"texts": ["您好"]}, ALL, None),
    ("POST", "/suggest", {"text": "多少钱"}, READERS, None),
    ("GET", "/conversations", None, READERS, None),
    ("GET", "/conversations/{conversation}", None, READERS, "conversation_not_found"),
    ("GET", "/conversations/{conversation}/messages", None, READERS, "conversation_not_found"),
    ("POST", "/conversations/{conversation}/claim", {}, SPEAKERS, "conversation_not_found"),
    ("POST", "/conversations/{conversation}/hand-back", None, SPEAKERS, "conversation_not_found"),
    ("POST", "/conversations/{conversation}/close", None, SPEAKERS, "conversation_not_found"),
    (
        "POST",
        "/conversations/{conversation}/replies",
        {"client_id": "a1", "text": "您好"},
        SPEAKERS,
        "conversation_not_found",
    ),
    (
        "POST",
        "/conversations/{conversation}/notes",
        {"text": "备注"},
        READERS,
        "conversation_not_found",
    ),
    ("GET", "/tickets", None, ALL, None),
    ("POST", "/tickets", {"kind": "repair", "description": "窗户漏水"}, SPEAKERS, None),
    ("POST", "/tickets/search", {}, ALL, None),
    ("GET", "/tickets/views", None, ALL, None),
    ("POST", "/tickets/views", {"name": "待办", "filters": {}}, ALL, None),
    ("DELETE", f"/tickets/views/{MISSING[1:]}", None, ALL, "view_not_found"),
    ("POST", "/tickets/bulk", {"numbers": ["T0"], "note": "x"}, ALL - {"qa"}, None),
    ("POST", "/tickets/{ticket}/notes", {"text": "备注"}, ALL - {"qa"}, "ticket_not_found"),
    ("POST", "/tickets/{ticket}/urges", None, ALL - {"qa"}, "ticket_not_found"),
    (
        "POST",
        "/tickets/{ticket}/assignment",
        {"login": "holder"},
        SPEAKERS,
        "ticket_not_found",
    ),
    (
        "POST",
        "/tickets/{ticket}/classification",
        {"cause": "老化"},
        SPEAKERS,
        "ticket_not_found",
    ),
    ("POST", "/tickets/{ticket}/links", {"other": MISSING}, SPEAKERS, "ticket_not_found"),
    ("DELETE", f"/tickets/{{ticket}}/links/{MISSING}", None, SPEAKERS, "ticket_not_found"),
    ("POST", "/tickets/{ticket}/merge", {"others": [MISSING]}, SPEAKERS, "ticket_not_found"),
    ("POST", "/tickets/{ticket}/merge/undo", None, SPEAKERS, "ticket_not_found"),
    (
        "POST",
        "/tickets/{ticket}/split",
        {"kind": "repair", "description": "灯不亮"},
        SPEAKERS,
        "ticket_not_found",
    ),
    ("POST", "/tickets/{ticket}/split/undo", None, SPEAKERS, "ticket_not_found"),
    ("GET", "/tickets/{ticket}", None, ALL, "ticket_not_found"),
    ("POST", "/tickets/{ticket}/entries", {"text": "补充"}, ALL - {"qa"}, "ticket_not_found"),
    (
        "POST",
        "/tickets/{ticket}/state",
        {"state": "in_progress"},
        ALL - {"qa"},
        "ticket_not_found",
    ),
    ("GET", "/reviews", None, REVIEWERS, None),
    ("GET", "/reviews/export.xlsx", None, REVIEWERS, None),
    ("GET", "/reviews/{flagged}", None, REVIEWERS, "flagged_not_found"),
    (
        "POST",
        "/reviews/{flagged}/decision",
        {"decision": "confirmed"},
        REVIEWERS,
        "flagged_not_found",
    ),
    ("GET", "/reports/day", None, ALL - {"agent"}, None),
    ("GET", "/reports/day.xlsx", None, ALL - {"agent"}, None),
    ("GET", "/reports/rows/entries", None, ALL - {"agent"}, None),
    ("GET", "/rectifications", None, ALL, None),
]
IDS = [f"{method} {path}" for method, path, *_ in OPERATIONS]


@pytest.fixture
def things(running):
    """Something of each kind that every role in question may see."""
    make, checker = running.make, running.desk.checker
    agent = make.staff(login="holder")
    held = make.claimed(agent)
    with make.database.transaction() as session:
        send_reply(session, checker, held.id, agent, client_id="r1", text="急什么，烦死人了")
        ticket = open_ticket(session, NewTicket(kind="repair", description="窗户漏水"))
        flagged = session.query(FlaggedReply).one()
    return {"conversation": make.queued().id, "ticket": ticket.number, "flagged": flagged.id}


async def call(client, operation, things):
    method, path, body, *_ = operation
    return await client.request(method, "/api/v1" + path.format(**things), json=body)


async def test_nobody_is_let_in_without_a_login(running):
    nothing = {"conversation": UNKNOWN_CONVERSATION, "ticket": UNKNOWN_TICKET, "flagged": 1}
    async with running.http() as nobody, running.http(Authorization="Bearer forged") as forger:
        for client in (nobody, forger):
            for operation in OPERATIONS:
                response = await call(client, operation, nothing)
                assert response.status_code == 401, operation
                assert response.json()["error"]["key"] == "errors.not_logged_in", operation


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
async def test_each_role_may_do_what_is_its_own(running, things, operation):
    *_, roles, _key = operation
    for role in sorted(ALL - roles):
        async with running.http(running.make.staff(role)) as client:
            response = await call(client, operation, things)
        assert response.status_code == 403, role
        assert response.json()["error"]["key"] == "errors.forbidden"
    for role in sorted(roles):
        things["conversation"] = running.make.queued().id
        async with running.http(running.make.staff(role)) as client:
            response = await call(client, operation, things)
        # 409: a conversation that waits can't be answered or handed back; the role was let in.
        # So it was where the other ticket or the view does not exist.
        expected = {404} if MISSING[1:] in str(operation) else {200, 201, 409}
        assert response.status_code in expected, (role, response.text)


NAMED = [one for one in OPERATIONS if one[-1]]


async def test_unknown_things_do_not_exist(running):
    unknown = {"conversation": UNKNOWN_CONVERSATION, "ticket": UNKNOWN_TICKET, "flagged": 99}
    async with running.http(running.make.staff("admin")) as client:
        for operation in NAMED:
            for wrong in ("0", "x", "0" * 32, "T261122-0001-0", "%00", "' OR 1=1"):
                things = {"conversation": wrong, "ticket": wrong, "flagged": wrong}
                response = await call(client, operation, things)
                expected = {404} if "flagged" not in operation[1] else {404, 422}
                assert response.status_code in expected, (operation, wrong, response.text)
            response = await call(client, operation, unknown)
            assert response.json()["error"]["key"] == f"errors.{operation[-1]}", operation


@pytest.mark.parametrize("action", ["", "/messages", "/hand-back", "/close", "/replies", "/notes"])
async def test_another_agents_conversation_does_not_exist(running, action):
    held = running.make.claimed(running.make.staff())
    body = {"client_id": "a1", "text": "您好"}
    method = "GET" if action in {"", "/messages"} else "POST"
    async with running.http(running.make.staff()) as client:
        response = await client.request(
            method, f"/api/v1/conversations/{held.id}{action}", json=body
        )
    assert response.status_code == 404


async def test_a_taken_conversation_says_by_whom(running):
    held = running.make.claimed(running.make.staff(display_name="小李"))
    async with running.http(running.make.staff()) as client:
        response = await client.post(f"/api/v1/conversations/{held.id}/claim", json={})
    assert response.status_code == 409
    assert "小李" in response.json()["error"]["text"]


async def test_a_department_sees_its_own_tickets_only(running):
    with running.make.database.transaction() as session:
        own = open_ticket(session, NewTicket(kind="repair", description="窗户漏水"))
        other = open_ticket(session, NewTicket(kind="order_change", description="改地址"))
    async with running.http(running.make.staff("department")) as client:
        listed = (await client.get("/api/v1/tickets")).json()["tickets"]
        shown = await client.get(f"/api/v1/tickets/{own.number}")
        hidden = await client.get(f"/api/v1/tickets/{other.number}")
    assert [ticket["number"] for ticket in listed] == [own.number]
    assert (shown.status_code, hidden.status_code) == (200, 404)


async def test_conversations_are_not_for_departments_in_lists_either(running):
    running.make.queued()
    with running.make.database.reading() as session:
        assert conversations.recent(session, staff=running.make.staff("department")) == []
