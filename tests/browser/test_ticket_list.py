"""The ticket list and the intake form in the browser."""

import re

import pytest
from playwright.sync_api import expect

from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket


@pytest.fixture
def opened(running_kefu):
    def make(description, **values):
        values.setdefault("kind", "repair")
        with running_kefu.database.transaction() as session:
            return open_ticket(session, NewTicket(description=description, **values)).number

    return make


def line(page, number):
    return page.locator(f"tr[data-number='{number}']")


def search(page, text):
    page.get_by_label("搜索工单").fill(text)
    page.get_by_label("搜索工单").press("Enter")


def test_search_filter_and_come_back_by_the_address(windows, opened):
    leak, lift = opened("客厅天花板漏水", building="29栋"), opened("29栋电梯异响", kind="complaint")
    page = windows.staff("zhuguan", "/desk/tickets")
    search(page, "29栋 漏水")
    expect(line(page, leak)).to_be_visible()
    expect(line(page, lift)).to_have_count(0)
    expect(page).to_have_url(re.compile("text="))
    page.reload()
    expect(page.get_by_label("搜索工单")).to_have_value("29栋 漏水")
    expect(line(page, leak)).to_be_visible()
    search(page, "绝无此事")
    expect(page.get_by_text("没有符合条件的工单")).to_be_visible()
    page.get_by_role("button", name="清除筛选").click()
    expect(page.locator("tr[data-number]").first).to_be_visible()


def test_a_phone_number_stays_out_of_the_address(windows, opened):
    number = opened("水管爆了", has_consent=True, phone="13800138123")
    page = windows.staff("zhuguan", "/desk/tickets")
    search(page, "138 0013 8123")
    expect(page.locator("tr[data-number]")).to_have_count(1)
    expect(line(page, number)).to_be_visible()
    assert "8123" not in page.url


def test_many_are_changed_at_once_and_each_is_reported(windows, opened):
    numbers = [opened("28栋路灯不亮") for _ in range(3)]
    page = windows.staff("zhuguan", "/desk/tickets")
    search(page, "28栋路灯")
    for number in numbers:
        line(page, number).get_by_role("checkbox").check()
    bar = page.get_by_role("toolbar")
    expect(bar).to_contain_text("已选 3 张")
    bar.get_by_role("button", name="改状态").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已处理 3 张工单。")).to_be_visible()
    expect(line(page, numbers[0])).to_contain_text("处理中")
    expect(bar).to_be_hidden()
    page.get_by_label("选择本页全部工单").check()
    bar.get_by_role("button", name="合并").click()
    page.get_by_role("button", name="确定").click()
    expect(line(page, numbers[1])).to_have_count(0)
    expect(line(page, numbers[0])).to_be_visible()


def test_the_list_is_used_by_keys(windows, opened):
    first, second = opened("27栋门禁失灵"), opened("27栋门禁又失灵")
    page = windows.staff("zhuguan", "/desk/tickets")
    expect(page.locator("body")).to_have_attribute("data-keys", "ready")
    page.locator("body").press("/")
    expect(page.get_by_label("搜索工单")).to_be_focused()
    page.keyboard.type("27栋门禁")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-number]")).to_have_count(2)
    page.locator("tr[data-number]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.get_by_role("toolbar")).to_contain_text("已选 1 张")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/desk/tickets/({first}|{second})$"))


def test_a_view_is_saved_shared_and_deleted(windows, opened):
    number = opened("26栋水压低")
    boss = windows.staff("zhuguan", "/desk/tickets")
    search(boss, "26栋水压")
    expect(line(boss, number)).to_be_visible()
    boss.get_by_role("button", name="保存为视图").click()
    boss.get_by_label("视图名称").fill("水压问题")
    boss.get_by_text("共享给所有同事").click()
    boss.locator(".k-dialog").get_by_role("button", name="保存为视图").click()
    expect(boss.get_by_role("button", name="水压问题", exact=True)).to_be_visible()
    agent = windows.staff("xiaoli", "/desk/tickets")
    agent.get_by_role("button", name="水压问题", exact=True).click()
    expect(line(agent, number)).to_be_visible()
    expect(agent.locator("tr[data-number]")).to_have_count(1)
    boss.get_by_role("button", name="删除视图“水压问题”").click()
    boss.locator(".k-dialog").get_by_role("button", name="删除视图“水压问题”").click()
    expect(boss.get_by_text("已删除视图“水压问题”。")).to_be_visible()


def test_a_department_sees_its_own_tickets_only(windows, opened):
    own = opened("25栋管道异响", department="engineering")
    other = opened("25栋账单异响", department="finance")
    page = windows.staff("gongcheng", "/desk/tickets")
    page.get_by_role("button", name="全部", exact=True).click()
    search(page, "25栋")
    expect(line(page, own)).to_be_visible()
    expect(line(page, other)).to_have_count(0)
    expect(page.get_by_role("button", name="登记工单")).to_have_count(0)


def test_a_caller_is_taken_down(windows, opened, take_picture):
    known = opened("上次的漏水", has_consent=True, phone="13800138456")
    page = windows.staff("xiaoli", "/desk/tickets")
    page.get_by_role("button", name="登记工单").click()
    page.wait_for_url(re.compile("/desk/intake$"))
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("请写明事情经过。").first).to_be_visible()
    page.get_by_label("事情经过").fill("地下车库消防通道被杂物堵住")
    page.get_by_label("楼栋").fill("25")
    page.get_by_label("楼层或公共部位").fill("负1楼车库")
    page.get_by_text("客户同意留存").click()
    page.get_by_label("电话").first.fill("13800138456")
    expect(page.get_by_role("link", name=known)).to_be_visible()
    take_picture(page, "intake")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text(re.compile(r"已登记，单号 T\d{6}-\d{4}-\d"))).to_be_visible()
    page.get_by_role("button", name="回到工单列表").click()
    search(page, "消防通道")
    row = page.locator("tr[data-number]").first
    expect(row).to_contain_text("25栋负1楼车库")
    expect(row).to_contain_text("来电")
    expect(row).to_contain_text("小李")
