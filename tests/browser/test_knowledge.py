"""The knowledge pages: a price is corrected, a file imported, an unanswered question becomes an
answer that another person approves and an example that another person approves."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from desk.catalog.models import Home, Order
from desk.catalog.service import find_faq_by_wording
from desk.conversations import service as conversations
from desk.conversations.domain import BotMessage, BotTurn

FILE = (
    "房源编号,楼盘,户型,面积(平方米),总价(元)\n"
    "YQ-0102,云栖雅苑,三室两厅一卫,89,1211500\nWJ-1,望江府,三室两厅,{area},\n"
)
QUESTION = "小区里有没有游泳池"


@pytest.fixture(scope="module")
def asked(running_kefu: Any) -> None:
    """A question that the bot did not understand, with who asked it."""
    with running_kefu.database.transaction() as session:
        called = f"我叫王建国，电话13800138000，{QUESTION}"
        for text in ("楼顶能不能装光伏板", called, f"{QUESTION}呀", QUESTION):
            talk, _token = conversations.open_conversation(session)
            message = conversations.add_customer_message(
                session, talk.id, client_id=uuid.uuid4().hex, text=text
            ).message
            session.flush()
            turn = BotTurn((BotMessage("没有听懂"),), intent="out_of_scope", confidence=0.9)
            conversations.apply_bot_turn(session, talk.id, message.id, turn)


def told(page: Page, text: str) -> None:
    expect(page.locator(".q-notification", has_text=text).first).to_be_visible()


def test_a_price_is_corrected_and_the_second_who_edits_is_told(windows: Any) -> None:
    page = windows.staff("zhuguan", "/desk/knowledge")
    other = windows.staff("zhiban", "/desk/knowledge")
    for one in (page, other):
        one.get_by_label("查找").fill("yqyy 0101")
        expect(one.locator("[data-row]")).to_have_count(1)
        one.locator("[data-row]").click()
    page.get_by_label("总价(元)").fill("很多")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert").filter(has_text="应是数字").first).to_be_visible()
    page.get_by_label("总价(元)").fill("1,030,500")
    page.get_by_role("button", name="保存").click()
    told(page, "已保存")
    expect(page.locator(".k-history")).to_contain_text("主管陈静")
    expect(page.locator(".k-history")).to_contain_text("1020500")

    other.get_by_label("朝向").fill("东南")
    other.get_by_role("button", name="保存").click()
    expect(other.get_by_role("alert").filter(has_text="主管陈静 在")).to_be_visible()
    expect(other.get_by_label("朝向")).to_have_value("东南")
    other.get_by_role("button", name="载入最新内容").click()
    expect(other.get_by_label("总价(元)")).to_have_value("1030500")
    other.get_by_role("button", name="停用").click()
    other.get_by_role("dialog").get_by_role("button", name="停用").click()
    told(other, "已停用")
    expect(other.get_by_text("没有找到")).to_be_visible()
    other.get_by_role("button", name="恢复使用").click()
    told(other, "已恢复")


def test_a_file_is_seen_before_it_is_stored(windows: Any, running_kefu: Any) -> None:
    page = windows.staff("zhuguan", "/desk/knowledge/import")
    expect(page.get_by_text("还没有选择文件")).to_be_visible()

    def put(area: str) -> None:
        content = FILE.format(area=area).encode("gbk")
        file = {"name": "房源.csv", "mimeType": "text/csv", "buffer": content}
        page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]

    put("很大")
    expect(page.get_by_text("有 1 行有错")).to_be_visible()
    expect(page.locator("td", has_text="「面积(平方米)」「很大」应是数字")).to_be_visible()
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    put("101")
    expect(page.locator("tr", has_text="YQ-0102")).to_contain_text("1201500 → 1211500")
    expect(page.locator("tr", has_text="WJ-1")).to_contain_text("新增")
    with running_kefu.database.reading() as session:
        assert session.scalar(select(Home).where(Home.code == "WJ-1")) is None
    page.get_by_role("button", name="确认导入 2 行").click()
    told(page, "新增 1 行，修改 1 行")
    with running_kefu.database.reading() as session:
        assert session.scalar(select(Home.estate).where(Home.code == "WJ-1")) == "望江府"


def test_orders_are_masked_and_agents_only_read(windows: Any, running_kefu: Any) -> None:
    with running_kefu.database.reading() as session:
        order = session.scalars(select(Order).where(Order.tracking_no.is_not(None))).first()
        number, last4 = order.order_no, order.phone_last4
    page = windows.staff("xiaoli", "/desk/knowledge/orders")
    expect(page.get_by_role("link", name="没答上来的")).to_have_count(0)
    expect(page.get_by_role("button", name="新建")).to_have_count(0)
    page.get_by_label("查找").fill(number)
    expect(page.get_by_text("共 1 条")).to_be_visible()
    page.locator("[data-row]", has_text=number).click()
    field = page.get_by_label("手机后四位")
    expect(field).to_have_value("****")
    expect(field).to_be_disabled()
    expect(page.get_by_role("button", name="保存")).to_have_count(0)
    page.get_by_role("button", name="查看客户资料").click()
    page.get_by_label("原因").fill("客户来电核对")
    page.get_by_role("dialog").get_by_role("button", name="查看客户资料").click()
    expect(field).to_have_value(last4)


def test_what_was_not_answered_becomes_an_answer_and_an_example(
    windows: Any, running_kefu: Any, asked: None, take_picture: Any
) -> None:
    page = windows.staff("zhuguan", "/desk/knowledge/unanswered")
    page.locator(".k-entry", has_text=QUESTION).first.click()
    expect(page.locator("li", has_text="我叫〔姓名〕，电话〔电话〕")).to_be_visible()
    assert "王建国" not in page.content() and "13800138000" not in page.content()
    take_picture(page, "unanswered")
    page.get_by_role("button", name="做成问答").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("答复").fill("没有，急什么，自己不会看。")
    expect(dialog.get_by_text("用语检查：")).to_be_visible()
    dialog.get_by_role("button", name="提交审批").click()
    expect(dialog.get_by_role("alert").filter(has_text="没有通过用语检查").first).to_be_visible()
    dialog.get_by_label("答复").fill("小区目前没有游泳池。")
    expect(dialog.get_by_text("用语检查通过")).to_be_visible()
    dialog.get_by_role("button", name="提交审批").click()
    told(page, "已提交审批")
    # The list is drawn anew: a click before that would go to the old one.
    expect(page.locator(".k-entry", has_text=QUESTION)).to_have_count(0)

    page.locator(".k-entry", has_text="光伏板").click()
    page.get_by_role("button", name="做成训练例句").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("应该听成").click()
    page.get_by_role("option", name="周边配套").click()
    dialog.get_by_label("例句，每行一句").fill("小区附近有没有游泳馆呢")
    dialog.get_by_role("button", name="提交审批").click()
    told(page, "已提交 1 句")
    page.goto(f"{windows.url}/desk/knowledge/faq")
    page.locator(".k-entry", has_text=QUESTION).click()
    expect(page.get_by_text("您提交的，等另一位负责人审批")).to_be_visible()
    expect(page.get_by_role("button", name="通过并生效")).to_have_count(0)

    other = windows.staff("zhiban", "/desk/knowledge/faq")
    other.locator(".k-entry", has_text=QUESTION).click()
    with running_kefu.database.reading() as session:
        assert find_faq_by_wording(session, QUESTION) is None
    other.get_by_role("button", name="通过并生效").click()
    told(other, "已生效")
    with running_kefu.database.reading() as session:
        assert find_faq_by_wording(session, QUESTION).answer == "小区目前没有游泳池。"
    other.goto(f"{windows.url}/desk/knowledge/examples")
    row = other.locator("tr", has_text="小区附近有没有游泳馆呢")
    row.get_by_role("button", name="通过").click()
    told(other, "已通过")
    other.get_by_role("tab", name="已通过").click()
    expect(row).to_contain_text("周敏")
    with other.expect_download() as download:
        other.get_by_role("button", name="下载文件").click()
    assert "- 小区附近有没有游泳馆呢" in download.value.path().read_text("utf-8")
