"""A complaint's work from a phone call to the approved result, in Chromium."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from desk.clock import to_local, utc_now
from desk.tickets.domain import NewTicket
from desk.tickets.service import find_ticket, open_ticket

DIALOG = ".k-dialog"
SECTION = "[data-section={}]"


@pytest.fixture
def number(running_kefu: Any) -> str:
    """A caller's complaint, just taken down."""
    new = NewTicket(
        kind="complaint",
        description="厨房漏水，报修三次没人来，再不处理我找媒体曝光",
        wish="尽快上门维修",
        channel="phone",
        category="indoor_repair",
        department="customer_service",
        has_consent=True,
        customer_name="王丽",
        phone="13800138000",
        estate="云栖雅苑",
        building="3栋",
        room="1201",
    )
    with running_kefu.database.transaction() as session:
        return open_ticket(session, new, actor="xiaoli").number


@pytest.fixture
def agent(windows: Any, number: str) -> Page:
    """The agent's window with the ticket."""
    return open_page(windows, "xiaoli", number)


def open_page(windows: Any, login: str, number: str) -> Page:
    page: Page = windows.ticket(login, number)
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    return page


def answer(page: Page, button: str, label: str, text: str) -> None:
    """Press a button, fill in the one field of its dialog, and confirm."""
    page.wait_for_function("() => window.did_handshake")
    page.get_by_role("button", name=button, exact=True).first.click()
    page.locator(DIALOG).get_by_label(label).fill(text)
    page.locator(DIALOG).get_by_role("button", name=button, exact=True).click()
    expect(page.locator(DIALOG)).to_have_count(0)


def choose(page: Page, label: str, option: str) -> None:
    page.locator(DIALOG).get_by_label(label).click()
    page.get_by_role("option", name=option).click()


def entry(page: Page, kind: str) -> Any:
    return page.locator(f"[data-entry={kind}]")


def test_a_complaint_goes_to_the_department_and_back(
    windows: Any, agent: Page, number: str, take_picture: Any
) -> None:
    agent.get_by_role("button", name="转办部门").click()
    choose(agent, "承办部门", "工程部")
    evening = to_local(utc_now() + timedelta(days=2))
    agent.locator(DIALOG).get_by_label("要求反馈时间").fill(f"{evening:%Y-%m-%dT18:00}")
    agent.locator(DIALOG).get_by_label("转办事项").fill("上门检查厨房漏水")
    agent.locator(DIALOG).get_by_role("button", name="转办部门").click()
    transfers = agent.locator(SECTION.format("transfers"))
    expect(transfers).to_contain_text("待接收")
    expect(agent.locator(SECTION.format("head"))).to_contain_text("处理中")

    handler = windows.staff("gongcheng", "/desk/transfers")
    handler.get_by_role("tab", name="待接收").click()
    handler.locator("tbody tr", has_text=number).click()
    detail = handler.locator(".k-qa-detail")
    expect(detail).not_to_contain_text("13800138000")
    detail.get_by_role("button", name="接收", exact=True).click()
    expect(detail).to_contain_text("办理中")
    take_picture(handler, "transfers")
    answer(handler, "反问", "需要补充什么情况", "请问漏水点在哪一侧？")
    expect(detail).to_contain_text("反问待答")

    agent.reload()
    expect(transfers).to_contain_text("请问漏水点在哪一侧？")
    expect(agent.locator(SECTION.format("deadline"))).to_contain_text("计时暂停中")
    answer(agent, "答复反问", "答复内容", "靠近水槽的一侧")
    expect(agent.locator(SECTION.format("deadline"))).to_contain_text("还剩工作时间")

    handler.get_by_role("tab", name="办理中").click()
    handler.locator("tbody tr", has_text=number).click()
    answer(handler, "提交处理结果", "采取的措施和处理结果", "已更换水槽下的水管，试水无渗漏。")
    expect(detail).to_contain_text("结果待确认")

    agent.reload()
    expect(transfers).to_contain_text("已更换水槽下的水管")
    answer(agent, "确认结果", "意见", "同意")
    expect(transfers).to_contain_text("已办结")
    take_picture(agent, "ticket")
    for kind in ("transferred", "transfer_accepted", "transfer_asked_back", "paused", "resumed"):
        expect(entry(agent, kind)).to_have_count(1)
    expect(entry(agent, "transfer_done")).to_contain_text("工程部")


