"""Script in every text that people type, on every page that shows it: nothing of it runs."""

import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from desk.accounts.models import Staff, StaffSession
from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.reviews.models import FlaggedReply
from desk.reviews.quality_models import Appeal, Scorecard
from desk.settings import PROJECT_DIR
from desk.sharing import service as sharing
from desk.sharing.service import Application
from desk.tickets.attachments import attach_file
from desk.tickets.domain import NewTicket
from desk.tickets.files import check_file
from desk.tickets.models import SavedView, Ticket, TicketGroup
from desk.tickets.service import find_ticket, note, open_ticket, supplement
from desk.transfers import service as transfers

SHORT = "<img src=x onerror=pwned=1>"
"""Fits into names of 32 characters."""
LONG = (
    '"><script>pwned=1</script><svg onload=pwned=1><a href="javascript:pwned=1">x</a>'
    "{{constructor.constructor('pwned=1')()}}${pwned=1}</textarea></style>" + SHORT
)
PARTS = 4
PDF = b"%PDF-1.4\n%%EOF"


PRESS = """() => {
  const all = [...document.querySelectorAll(".k-page button")];
  const seen = all.filter((one) => one.offsetParent && !one.disabled).slice(0, 5);
  seen.forEach((one) => one.click());
  return seen.length;
}"""


def pages() -> list[str]:
    source = (PROJECT_DIR / "desk" / "console" / "pages.py").read_text("utf-8")
    return [path for path in re.findall(r'\(\s*"(/desk[^"]*)"', source) if "{" not in path]


@pytest.fixture(scope="module")
def hostile(running_kefu: Any) -> Any:
    """Rows with script in every text, written as the services write them."""
    mark = uuid.uuid4().hex[:6]
    with running_kefu.database.transaction() as session:
        agent = session.scalar(select(Staff).where(Staff.login == "xiaoli"))
        conversation, _token = conversations.open_conversation(session, source="web")
        for text in (LONG, SHORT):
            conversations.add_customer_message(
                session, conversation.id, client_id=uuid.uuid4().hex, text=text
            )
        conversations.request_handover(session, conversation.id, reason="requested")
        ticket = open_ticket(
            session,
            NewTicket(
                kind="complaint",
                description=LONG + mark,
                wish=LONG,
                conversation_id=conversation.id,
                category="indoor_repair",
                department="engineering",
                has_consent=True,
                customer_name=SHORT,
                phone="13800138000",
                estate=SHORT,
                building=SHORT,
                room=SHORT[:16],
            ),
        )
        number = ticket.number
        supplement(session, ticket, LONG, actor="customer")
        note(session, find_ticket(session, number), LONG, actor="xiaoli")
        transfers.create(
            session,
            agent,
            find_ticket(session, number),
            department="engineering",
            matter=LONG,
            required_by=utc_now() + timedelta(days=2),
            first_responsible=agent,
        )
        row = session.scalar(select(Ticket).where(Ticket.number == number))
        name = 'x"><img src=x onerror=pwned=1>.pdf'
        attach_file(session, row, check_file(name, PDF), by="xiaoli", now=utc_now())
        plant_judgements(session, agent, conversation.id, row)
        agent_name = agent.display_name
        agent.display_name = SHORT
    yield number
    with running_kefu.database.transaction() as session:
        session.execute(delete(SavedView).where(SavedView.name == SHORT))
        session.execute(
            update(Staff).where(Staff.login == "xiaoli").values(display_name=agent_name)
        )


def plant_judgements(session: Any, agent: Staff, conversation_id: str, ticket: Ticket) -> None:
    """Script in what quality work, sharing, promises, surveys, groups and saved searches hold."""
    now = utc_now()
    leader = session.scalar(select(Staff).where(Staff.login == "zhuguan"))
    flag = FlaggedReply(
        conversation_id=conversation_id, after_seq=1, agent_id=agent.id, text=LONG,
        flags=[], categories="|refusal|", worst="warn", ruleset_version="1", outcome="sent",
        override_reason=LONG, created_at=now, decision="confirmed", decided_by_id=leader.id,
        decided_at=now, decision_note=LONG,
    )  # fmt: skip
    group = TicketGroup(title=SHORT, created_by_id=leader.id, created_at=now)
    session.add_all([flag, group])
    session.flush()
    ticket.group_id, ticket.cause = group.id, SHORT
    session.add_all(
        [
            Appeal(flagged_id=flag.id, agent_id=agent.id, reason=LONG, created_at=now),
            Scorecard(
                conversation_id=conversation_id, agent_id=agent.id, scorer_id=leader.id,
                marks={}, total=50.0, note=LONG, served_at=now, created_at=now,
            ),
            SavedView(
                staff_id=leader.id, name=SHORT, filters={"text": SHORT}, is_shared=True,
                created_at=now,
            ),
        ]
    )  # fmt: skip
    wanted = Application([ticket.number], ["phone"], reason=LONG[:200], recipient=SHORT)
    sharing.apply(session, leader, wanted)


