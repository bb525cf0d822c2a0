"""A day in pictures: a complaint from the queue to the report. The help's pictures are taken on
the way (`make pictures`), and every run looks whether what the help says beside each of them still
stands on the page. Then the help itself is read."""

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.help.chapters import (
    PICTURE_SUFFIX,
    chapter,
    chapters,
    labels_with,
    links_of,
    picture_names,
)
from desk.tickets.models import Ticket
from desk.transfers import service as transfers

QUALITY = 80
TABOO = "急什么，没看到我在忙着吗"


@pytest.fixture
def taken() -> set[str]:
    """Names of the pictures taken so far."""
    return set()


@pytest.fixture
def take(taken: set[str]) -> Callable[[Page, str], None]:
    """Take a picture; kept where `KEFU_HELP_PICTURES` names a folder. The bold words of its section
    of the help must stand on the page."""
    folder = os.environ.get("KEFU_HELP_PICTURES")

    def take_(page: Page, name: str) -> None:
        page.wait_for_function("() => !window.socket || window.did_handshake")
        for label in labels_with(name):
            seen = page.get_by_text(label).or_(page.get_by_label(label)).filter(visible=True)
            expect(seen.first, f"{name}: the help names 「{label}」").to_be_visible()
        taken.add(name)
        if folder:
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.save(Path(folder) / f"{name}{PICTURE_SUFFIX}", quality=QUALITY, method=6)

    return take_


def test_a_day_in_pictures(
    windows: Any, running_kefu: Any, with_agent: Any, take: Any, taken: set[str]
) -> None:
    customer, said = windows.customer(), "我要投诉，3栋2单元电梯困人三次了，物业没人管"
    agent = windows.staff("xiaoli")
    customer.say("电梯坏了怎么报修")
    expect(customer.log).to_contain_text("收到：电梯坏了怎么报修")
    customer.say(said)
    entry(agent, "电梯困人三次").click()
    expect(agent.get_by_role("log")).to_contain_text("电梯坏了怎么报修")
    take(agent, "agent-queue")
    agent.get_by_role("button", name="接入会话").click()
    customer.say("你们到底什么时候来修电梯？")
    expect(agent.get_by_text("针对「你们到底什么时候来修电梯？」")).to_be_visible()
    reply = agent.get_by_label("回复内容")
    reply.fill(TABOO)
    expect(agent.locator(".k-mirror .k-block").first).to_be_visible()
    take(agent, "agent-reply")
    reply.press("Control+Enter")
    expect(agent.get_by_text("没有发出")).to_be_visible()
    reply.fill("您好，我已请工程部的师傅马上到现场，一小时内给您答复。")
    reply.press("Control+Enter")
    expect(customer.row("一小时内给您答复")).to_be_visible()

    _on_the_floor(windows, running_kefu, take)
    _through_the_department(windows, running_kefu, said, take)
    _judged(windows, take)
    leader = windows.staff("zhuguan", "/desk/reports")
    expect(leader.locator("[data-chart] svg").first).to_be_visible()
    take(leader, "supervisor-reports")
    admin = windows.staff("admin", "/desk/groups")
    expect(admin.locator("tbody tr").first).to_be_visible()
    take(admin, "admin-groups")
    assert taken == picture_names()


def test_the_help_shows_its_pictures_and_leads_to_pages_that_open(windows: Any) -> None:
    page = windows.staff("zhuguan", "/desk/help")
    expect(page.get_by_role("heading", level=1)).to_have_text("主管的一天")
    for one in chapters():
        page.get_by_role("navigation", name="各岗位的一天").get_by_text(one.title).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(one.title)
        shown = [picture.shows for part in one.sections for picture in part.pictures]
        for words in shown:
            picture = page.get_by_role("img", name=words)
            expect(picture).to_be_attached()
            expect_loaded(picture)
    for address in sorted(set().union(*(links_of(one) for one in chapters()))):
        answer = page.request.get(windows.url + address)
        assert (answer.status, answer.url) == (200, windows.url + address), address
    page.goto(f"{windows.url}/desk/tickets?text=没有这样的工单")
    page.get_by_role("link", name="怎么用这一页").click()
    about = chapter("supervisor").section_about("/desk/tickets")
    assert about
    expect(page.get_by_role("heading", name=about.title)).to_be_in_viewport()


