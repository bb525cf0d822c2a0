"""No handler of the console acts for a session that ended or lost its role in mid-page.

Pages have hundreds of handlers, and new ones come every week. That each of them asks again is shown
in two steps: all of them reach the database and the live conversations through `Visit` only (read
from their source), and `Visit` looks the session and the role up at every call (tried here).
Chromium presses what pages offer in `tests/browser/test_hostile_texts.py`.
"""

import ast
from pathlib import Path

import pytest

from desk.accounts import sessions
from desk.accounts.models import Staff, StaffSession
from desk.accounts.origin import hash_token
from desk.accounts.permissions import Right, roles_of
from desk.console.access import Visit
from desk.errors import Forbidden, NotLoggedIn
from desk.settings import PROJECT_DIR

CONSOLE = PROJECT_DIR / "desk" / "console"
PAST_THE_GUARD = {"database", "get_desk", "StaffSession", "staff_for_token"}
"""Names by which a handler could act without `Visit`."""
HARMLESS = {"typing", "claimed", "listen_to"}
"""Calls of the gateway in nobody's name: they change nothing that is kept."""


def modules():
    return sorted(path for path in CONSOLE.rglob("*.py") if path.name != "access.py")


def called_on_gateway(node):
    """Return the method of a call such as `desk.gateway.reply(…)`, None for others."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    owner = node.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return node.func.attr if name in {"gateway", "_gateway"} else None


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_every_handler_goes_through_the_visit(path: Path):
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        line = getattr(node, "lineno", 0)
        assert name not in PAST_THE_GUARD, f"line {line}: use visit.read or visit.write"
        method = called_on_gateway(node)
        if method and method not in HARMLESS:
            given = ast.unparse(node)
            # The page's `staff` is who it was when it was built.
            assert "visit.staff" not in given.replace("visit.staff_now", ""), f"line {line}"


def test_the_source_was_read():
    assert len(modules()) > 60
    calls = [
        called_on_gateway(node)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    ]
    assert {"reply", "claim", "close"} <= set(calls)


@pytest.fixture
def visit(target):
    """Open a page in somebody's name, without a browser."""

    def opened(role, right):
        staff = target.make.staff(role)
        token = target.make.token(staff)
        one = object.__new__(Visit)
        one.desk, one.staff, one._token, one._roles = target.desk, staff, token, roles_of(right)
        return one

    return opened


def lower(session, visit):
    session.get(Staff, visit.staff.id).role = "department"


def disable(session, visit):
    session.get(Staff, visit.staff.id).is_active = False


def end(session, visit):
    session.delete(session.get(StaffSession, hash_token(visit._token)))


def end_all(session, visit):
    sessions.end_all(session, session.get(Staff, visit.staff.id), actor="admin")


def expire(session, visit):
    row = session.get(StaffSession, hash_token(visit._token))
    row.expires_at = row.created_at


def idle(session, visit):
    row = session.get(StaffSession, hash_token(visit._token))
    row.last_seen_at -= sessions.idle_length()


@pytest.mark.parametrize("change", [lower, disable, end, end_all, expire, idle])
@pytest.mark.parametrize(
    ("role", "right"), [("agent", Right.TALK), ("qa", Right.REVIEW), ("supervisor", Right.LEAD)]
)
async def test_nothing_more_is_done_after_it(target, visit, role, right, change):
    page, done = visit(role, right), []

    def work(session, staff):
        done.append(staff.login)

    assert (await page.staff_now()).login == page.staff.login
    await page.read(work)
    await page.write(work)
    with target.make.database.transaction() as session:
        change(session, page)
    expected = Forbidden if change is lower else NotLoggedIn
    for attempt in (page.staff_now(), page.read(work), page.write(work)):
        with pytest.raises(expected):
            await attempt
    assert done == [page.staff.login] * 2


async def test_what_leaves_the_house_is_asked_for_again(target, visit):
    page, done = visit("manager", Right.DECIDE_SHARING), []

    def work(session, staff):
        done.append(staff.login)

    await page.confirm()
    await page.write_confirmed(work)
    with target.make.database.transaction() as session:
        session.get(StaffSession, hash_token(page._token)).confirmed_at = None
    for attempt in (page.confirm(), page.write_confirmed(work)):
        with pytest.raises(Forbidden) as caught:
            await attempt
        assert caught.value.key == "errors.confirm_needed"
    assert done == [page.staff.login]
    # The page of sharing: approval and download are such work.
    source = (CONSOLE / "sharing_page.py").read_text("utf-8")
    for name in ("_decide", "_download"):
        (method,) = (
            node
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.AsyncFunctionDef) and node.name == name
        )
        assert "visit.write_confirmed(" in ast.unparse(method), name