def watched(page: Page) -> list[str]:
    dialogs: list[str] = []

    def refuse(dialog: Any) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    return dialogs


def assert_nothing_ran(page: Page, dialogs: list[str], where: str) -> None:
    assert page.evaluate("typeof window.pwned") == "undefined", where
    # Not even as an element that did nothing.
    planted = "img[onerror], svg[onload], a[href^='javascript:']"
    assert page.locator(planted).count() == 0, where
    assert dialogs == [], where


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_of_the_console_runs_what_people_typed(
    windows: Any, hostile: Any, part: int
) -> None:
    number = hostile
    page = windows.staff("zhuguan", "/desk/tickets")
    dialogs = watched(page)
    shown = 0
    # The ticket's own page in every part: there the texts must have been to see.
    for path in [f"/desk/tickets/{number}", *pages()[part::PARTS]]:
        page.goto(windows.url + path)
        page.wait_for_function("() => !window.socket || window.did_handshake")
        page.wait_for_timeout(300)
        assert_nothing_ran(page, dialogs, path)
        shown += SHORT in page.inner_text("body")
    assert shown >= 2, "the texts must have been there to see"


def test_what_is_in_an_address_is_not_run_either(windows: Any, hostile: Any) -> None:
    page = windows.staff("zhuguan", "/desk/tickets")
    dialogs = watched(page)
    for path in (
        f"/desk/tickets?text={quote(LONG)}",
        f"/desk/tickets/{quote(SHORT, safe='')}",
        f"/desk/reports/rows?rows={quote(SHORT)}",
        f"/desk/account?done={quote(SHORT)}",
        f"/desk/confirm?next={quote(SHORT)}",
        f"/{quote(SHORT, safe='')}",
        f"/?lang={quote(SHORT)}",
    ):
        page.goto(windows.url + path)
        page.wait_for_timeout(200)
        assert_nothing_ran(page, dialogs, path)
    page.goto(f"{windows.url}/desk/tickets/T200101-0001-1")
    expect(page.get_by_text("没有这张工单")).to_be_visible()
    nobody = windows.open()
    dialogs = watched(nobody)
    for path in (
        f"/desk/login?next={quote(LONG)}",
        f"/desk/login/sso/back?state={quote(SHORT)}&error={quote(SHORT)}",
    ):
        nobody.goto(windows.url + path)
        assert_nothing_ran(nobody, dialogs, path)
    nobody.goto(windows.url + "/desk/login")
    nobody.fill("#login", SHORT)
    nobody.fill("#password", LONG)
    nobody.get_by_role("button", name="登录").click()
    expect(nobody.locator(".message.error")).to_be_visible()
    assert_nothing_ran(nobody, dialogs, "the login that failed")


def test_the_customers_page_runs_neither_ones_own_texts_nor_the_agents(
    windows: Any, with_agent: Any
) -> None:
    customer = windows.customer()
    dialogs = watched(customer.page)
    customer.say(LONG)
    expect(customer.row(SHORT).first).to_be_visible()
    agent = with_agent(customer)
    agent_dialogs = watched(agent)
    agent.get_by_label("回复内容").fill(SHORT + "您好")
    assert_nothing_ran(agent, agent_dialogs, "the reply being written")
    assert_nothing_ran(customer.page, dialogs, "the chat")
    customer.page.reload()
    expect(customer.row(SHORT).first).to_be_visible()
    assert_nothing_ran(customer.page, dialogs, "the chat's history")
    customer.page.get_by_role("button", name="我的数据").click()
    expect(customer.page.get_by_role("dialog", name="我的数据")).to_contain_text("聊天记录")
    assert_nothing_ran(customer.page, dialogs, "the own data")


def test_a_session_that_is_revoked_in_mid_page_does_nothing_more(
    windows: Any, running_kefu: Any, hostile: Any
) -> None:
    """One handler of each of the pages people work on: it leads to the login."""
    number = hostile
    states = dict(windows.states)
    windows.states = {}
    pressed = 0
    for path in (f"/desk/tickets/{number}", "/desk/tickets", "/desk/transfers", "/desk/reports"):
        page = windows.staff("fuzong", "/desk/tickets")
        page.goto(windows.url + path)
        page.wait_for_function("() => window.did_handshake")
        before = content(running_kefu)
        with running_kefu.database.transaction() as session:
            owner = session.scalar(select(Staff).where(Staff.login == "fuzong"))
            session.execute(delete(StaffSession).where(StaffSession.staff_id == owner.id))
        pressed += page.evaluate(PRESS)
        page.wait_for_timeout(800)
        assert content(running_kefu) == before, path
        windows.states = {}
    windows.states = states
    assert pressed >= 4


def content(kefu: Any) -> list[tuple[Any, ...]]:
    """What a handler could have changed, roughly: every ticket's timeline and state."""
    with kefu.database.reading() as session:
        rows = session.execute(
            select(Ticket.number, Ticket.state, Ticket.recipient_id, Ticket.severity)
        )
        return sorted(tuple(row) for row in rows)
