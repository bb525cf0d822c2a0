"""The sections of a ticket's page, and QA's list of overlooked complaints, in Chromium."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.reviews import suspects
from desk.tickets.domain import NewTicket
from desk.tickets.service import find_ticket, open_ticket
from desk.transfers import service as transfers

# An offer of a waiting talk would make the page shorter, and the talk is nobody's here.
pytestmark = pytest.mark.usefixtures("no_open_talks")

DIALOG = ".k-dialog"


@pytest.fixture
def make_ticket(running_kefu: Any) -> Any:
    """Take down a complaint of a building of its own, so that tests do not find each other's."""
    building = f"{uuid.uuid4().hex[:6]}栋"

    def make(description: str = "厨房漏水，报修三次没人来", **values: Any) -> str:
        given = {
            "kind": "complaint",
            "category": "indoor_repair",
            "department": "engineering",
            "severity": "general",
            "estate": "云栖雅苑",
            "building": building,
            **values,
        }
        with running_kefu.database.transaction() as session:
            return open_ticket(session, NewTicket(description=description, **given)).number

    return make


def open_page(windows: Any, login: str, number: str) -> Page:
    by = "/desk/qa" if login == "zhijian" else "/desk/transfers"
    page: Page = windows.ticket(login, number, by=by)
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    return page


def section(page: Page, name: str) -> Any:
    return page.locator(f"[data-section={name}]")


def fill(page: Page, **labels: str) -> None:
    for label, text in labels.items():
        page.locator(DIALOG).get_by_label(label).fill(text)


def confirm(page: Page, button: str) -> None:
    page.locator(DIALOG).get_by_role("button", name=button, exact=True).click()
    expect(page.locator(DIALOG)).to_have_count(0)


def press(place: Any, button: str) -> None:
    place.get_by_role("button", name=button, exact=True).click()


def test_an_invalid_complaint_is_declined_politely(windows: Any, make_ticket: Any) -> None:
    number = make_ticket("窗户三年后变形，要求免费换新")
    agent = open_page(windows, "xiaoli", number)
    press(section(agent, "validity"), "提出意见")
    agent.locator(DIALOG).get_by_label("投诉是否有效").click()
    agent.get_by_role("option", name="无效").click()
    fill(agent, 依据和理由="已过保修期，依据合同第八条")
    confirm(agent, "提出意见")
    expect(section(agent, "validity")).to_contain_text("建议认定为无效")

    leader = open_page(windows, "zhuguan", number)
    press(section(leader, "validity"), "作出认定")
    fill(leader, 依据和理由="同意")
    confirm(leader, "作出认定")
    expect(section(leader, "validity")).to_contain_text("认定为无效")

    agent.reload()
    press(section(agent, "feedback"), "向客户反馈")
    agent.locator(DIALOG).get_by_role("button", name="婉拒话术 1").click()
    text = agent.locator(DIALOG).get_by_label("采取的措施和处理结果")
    expect(text).to_have_value(re.compile("【请填写："))
    fill(agent, 采取的措施和处理结果="急什么，等着吧")
    press(agent.locator(DIALOG), "向客户反馈")
    expect(agent.locator(".k-dialog-problem")).to_contain_text("急什么")


def test_a_repeated_complaint_is_found_merged_and_taken_apart_again(
    windows: Any, make_ticket: Any
) -> None:
    phone = {"has_consent": True, "phone": "13900139000"}
    number, again = make_ticket(**phone), make_ticket("厨房还在漏水", **phone)
    page = open_page(windows, "xiaoli", number)
    press(section(page, "similar"), "查找")
    card = page.locator(f"[data-similar='{again}']")
    expect(card).to_contain_text("同一客户、同一楼栋、同一分类")
    press(card, "并入本单")
    expect(section(page, "relations")).to_contain_text(again)
    other = open_page(windows, "xiaoli", again)
    expect(section(other, "head")).to_contain_text("本单已并入工单")
    expect(section(other, "work")).to_have_count(0)
    press(section(other, "relations"), "撤销合并")
    expect(section(other, "work")).to_be_visible()


def test_one_update_reaches_everybody_in_a_group(
    windows: Any, make_ticket: Any, running_kefu: Any
) -> None:
    number, neighbour = make_ticket("整栋楼停水"), make_ticket("我家也停水了")
    page = open_page(windows, "xiaoli", number)
    press(section(page, "similar"), "查找")
    press(page.locator(f"[data-similar='{neighbour}']"), "归为同类")
    page.locator(DIALOG).get_by_label("同类工单组的名称").fill("停水")
    confirm(page, "归为同类")
    expect(section(page, "group")).to_contain_text(neighbour)
    press(section(page, "group"), "统一告知")
    fill(page, 告知内容="我们保证今天一定修好")
    press(page.locator(DIALOG), "统一告知")
    expect(page.locator(".k-dialog-problem")).to_contain_text("请先修改有问题的用语")
    fill(page, 告知内容="停水原因是主管道破裂，抢修人员已到现场，预计今天18点前恢复供水。")
    confirm(page, "统一告知")
    expect(page.locator("[data-entry=group_told]")).to_contain_text("主管道破裂")
    with running_kefu.database.reading() as session:
        kinds = [entry.kind for entry in find_ticket(session, neighbour).entries]
    assert "group_told" in kinds


