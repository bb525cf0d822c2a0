"""Every route and page is listed here with the right that opens it; a new one fails the test.

All are tried as nobody, as each role without the right, and with somebody else's things.
"""

import os
import re
import subprocess
import sys

import httpx
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute

from desk.accounts.models import Role
from desk.accounts.permissions import TABLE, Right, Scope, roles_of, scope_of
from desk.accounts.service import has_role
from desk.app import create_app
from desk.console import access
from desk.settings import PROJECT_DIR
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from tests.desk.support import PASSWORD
from tests.desk.web.test_protection import free_port

OPEN = {
    "GET /", "GET /chat/embed", "GET /chat/texts.json", "GET /chat/assets/{name}",
    "GET /widget.js", "POST /chat/photos", "GET /chat/photos/{photo_id}", "GET /demo/embed",
    "POST /chat/own-data", "POST /chat/own-data/code", "POST /chat/own-data/export",
    "POST /chat/own-data/withdrawal", "POST /chat/own-data/erasure",
    "WS /ws/chat", "GET /health/live", "GET /health/ready", "GET /desk/login",
    "POST /desk/login", "GET /desk/login/code", "POST /desk/login/code",
    "GET /desk/login/enrol", "POST /desk/login/enrol", "POST /desk/logout",
    "GET /desk/login.css", "GET /desk/account.css", "GET /desk/active.js",
    "GET /desk/password.js", "POST /desk/login/sso", "GET /desk/login/sso/back",
    "POST /desk/active", "POST /api/v1/login", "POST /api/v1/logout", "GET /api/docs",
    "GET /api/docs.css", "* /api/{path:path}",
}  # fmt: skip
"""For everybody: the customers' page (its token opens one conversation), login, documentation."""

OWN_ACCOUNT = {
    "GET /desk/account", "POST /desk/account/password", "POST /desk/account/sessions/end",
    "POST /desk/account/sessions/end-others", "GET /desk/account/factor",
    "POST /desk/account/factor/begin", "POST /desk/account/factor",
    "POST /desk/account/factor/codes", "POST /desk/account/factor/end",
    "POST /desk/account/strength", "POST /desk/account/sso/link", "POST /desk/account/sso/unlink",
    "GET /desk/confirm", "POST /desk/confirm", "POST /desk/confirm/sso",
}  # fmt: skip
"""Pages of one's own account: without a login they lead to it."""

