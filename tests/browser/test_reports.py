"""The page of reports in Chromium."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from desk.clock import to_local
from tests.desk.reports.support import make_year

DAYS = 120
LABEL = re.compile(r"([\d,]+)，查看明细$")


@pytest.fixture(scope="module")
def with_tickets(running_kefu):
    """Tickets of the last four months, opened before any other of this run."""
    begin = datetime.now(UTC) - timedelta(days=DAYS)
    make_year(running_kefu.database, 400, begins_at=begin, days=DAYS - 10, first_id=500_000)
    return running_kefu


def last_month():
    first = to_local(datetime.now(UTC)).date().replace(day=1)
    return (first - timedelta(days=1)).replace(day=1)


def open_reports(windows, login="zhuguan", period="month"):
    path = f"/desk/reports?period={period}&date={last_month().isoformat()}"
    page = windows.staff(login, path)
    if "period=" not in page.url:
        page.goto(windows.url + path)
    expect(page.locator(".k-reports")).to_be_visible()
    return page


def test_a_number_opens_as_many_tickets_as_it_says(windows, with_tickets):
    page = open_reports(windows)
    link = page.locator("[data-figure=opened] a")
    count = int(link.inner_text().replace(",", ""))
    assert count > 0
    link.click()
    page.wait_for_url(re.compile(r"/desk/tickets\?opened_from="))
    expect(page.get_by_text(re.compile(rf"\b{count}\b")).first).to_be_visible()


def test_a_number_of_events_opens_its_own_list(windows, with_tickets):
    page = open_reports(windows)
    link = page.locator("[data-figure=escalated] a")
    count = link.inner_text()
    link.click()
    page.wait_for_url(re.compile(r"/desk/reports/rows\?list=escalations"))
    expect(page.get_by_text(f"共 {count} 条")).to_be_visible()
    page.locator(".k-rows-table a.k-number").first.click()
    page.wait_for_url(re.compile(r"/desk/tickets/T"))


def test_charts_are_drawn_and_a_bar_opens_its_rows(windows, with_tickets):
    page = open_reports(windows)
    chart = page.locator("[data-chart=category] svg")
    expect(chart).to_be_visible()
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    chart.click(position={"x": box["width"] * 0.3, "y": 18})
    page.wait_for_url(re.compile(r"/desk/tickets\?.*category="))


def test_another_period_is_a_link_away(windows, with_tickets):
    page = open_reports(windows)
    title = page.locator(".k-reports-span")
    month = last_month()
    expect(title).to_have_text(f"{month.year}年{month.month}月")
    page.get_by_label("上一期").click()
    before = (month - timedelta(days=1)).replace(day=1)
    expect(title).to_have_text(f"{before.year}年{before.month}月")
    page.get_by_role("link", name="季", exact=True).click()
    expect(title).to_have_text(re.compile("第[1-4]季度"))


def test_files_are_downloaded(windows, with_tickets):
    page = open_reports(windows)
    for name, ending in (("导出 Excel", "xlsx"), ("导出 PDF", "pdf")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.endswith(f".{ending}")


def test_a_period_without_anything_says_so(windows, with_tickets):
    page = windows.staff("zhuguan", "/desk/reports?period=year&date=2020-01-01")
    if "period=year" not in page.url:
        page.goto(windows.url + "/desk/reports?period=year&date=2020-01-01")
    expect(page.get_by_text("这段时间没有任何记录")).to_be_visible()


def test_a_cause_gets_a_plan_and_its_owner_settles_it(windows, with_tickets):
    page = open_reports(windows)
    row = page.locator("[data-grid=cause] tbody tr").first
    cause = row.locator("th").inner_text()
    row.get_by_role("button", name="安排整改").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("整改措施").fill("检查并更换老化部件")
    dialog.get_by_label("责任人").click()
    page.get_by_role("option", name="主管陈静").click()
    dialog.get_by_role("button", name="新增整改").click()
    plan = page.locator("[data-plan]", has_text="检查并更换老化部件")
    expect(plan).to_contain_text(cause)
    expect(plan).to_contain_text("整改中")
    plan.get_by_role("button", name="完成").click()
    dialog.get_by_label("整改结果").fill("全部更换完毕")
    dialog.get_by_role("button", name="完成").click()
    expect(plan).to_contain_text("已完成")
    expect(plan).to_contain_text("全部更换完毕")


def test_a_department_sees_its_own_figures_only(windows, with_tickets):
    page = open_reports(windows, "gongcheng")
    expect(page.locator("[data-grid=department] tbody tr")).to_have_count(1)
    expect(page.locator("[data-grid=department] tbody th")).to_have_text("工程部")
    expect(page.get_by_text("智能客服回复")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_page_fits_the_window(windows, with_tickets, width, take_picture):
    page = open_reports(windows)
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator("[data-chart=volume] svg")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inner = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('.k-reports'))"
    assert page.evaluate(inner) <= 0
    if width == 1440:
        take_picture(page, "reports")


def test_an_agent_is_sent_elsewhere(windows, with_tickets):
    page = windows.staff("xiaoli", "/desk/reports")
    assert "/desk/reports" not in page.url