def test_an_impossible_time_is_refused_in_the_form_that_stays(agent: Page) -> None:
    agent.get_by_role("button", name="转办部门").click()
    choose(agent, "承办部门", "安保部")
    agent.locator(DIALOG).get_by_label("要求反馈时间").fill("2020-01-01T10:00")
    agent.locator(DIALOG).get_by_role("button", name="转办部门").click()
    expect(agent.locator(".k-dialog-problem")).to_contain_text("要求反馈时间必须晚于现在")
    expect(agent.locator(DIALOG).get_by_label("转办事项")).to_have_value(re.compile("厨房漏水"))
    agent.get_by_role("button", name="取消").click()
    expect(agent.locator(SECTION.format("transfers"))).to_contain_text("还没有转给责任部门")


def test_the_customers_data_is_shown_for_a_reason_that_is_kept(
    agent: Page, running_kefu: Any, number: str
) -> None:
    facts = agent.locator(SECTION.format("facts"))
    expect(facts).to_contain_text("138****8000")
    answer(agent, "查看完整资料", "查看的原因", "回访客户")
    expect(facts).to_contain_text("13800138000")
    expect(facts).to_contain_text("1201")
    expect(entry(agent, "revealed")).to_contain_text("回访客户")
    with running_kefu.database.reading() as session:
        assert find_ticket(session, number).entries[-1].kind == "revealed"
    agent.reload()
    expect(facts).to_contain_text("138****8000")


def test_photos_are_added_and_other_files_refused(agent: Page, windows: Any) -> None:
    chooser = agent.get_by_label("添加附件")
    chooser.set_input_files({"name": "a.exe", "mimeType": "application/x", "buffer": b"MZ"})
    expect(agent.get_by_text("只能上传 JPEG、PNG、WebP 照片或 PDF 扫描件。")).to_be_visible()
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "gray").save(out, "PNG")
    chooser.set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": out.getvalue()})
    photo = agent.get_by_role("img", name="现场.png")
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 300
    with agent.expect_download() as download:
        agent.locator("a.k-file").click()
    assert download.value.suggested_filename == "现场.png"


def test_the_transfer_form_is_printed(agent: Page) -> None:
    agent.get_by_role("button", name="转办部门").click()
    choose(agent, "承办部门", "财务部")
    agent.locator(DIALOG).get_by_role("button", name="转办部门").click()
    agent.get_by_role("button", name="打印转办单").click()
    with agent.expect_download() as download:
        agent.locator(DIALOG).get_by_role("button", name="打印转办单").click()
    assert re.fullmatch(r"转办单_T\d{6}-\d{4}-\d-1\.pdf", download.value.suggested_filename)
    assert download.value.path().read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("login", "absent", "present"),
    [
        ("xiaoli", ["督办", "作出认定", "说明原因后结案"], ["转办部门", "提出意见", "向客户反馈"]),
        ("zhuguan", ["提出意见", "说明原因后结案"], ["督办", "作出认定", "协调记录"]),
        ("zhijian", ["转办部门", "补充情况", "查看完整资料", "添加附件", "向客户反馈"], []),
    ],
)
def test_nobody_is_offered_what_the_role_may_not(
    windows: Any, number: str, login: str, absent: list[str], present: list[str]
) -> None:
    page = open_page(windows, login, number)
    for name in present:
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    for name in absent:
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_a_department_does_not_find_a_ticket_of_others(windows: Any, number: str) -> None:
    page = windows.staff("gongcheng", "/desk/transfers")
    page.goto(f"{windows.url}/desk/tickets/{number}")
    expect(page.get_by_text("没有这张工单")).to_be_visible()
    expect(page.get_by_text("厨房漏水")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_page_fits_the_window(windows: Any, number: str, width: int) -> None:
    page = open_page(windows, "zhuguan", number)
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