API = {
    Right.USE: """
        GET /me
        POST /confirm
        POST /check
        GET /tickets
        POST /tickets/search
        GET /tickets/views
        POST /tickets/views
        DELETE /tickets/views/{view_id}
        POST /tickets/bulk
        GET /tickets/{number}
        POST /tickets/{number}/entries
        POST /tickets/{number}/notes
        POST /tickets/{number}/urges
        POST /tickets/{number}/state
        POST /tickets/{number}/assignment
        POST /tickets/{number}/classification
        GET /tickets/{number}/attachments
        POST /tickets/{number}/attachments
        GET /tickets/{number}/attachments/{attachment_id}
        POST /tickets/{number}/reveal
        GET /tickets/{number}/similar
        GET /ticket-groups/{group_id}
        GET /tickets/{number}/transfers
        GET /transfers
        GET /transfers/{transfer_id}
        POST /transfers/{transfer_id}/accept
        POST /transfers/{transfer_id}/ask-back
        POST /transfers/{transfer_id}/progress
        POST /transfers/{transfer_id}/propose
        GET /transfers/{transfer_id}/form.pdf
        POST /transfers/{transfer_id}/form.pdf
        GET /escalations
        POST /escalations/{escalation_id}/acknowledge
        POST /tickets/{number}/closing
        GET /tickets/{number}/surveys
        GET /tickets/{number}/coordinations
        POST /tickets/{number}/coordinations
        GET /notices
        POST /notices/read
        POST /notices/{notice_id}/read
        GET /rectifications
        POST /rectifications/{item_id}/state
    """,
    Right.READ_TALKS: """
        POST /suggest
        GET /conversations
        GET /groups
        GET /colleagues
        GET /conversations/{conversation_id}
        GET /conversations/{conversation_id}/messages
        POST /conversations/{conversation_id}/notes
    """,
    Right.TALK: """
        POST /conversations/{conversation_id}/claim
        POST /conversations/{conversation_id}/group
        GET /presence
        PUT /presence
        GET /offers
        POST /offers/{offer_id}/accept
        POST /offers/{offer_id}/decline
        POST /conversations/{conversation_id}/hand-back
        POST /conversations/{conversation_id}/close
        POST /conversations/{conversation_id}/replies
        POST /tickets/{number}/links
        DELETE /tickets/{number}/links/{other}
        POST /tickets/{number}/merge
        POST /tickets/{number}/merge/undo
        POST /tickets/{number}/split
        POST /tickets/{number}/split/undo
        POST /tickets
        POST /tickets/{number}/validity/proposal
        POST /ticket-groups
        PUT /ticket-groups/{group_id}/tickets/{number}
        DELETE /ticket-groups/{group_id}/tickets/{number}
        POST /ticket-groups/{group_id}/update
        POST /tickets/{number}/transfers
        POST /transfers/{transfer_id}/answer
        POST /transfers/{transfer_id}/approve
        POST /transfers/{transfer_id}/return
        POST /transfers/{transfer_id}/cancel
        GET /promises
        POST /promises/{promise_id}/keep
        POST /tickets/{number}/feedback
        POST /tickets/{number}/question
        POST /tickets/{number}/surveys
    """,
    Right.REVIEW: """
        GET /reviews
        GET /reviews/export.xlsx
        GET /reviews/{flagged_id}
        POST /reviews/{flagged_id}/decision
        GET /quality/agreement
        GET /quality/samples/{kind}
        GET /quality/scorecards
        GET /rulebook/rules
        GET /rulebook/versions
        GET /rulebook/versions/{version}
        GET /suspects
        POST /suspects/{conversation_id}/ticket
        POST /suspects/{conversation_id}/dismissal
        POST /rectifications
        POST /rectifications/{item_id}/tell
    """,
    Right.SEE_REPORTS: """
        GET /reports/rows/{rows}
        GET /reports/{period}.xlsx
        GET /reports/{period}.pdf
        GET /reports/{period}
    """,
    Right.LEAD: """
        POST /tickets/{number}/validity/decision
        POST /transfers/{transfer_id}/press
        GET /live
        GET /trends/{kind}.xlsx
        GET /trends/{kind}
        POST /groups
        PUT /groups/{group_id}
        DELETE /groups/{group_id}
        PUT /colleagues/{staff_id}/capacity
        POST /conversations/{conversation_id}/step-in
        POST /conversations/{conversation_id}/assignment
        GET /absences
        POST /absences
        DELETE /absences/{absence_id}
        GET /duties
        POST /duties
        DELETE /duties/{duty_id}
        GET /outbox
        POST /outbox/{message_id}/resend
        POST /outbox/{message_id}/discard
        GET /webhooks/events
        GET /webhooks
        POST /webhooks
        POST /webhooks/{webhook_id}/active
        POST /webhooks/{webhook_id}/test
        GET /webhooks/{webhook_id}/deliveries
    """,
    Right.SHARE: """
        GET /shares
        POST /shares
        GET /shares/{share_id}
        POST /shares/{share_id}/withdrawal
        POST /shares/{share_id}/file
    """,
    Right.DECIDE_SHARING: """
        POST /shares/{share_id}/decision
    """,
    Right.READ_KNOWLEDGE: """
        GET /knowledge/{kind}
        GET /knowledge/{kind}/{code}
    """,
    Right.ADMINISTER: """
        POST /privacy/export
        POST /privacy/withdrawals
        POST /privacy/erasures
        GET /privacy/erasures
    """,
}
RIGHT_OF = {
    line.strip().replace(" /", " /api/v1/", 1): right
    for right, lines in API.items()
    for line in lines.strip().splitlines()
}

RIGHT_OF |= {
    "GET /desk/help/pictures/{name}": Right.USE,
    "POST /desk/chat-photos": Right.TALK,
    "GET /desk/chat-photos/{photo_id}": Right.READ_TALKS,
}