def test_notes_pressing_and_the_clock(windows: Any, make_ticket: Any) -> None:
    page = open_page(windows, "zhuguan", make_ticket())
    work = section(page, "work")
    press(work, "内部备注")
    page.locator(DIALOG).get_by_label("备注").fill("<b>请优先</b>")
    confirm(page, "内部备注")
    expect(page.locator("[data-entry=noted]")).to_contain_text("<b>请优先</b>")
    press(work, "督办")
    confirm(page, "督办")
    expect(section(page, "head")).to_contain_text("督办 1 次")
    press(work, "暂停计时")
    press(page.locator(DIALOG), "暂停计时")
    expect(page.locator(DIALOG)).to_contain_text("请填写")
    fill(page, 暂停的原因="等待配件到货")
    confirm(page, "暂停计时")
    expect(section(page, "deadline")).to_contain_text("计时暂停中")
    press(work, "恢复计时")
    expect(section(page, "deadline")).not_to_contain_text("计时暂停中")


def test_two_matters_of_one_ticket_are_split(windows: Any, make_ticket: Any) -> None:
    whole = make_ticket("漏水，还有保安态度不好")
    page = open_page(windows, "xiaoli", whole)
    press(section(page, "relations"), "拆分")
    fill(page, 拆分出来的事项="保安态度不好")
    confirm(page, "拆分")
    row = section(page, "relations").locator("li")
    expect(row).to_contain_text("拆分")
    row.get_by_role("link").click()
    page.wait_for_url(lambda url: not url.endswith(whole))
    page.wait_for_function("() => window.did_handshake")
    expect(section(page, "facts")).to_contain_text("保安态度不好")
    press(section(page, "relations"), "撤销拆分")
    expect(section(page, "head")).to_contain_text("本单已并入工单")


@pytest.fixture
def transferred(make_ticket: Any, running_kefu: Any) -> tuple[str, int]:
    """A new ticket that was just passed on to the engineering department, and the transfer's id."""
    number = make_ticket()
    with running_kefu.database.transaction() as session:
        ticket = find_ticket(session, number)
        agent = staff_called(session, "xiaoli")
        sent = transfers.create(
            session,
            agent,
            ticket,
            department="engineering",
            matter="上门检查",
            required_by=utc_now() + timedelta(days=1),
            first_responsible=agent,
        )
        return number, sent.id


def test_a_colleague_was_faster(windows: Any, transferred: Any, running_kefu: Any) -> None:
    number, transfer_id = transferred
    first, second = (windows.staff("gongcheng", "/desk/transfers") for _ in range(2))
    for page in (first, second):
        # What waits to be accepted is shown first.
        expect(page.get_by_role("tab", name="待接收")).to_have_attribute("aria-selected", "true")
        page.locator("tbody tr", has_text=number).click()
        accept = page.locator(".k-qa-detail").get_by_role("button", name="接收", exact=True)
        expect(accept).to_be_visible()
    with running_kefu.database.transaction() as session:
        transfers.accept(session, staff_called(session, "gongcheng"), transfer_id)
    press(second.locator(".k-qa-detail"), "接收")
    expect(second.get_by_text("这张转办单已由工程部老赵接收")).to_be_visible()
    expect(second.locator(".k-qa-detail")).to_contain_text("办理中")


HOLD = """() => {
    const {socket} = window, held = [];
    const show = socket.listeners("update");
    socket.off("update");
    socket.on("update", (news) => held.push(news));
    window.showHeld = () => {
        socket.off("update");
        for (const one of show) socket.on("update", one);
        for (const news of held) for (const one of show) one(news);
    };
}"""
"""Keeps what the desk draws from being shown until `showHeld` is called, like a slow network."""


def test_a_press_on_a_row_that_the_desk_has_just_drawn_anew_is_heard(
    windows: Any, transferred: Any
) -> None:
    number, _transfer_id = transferred
    page = windows.staff("gongcheng", "/desk/transfers")
    row, detail = page.locator("tbody tr", has_text=number), page.locator(".k-qa-detail")
    expect(row).to_be_visible()
    page.evaluate(HOLD)
    for name in ("办理中", "待接收"):
        page.get_by_role("tab", name=name).click()
    # Two round trips later the row that is still shown has gone from the desk twice.
    page.wait_for_timeout(500)
    row.click()
    page.evaluate("() => window.showHeld()")
    expect(row).to_have_attribute("aria-selected", "true")
    expect(detail).to_contain_text("上门检查")


def staff_called(session: Any, login: str) -> Any:
    return session.query(Staff).filter_by(login=login).one()


def test_qa_opens_the_complaint_that_nobody_took_down(windows: Any, running_kefu: Any) -> None:
    now = utc_now()
    with running_kefu.database.transaction() as session:
        talk, _token = conversations.open_conversation(session, now=now - timedelta(hours=2))
        said = "垃圾堆在楼道半个月没人管，我要投诉到12345"
        added = conversations.add_customer_message(
            session, talk.id, client_id="s1", text=said, now=now - timedelta(hours=1)
        )
        # Otherwise the running desk takes it for one that a crash left behind.
        added.message.handled_at = now - timedelta(hours=1)
        found = [
            one for one in suspects.unscreened(session, now=now) if one.conversation_id == talk.id
        ]
        suspects.store(session, suspects.judge(found), now=now)
    page = windows.staff("zhijian", "/desk/suspects")
    entry = page.locator(f"[data-suspect='{talk.id}']")
    expect(entry).to_contain_text("12345")
    entry.click()
    detail = page.locator(".k-qa-detail")
    expect(detail).to_contain_text(said)
    press(detail, "补登投诉")
    expect(detail).to_contain_text("已补登为")
    detail.get_by_role("link").click()
    expect(section(page, "facts")).to_contain_text(said)


@pytest.mark.parametrize(
    ("login", "path", "lands"),
    [
        ("gongcheng", "/desk/suspects", "/desk/transfers"),
        ("zhijian", "/desk/transfers", "/desk/qa"),
    ],
)
def test_other_roles_are_led_to_their_own_page(
    windows: Any, login: str, path: str, lands: str
) -> None:
    page = windows.staff(login, lands)
    page.goto(windows.url + path)
    expect(page).to_have_url(windows.url + lands)