def expect_loaded(picture: Locator) -> None:
    """Wait until a picture is drawn; one that is missing never is."""
    handle = picture.element_handle()
    picture.page.wait_for_function(
        "(image) => image.complete && image.naturalWidth > 0", arg=handle
    )


def entry(agent: Page, text: str) -> Locator:
    """Return a conversation's entry in the lists."""
    return agent.locator(".k-entry", has_text=text).first


def _on_the_floor(windows: Any, running_kefu: Any, take: Any) -> None:
    windows.customer().ask_for_human()
    leader = windows.staff("zhuguan", "/desk/live")
    expect(leader.locator("[data-part=queue] tbody tr").first).to_be_visible()
    leader.locator("[data-part=talks] tbody tr", has_text="电梯").first.click()
    expect(leader.locator(".k-watch .k-row").first).to_be_visible()
    take(leader, "supervisor-live")
    # Nobody is to be asked to take them in the pictures that follow.
    with running_kefu.database.transaction() as session:
        people = session.scalars(select(Staff).where(Staff.login == "zhuguan")).one()
        for waiting in conversations.queue(session):
            conversations.close(session, waiting.conversation_id, people)
    leader.goto(f"{windows.url}/desk/escalations")
    expect(leader.locator("tbody tr").first).to_be_visible()
    take(leader, "supervisor-escalations")


def _through_the_department(windows: Any, running_kefu: Any, said: str, take: Any) -> None:
    with running_kefu.database.transaction() as session:
        staff = {one.login: one for one in session.scalars(select(Staff))}
        found = select(Ticket).where(Ticket.description == said).order_by(Ticket.id.desc()).limit(1)
        ticket = session.scalars(found).one()
        number = ticket.number
    agent = windows.ticket("xiaoli", number)
    take(agent, "agent-ticket")
    with running_kefu.database.transaction() as session:
        sent = transfers.create(
            session,
            staff["xiaoli"],
            session.scalars(found).one(),
            department="engineering",
            matter="请检修 3 栋 2 单元电梯的门机，说明原因和处理结果。",
            required_by=utc_now() + timedelta(days=1),
            first_responsible=staff["xiaoli"],
        ).id
    handler = windows.staff("gongcheng", "/desk/transfers")
    handler.locator("tbody tr", has_text=number).click()
    expect(handler.get_by_role("button", name="接收", exact=True)).to_be_visible()
    take(handler, "department-transfer")
    with running_kefu.database.transaction() as session:
        transfers.accept(session, staff["gongcheng"], sent)
        transfers.propose(session, staff["gongcheng"], sent, "已更换门机并试运行，正常。")
    agent.reload()
    agent.locator("[data-section=transfers]").scroll_into_view_if_needed()
    take(agent, "agent-transfer")


def _judged(windows: Any, take: Any) -> None:
    qa = windows.staff("zhijian", "/desk/qa")
    qa.locator("tbody tr", has_text=TABOO).first.click()
    expect(qa.get_by_role("button", name="确认违规")).to_be_visible()
    take(qa, "qa-flags")
    qa.get_by_role("button", name="确认违规").click()
    expect(qa.locator("tbody tr", has_text=TABOO).first).to_contain_text("确认违规")
    take(windows.staff("xiaoli", "/desk/my-quality"), "agent-quality")
    qa.goto(f"{windows.url}/desk/rules")
    qa.locator(".k-entry", has_text="buck_passing.book-15").click()
    expect(qa.get_by_label("输入一句话，看改动以后怎么判断")).to_be_visible()
    take(qa, "qa-rules")