PAGES = {
    "/desk": Right.TALK,
    "/desk/qa": Right.REVIEW,
    "/desk/qa/second": Right.REVIEW,
    "/desk/qa/samples": Right.REVIEW,
    "/desk/qa/scorecards": Right.REVIEW,
    "/desk/qa/appeals": Right.REVIEW,
    "/desk/my-quality": Right.TALK,
    "/desk/rules": Right.REVIEW,
    "/desk/scripts": Right.REVIEW,
    "/desk/live": Right.LEAD,
    "/desk/groups": Right.LEAD,
    "/desk/live/trends": Right.LEAD,
    "/desk/escalations": Right.SEE_TICKETS,
    "/desk/outbox": Right.LEAD,
    "/desk/sharing": Right.SHARE,
    "/desk/transfers": Right.HANDLE_TRANSFERS,
    "/desk/suspects": Right.REVIEW,
    "/desk/reports": Right.SEE_REPORTS,
    "/desk/reports/rows": Right.SEE_REPORTS,
    "/desk/knowledge": Right.READ_KNOWLEDGE,
    "/desk/knowledge/products": Right.READ_KNOWLEDGE,
    "/desk/knowledge/orders": Right.READ_KNOWLEDGE,
    "/desk/knowledge/faq": Right.READ_KNOWLEDGE,
    "/desk/knowledge/unanswered": Right.EDIT_KNOWLEDGE,
    "/desk/knowledge/examples": Right.EDIT_KNOWLEDGE,
    "/desk/knowledge/import": Right.EDIT_KNOWLEDGE,
    "/desk/intake": Right.TALK,
    "/desk/help": Right.USE,
    "/desk/help/{name}": Right.USE,
    "/desk/tickets": Right.SEE_TICKETS,
    "/desk/tickets/{number}": Right.SEE_TICKETS,
}
FORMS = {
    "text": "补充", "state": "in_progress", "login": "holder", "reason": "核对", "score": 3,
    "numbers": ["T261122-0001-0"], "held_at": "2026-11-22T09:00:00+08:00", "agreement": "同意",
    "positions": [{"who": "业主", "position": "修"}], "severity": "major", "validity": "valid",
}  # fmt: skip
"""Fields that make the bodies of all routes about one ticket valid."""


def walk(routes, prefix=""):
    """Yield every route of the application with its whole path, also of routers inside."""
    for route in routes:
        if context := getattr(route, "include_context", None):
            yield from walk(route.original_router.routes, prefix + context.prefix)
        elif isinstance(route, APIRoute | APIWebSocketRoute):
            yield prefix + route.path, route


def doors(app):
    for path, route in walk(app.routes):
        methods = getattr(route, "methods", None) or {"WS"}
        names = ["*"] if len(methods) == 5 else sorted(methods)
        for method in names:
            yield f"{method} {path}"


def test_every_route_is_listed_with_its_right(running):
    found = set(doors(create_app(running.desk, has_console=False)))
    assert found - OPEN - OWN_ACCOUNT - set(RIGHT_OF) == set(), "list it here, with its right"
    assert OPEN | OWN_ACCOUNT | set(RIGHT_OF) <= found, "no longer there"


def filled(door, **values):
    method, path = door.split(" ", 1)
    for name, value in values.items():
        path = path.replace("{" + name + "}", str(value))
    path = path.replace("{period}", "daily").replace("{rows}", "opened")
    return method, re.sub(r"\{\w+\}", "1", path)


async def test_nobody_gets_past_a_door_without_a_login(running):
    async with running.http(Origin=running.url) as nobody:
        for door in RIGHT_OF:
            method, path = filled(door)
            response = await nobody.request(method, path, json={})
            assert response.status_code == 401, door
        for door in OWN_ACCOUNT:
            method, path = filled(door)
            response = await nobody.request(method, path, data={})
            assert response.status_code == 303, door
            assert response.headers["location"].startswith("/desk/login"), door


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_gets_past_its_own_doors_only(running, role):
    async with running.http(running.make.staff(role)) as client:
        for door, right in RIGHT_OF.items():
            method, path = filled(door)
            if role in roles_of(right):
                continue
            response = await client.request(method, path, json={})
            assert response.status_code == 403, door
            assert response.json()["error"]["key"] == "errors.forbidden", door


@pytest.mark.parametrize("role", list(Role))
async def test_no_role_is_shut_out_of_its_rights(running, role):
    """Whoever has the right is never told 401; 404 and 422 are about the thing and the form."""
    async with running.http(running.make.staff(role)) as client:
        for door, right in RIGHT_OF.items():
            if role in roles_of(right) and right != Right.USE:
                method, path = filled(door)
                response = await client.request(method, path, json={})
                assert response.status_code not in {401, 403} and response.status_code < 500, door


async def test_another_departments_ticket_exists_for_no_door(running):
    make = running.make
    with make.database.transaction() as session:
        foreign = open_ticket(session, NewTicket(kind="order_change", description="改地址"))
    about_one = [door for door in RIGHT_OF if "{number}" in door and "groups" not in door]
    async with running.http(make.staff("department")) as client:
        for door in about_one:
            if Role.DEPARTMENT not in roles_of(RIGHT_OF[door]):
                continue
            method, path = filled(door, number=foreign.number)
            response = await client.request(method, path, json=FORMS)
            # 403: a right that the role lacks is refused before the ticket is looked for.
            assert response.status_code in {403, 404}, (door, response.text)
            assert foreign.description not in response.text
    assert len(about_one) > 20


