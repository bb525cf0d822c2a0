"""The page of escalations: acknowledge, promises, duty and absences; at two widths."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.escalation.models import Absence, Commitment, Duty
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket

WIDTHS = (1440, 1024)


@pytest.fixture
def agent_id(running_kefu):
    with running_kefu.database.reading() as session:
        return session.scalar(select(Staff.id).where(Staff.login == "xiaoli"))


@pytest.fixture(autouse=True)
def empty_rosters(running_kefu):
    with running_kefu.database.transaction() as session:
        for model in (Absence, Duty):
            session.query(model).delete()


@pytest.fixture
def urgent_ticket(running_kefu, agent_id):
    new = NewTicket(
        kind="complaint",
        description="电梯困人三次了，物业一直没修好，再不处理就打12345，找律师。",
        recipient_id=agent_id,
        estate="云栖雅苑",
        building="3栋",
    )
    with running_kefu.database.transaction() as session:
        return open_ticket(session, new).number


@pytest.fixture
def late_ticket(running_kefu, agent_id):
    """Received so long ago that it has reached the director."""
    new = NewTicket(
        kind="complaint",
        description="走廊灯不亮，报了几次没有人来",
        category="public_facility",
        severity="general",
        recipient_id=agent_id,
    )
    with running_kefu.database.transaction() as session:
        return open_ticket(session, new, now=utc_now() - timedelta(days=9)).number


def row(page: Page, number: str):
    return page.locator("tr[data-escalation]", has_text=number)


def fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_the_manager_on_duty_acknowledges(windows, urgent_ticket, late_ticket, take_picture, width):
    page = windows.staff("zhiban", "/desk/escalations")
    page.set_viewport_size({"width": width, "height": 860})
    mine = row(page, urgent_ticket)
    expect(mine).to_contain_text("重大且涉及安全或风险用语")
    expect(mine).to_contain_text("周敏")
    expect(mine).to_contain_text("还有")
    other = row(page, late_ticket)
    expect(other).to_contain_text("上一级未在规定时间内确认")
    expect(other).to_contain_text("林涛")
    # Mine first.
    expect(page.locator("tr[data-escalation]").first).to_have_class(re.compile("is-mine"))
    assert fits(page)
    take_picture(page, f"escalations-{width}")
    mine.get_by_role("button", name="确认").click()
    expect(page.get_by_text("已确认，请跟进办理。")).to_be_visible()
    expect(mine).to_have_count(0)
    page.get_by_role("button", name=re.compile("副总经理")).click()
    expect(other).to_be_visible()
    other.get_by_role("link", name=late_ticket).click()
    page.wait_for_url(re.compile(f"/desk/tickets/{late_ticket}$"))


def test_an_agent_sees_only_what_is_put_before_them(windows, late_ticket):
    manager = windows.staff("zhiban", "/desk/escalations")
    expect(row(manager, late_ticket)).to_be_visible()
    agent = windows.staff("xiaoli", "/desk/escalations")
    expect(agent.get_by_role("tab", name="待确认的升级")).to_be_visible()
    expect(row(agent, late_ticket)).to_have_count(0)
    expect(agent.get_by_role("tab", name="值班与请假")).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_supervisor_keeps_the_rosters(windows, take_picture, width):
    page = windows.staff("zhuguan", "/desk/escalations")
    page.set_viewport_size({"width": width, "height": 860})
    page.get_by_role("tab", name="值班与请假").click()
    duty, absence = page.locator("[data-list=duty]"), page.locator("[data-list=absence]")
    expect(duty).to_contain_text("还没有排班")
    duty.get_by_role("button", name="排值班").click()
    choose(page, "值班人", "周敏")
    page.get_by_label("结束时间").fill("2020-01-01T08:00")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".k-dialog-problem")).to_contain_text("结束时间必须晚于开始时间")
    page.get_by_label("结束时间").fill(f"{utc_now() + timedelta(days=9):%Y-%m-%d}T18:00")
    page.get_by_role("button", name="保存").click()
    expect(duty).to_contain_text("周敏")
    absence.get_by_role("button", name="登记请假").click()
    choose(page, "请假人", "小李")
    choose(page, "代理人", "小王")
    page.get_by_role("button", name="保存").click()
    expect(absence).to_contain_text("由小王代理")
    absence.get_by_role("button", name="登记请假").click()
    choose(page, "请假人", "小李")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".k-dialog-problem")).to_contain_text("此人在这段时间已登记请假")
    page.get_by_role("button", name="取消", exact=True).click()
    assert fits(page)
    take_picture(page, f"rosters-{width}")
    duty.get_by_role("button", name="取消登记").click()
    page.locator(".k-dialog").get_by_role("button", name="取消登记").click()
    expect(duty).to_contain_text("还没有排班")


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label).click()
    page.locator(".q-menu .q-item", has_text=option).first.click()


def test_broken_promises_are_listed(windows, running_kefu, agent_id, urgent_ticket, take_picture):
    now = utc_now()
    with running_kefu.database.transaction() as session:
        conversation, _token = conversations.open_conversation(session)
        message = conversations.add_customer_message(
            session, conversation.id, client_id="c1", text="什么时候能修好"
        ).message
        ticket = session.scalar(select(Ticket).where(Ticket.number == urgent_ticket))
        for what, hours in (("明天上午给您答复", 20), ("一小时内联系您", -1)):
            session.add(
                Commitment(
                    ticket_id=ticket.id,
                    conversation_id=conversation.id,
                    message_id=message.id,
                    staff_id=agent_id,
                    what=what,
                    due_at=now + timedelta(hours=hours),
                    created_at=now - timedelta(hours=2),
                )
            )
    page = windows.staff("zhuguan", "/desk/escalations")
    page.set_viewport_size({"width": 1440, "height": 860})
    page.get_by_role("tab", name="对客户的承诺").click()
    running = page.locator("tr[data-promise]", has_text="明天上午给您答复").first
    expect(running).to_contain_text("还有 19 小时")
    take_picture(page, "promises")
    running.get_by_role("button", name="已兑现").click()
    page.locator(".k-dialog").get_by_role("button", name="已兑现").click()
    expect(page.get_by_text("已记为兑现。")).to_be_visible()
    page.get_by_role("button", name="未兑现").click()
    broken = page.locator("tr[data-promise]", has_text="一小时内联系您").first
    expect(broken).to_contain_text("未兑现")
    expect(broken.get_by_role("link", name=urgent_ticket)).to_be_visible()
