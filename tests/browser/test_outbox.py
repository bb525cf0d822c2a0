"""The bell in the console's frame, and the page of messages that wait for a decision."""

import re
import time
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import func, select

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.feedback.service import give_feedback
from desk.outbox.models import Notice, OutboxMessage
from desk.outbox.service import enqueue_sms
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket, urge


def opened(kefu: Any, **values: Any) -> Ticket:
    """A complaint that the demo's agent took down on the phone."""
    with kefu.database.transaction() as session:
        agent = session.query(Staff).filter_by(login="xiaoli").one()
        new = NewTicket(
            kind="complaint",
            description="电梯异响",
            channel="phone",
            reply_channel="phone",
            has_consent=True,
            phone="13800138000",
            recipient_id=agent.id,
            **values,
        )
        return open_ticket(session, new, actor="xiaoli")


def wait_for_notices(kefu: Any, ticket: Ticket, count: int) -> None:
    """Wait until the desk has told that many colleagues of a ticket."""
    for _ in range(100):
        with kefu.database.reading() as session:
            told = select(func.count(Notice.id)).where(Notice.ticket_id == ticket.id)
            if (session.scalar(told) or 0) >= count:
                return
        time.sleep(0.1)
    raise AssertionError("no notices after 10 s")


def test_the_bell_rings_and_leads_to_the_ticket(
    windows: Any, running_kefu: Any, take_picture: Any
) -> None:
    page = windows.staff("xiaoli")
    bell = page.get_by_role("button", name=re.compile("^提醒"))
    expect(bell).to_be_visible()
    ticket = opened(running_kefu)
    with running_kefu.database.transaction() as session:
        for _ in range(2):
            urge(session, session.get_one(Ticket, ticket.id), actor="customer")
    wait_for_notices(running_kefu, ticket, 2)
    expect(page.locator(".k-bell-count")).to_be_visible()
    bell.click()
    notices = page.locator(".k-notice.is-new", has_text=f"催办工单 {ticket.number}")
    expect(notices).to_have_count(2)
    take_picture(page, "bell")
    notices.first.click()
    page.wait_for_url(f"**/desk/tickets/{ticket.number}")
    page.get_by_role("button", name=re.compile("^提醒")).click()
    page.get_by_role("button", name="全部已读").click()
    expect(page.locator(".k-bell-count")).to_be_hidden()
    expect(page.locator(".k-notice.is-new")).to_have_count(0)


def test_a_leader_decides_about_messages(
    windows: Any, running_kefu: Any, take_picture: Any
) -> None:
    with running_kefu.database.transaction() as session:
        for key in ("one", "two"):
            enqueue_sms(
                session,
                key=f"browser:{key}",
                phone="13800138000",
                body=f"【云栖】进展{key}",
                now=utc_now(),
            )
        session.query(OutboxMessage).filter(OutboxMessage.dedupe_key.startswith("browser:")).update(
            {"state": "uncertain", "attempts": 1, "last_error": "interrupted"},
            synchronize_session=False,
        )
    page = windows.staff("zhuguan")
    page.get_by_role("link", name="发件箱").click()
    one = page.locator("tr", has_text="进展one")
    expect(one).to_contain_text("不确定")
    expect(one).to_contain_text("138****8000")
    expect(page.locator(".k-outbox")).not_to_contain_text("13800138000")
    take_picture(page, "outbox")
    one.get_by_role("button", name="不再发送").click()
    page.get_by_role("dialog").get_by_role("button", name="不再发送").click()
    expect(one).to_have_count(0)
    two = page.locator("tr", has_text="进展two")
    two.get_by_role("button", name="重新发送").click()
    expect(page.get_by_role("dialog")).to_contain_text("可能收到两次")
    page.get_by_role("dialog").get_by_role("button", name="重新发送").click()
    expect(page.get_by_text("已安排重新发送")).to_be_visible()
    with running_kefu.database.reading() as session:
        states = {
            message.dedupe_key: message.state
            for message in session.query(OutboxMessage)
            if message.dedupe_key.startswith("browser:")
        }
    assert states["browser:one"] == "discarded"
    # There is no gateway here: sending again ends in `failed`, not in `uncertain`.
    assert states["browser:two"] in {"pending", "sending", "failed"}


def test_a_leader_keeps_the_addresses_of_other_systems(windows: Any, take_picture: Any) -> None:
    page = windows.staff("zhuguan", "/desk/outbox")
    part = page.locator("[data-section=webhooks]")
    expect(part).to_contain_text("还没有登记推送地址")
    part.get_by_role("button", name="登记推送地址").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("地址").fill("http://127.0.0.1/hook")
    dialog.get_by_role("button", name="登记", exact=True).click()
    expect(dialog.get_by_role("alert").last).to_contain_text("地址不被允许")
    dialog.get_by_label("地址").fill("https://hooks.example.com/kefu")
    dialog.get_by_role("button", name="登记", exact=True).click()
    secret = page.get_by_role("dialog").get_by_label("签名密钥")
    expect(secret).to_have_value(re.compile(r"\S{40,}"))
    page.get_by_role("button", name="已保存").click()
    row = part.locator("tr", has_text="hooks.example.com")
    expect(row).to_contain_text("全部事件")
    row.get_by_role("button", name="测试").click()
    expect(page.get_by_text("已安排测试推送")).to_be_visible()
    take_picture(page, "webhooks")
    row.get_by_role("button", name="记录").click()
    expect(page.get_by_role("dialog").locator("tr", has_text="测试")).to_have_count(1)
    page.get_by_role("dialog").get_by_role("button", name="知道了").click()
    row.get_by_role("button", name="停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")


def test_an_agent_finds_no_outbox(windows: Any) -> None:
    page = windows.staff("xiaoli", "/desk/outbox")
    page.wait_for_url("**/desk")
    expect(page.get_by_role("link", name="发件箱")).to_have_count(0)


def test_an_answer_on_the_phone_is_recorded(
    windows: Any, running_kefu: Any, take_picture: Any
) -> None:
    ticket = opened(running_kefu)
    with running_kefu.database.transaction() as session:
        agent = session.query(Staff).filter_by(login="xiaoli").one()
        found = session.get_one(Ticket, ticket.id)
        give_feedback(session, agent, found, "已更换钢丝绳，运行正常。")
    page = windows.staff("xiaoli", f"/desk/tickets/{ticket.number}")
    expect(page.locator('[data-survey="1"]')).to_contain_text("等待客户评价", timeout=30_000)
    page.get_by_role("button", name="登记评价").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("评价", exact=True).click()
    page.get_by_role("option", name="很不满意").click()
    dialog.get_by_label("客户的意见").fill("还是有异响")
    dialog.get_by_role("button", name="登记").click()
    expect(page.locator('[data-survey="1"]')).to_contain_text("很不满意")
    expect(page.locator('[data-survey="1"]')).to_contain_text("还是有异响")
    take_picture(page, "ticket-survey")
    with running_kefu.database.reading() as session:
        again = session.get_one(Ticket, ticket.id)
        assert (again.state, again.reopened) == ("in_progress", 1)