async def test_another_agents_conversation_exists_for_no_door(running):
    held = running.make.claimed(running.make.staff())
    body = {"client_id": "a1", "text": "您好", "group_id": 1, "staff_id": 1}
    async with running.http(running.make.staff()) as client:
        for door in RIGHT_OF:
            if "{conversation_id}" in door and "suspects" not in door:
                method, path = filled(door, conversation_id=held.id)
                response = await client.request(method, path, json=body)
                # 409: a colleague's claim may be known, so that two don't run to one customer.
                expected = {409} if door.endswith("/claim") else {404}
                if Role.AGENT not in roles_of(RIGHT_OF[door]):
                    expected = {403}
                assert response.status_code in expected, door


def test_the_table_agrees_with_itself_and_with_what_services_ask():
    for right, row in TABLE.items():
        assert all(isinstance(scope, Scope) for scope in row.values())
        assert Role.ADMIN in row, right
        for role in Role:
            # `require` lets leaders and admins count as more; the table says it in full.
            staff = type("Staff", (), {"role": role})()
            assert has_role(staff, *roles_of(right)) is (role in row), (right, role)
    assert scope_of("department", Right.SEE_TICKETS) == Scope.DEPARTMENT
    assert scope_of("agent", Right.ADMINISTER) is None
    assert roles_of(Right.LEAD) == access.LEADER_ROLES


# The console's pages, in the served desk


@pytest.fixture
def served(sqlite_url, tmp_path, make_on_sqlite):
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "KEFU_DATA_DIR": str(tmp_path),
        "KEFU_DATABASE_URL": sqlite_url,
        "KEFU_PORT": str(port),
        "KEFU_ACTION_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "desk.serve"],
        cwd=PROJECT_DIR,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def make_on_sqlite(sqlite_url, tmp_path, password_hash):
    from desk.database import Database
    from desk.key_ring import use_keys
    from desk.settings import Settings
    from tests.desk.support import Builder

    use_keys(Settings(_env_file=None, data_dir=tmp_path))
    database = Database(sqlite_url)
    make = Builder(database, password_hash)
    for role in Role:
        make.staff(role, login=str(role))
    with database.transaction() as session:
        new = NewTicket(kind="repair", description="窗户漏水")
        make.number = open_ticket(session, new).number
        other = NewTicket(kind="order_change", description="改地址")
        make.foreign = open_ticket(session, other).number
    yield make
    database.dispose()


def listed_pages():
    """Paths that the console registers, read from its source: its modules register them once per
    process, and this process has no console."""
    source = (PROJECT_DIR / "desk" / "console" / "pages.py").read_text("utf-8")
    return set(re.findall(r'\(\s*"(/desk[^"]*)"', source))


def test_every_page_is_listed_with_its_right():
    assert listed_pages() == set(PAGES)
    registered = [
        path.name
        for path in (PROJECT_DIR / "desk").rglob("*.py")
        if "ui.page(" in path.read_text("utf-8")
    ]
    assert registered == ["pages.py"], "pages are registered in one place"


async def test_pages_open_for_their_roles_only(served, make_on_sqlite):
    transport = httpx.AsyncHTTPTransport(retries=20)
    number = make_on_sqlite.number
    async with httpx.AsyncClient(base_url=served, transport=transport, timeout=60) as client:
        assert (await client.get("/health/ready")).status_code == 200
        for page in PAGES:
            response = await client.get(page.format(number=number, name="agent"))
            assert response.headers.get("location", "").startswith("/desk/login"), page
        for role in Role:
            client.cookies.clear()
            form = {"login": str(role), "password": PASSWORD}
            await client.post("/desk/login", data=form, headers={"Origin": served})
            for page, right in PAGES.items():
                response = await client.get(page.format(number=number, name="agent"))
                may = role in roles_of(right)
                assert (response.status_code == 200) is may, (role, page, response.status_code)
                assert may or response.status_code in {303, 403}, (role, page)
            if role == Role.DEPARTMENT:
                foreign = await client.get(f"/desk/tickets/{make_on_sqlite.foreign}")
                assert "改地址" not in foreign.text
