"""The whole way, customer and agent side by side, QA after: issue 2 in one play."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WAITS

COMPLAINT = (
    "我要投诉，卫生间楼上漏水，天花板都鼓包了，报修三次没人来，再不处理我就找律师、打12345曝光"
)
BLOCKED = "急什么，没看到我在忙着吗"
WARNED = "保证三天内一定修好。"
REASON = "工程部已书面确认三天内完工"
# What the bot may ask while it takes the complaint down, and what the customer answers.
ANSWERS = (
    (r"单号", None),
    (r"同意|授权", "同意"),
    (r"(确认|核对|无误|是否正确|对吗)", "对的，确认"),
    (r"(称呼|姓名|贵姓)", "我叫王丽"),
    (r"(电话|手机|联系方式)", "13800138000"),
    (r"(房号|几栋|楼栋|哪个小区|地址|位置)", "云栖雅苑3栋2单元1201"),
    (r"(什么时候|时间|哪天)", "昨天晚上八点"),
    (r"(希望|诉求|怎么处理|想要)", "尽快上门维修并赔偿损失"),
    (r"(经过|具体|发生|情况)", "楼上漏水把我家卫生间天花板泡坏了"),
)
TICKET = re.compile(r"T\d{6}-\d{4}-\d")


@pytest.mark.usefixtures("no_open_talks")
def test_from_question_to_review(windows: Any, tmp_path: Path, take_picture: Any) -> None:
    customer = windows.customer(width=420)
    agent = windows.staff("xiaoli")

    customer.say("三室的户型有哪些？总价多少？")
    expect(customer.log.locator(".row.bot").nth(1)).to_be_visible()
    expect(customer.place.locator("#typing")).to_be_hidden()

    number = _complain(customer)
    # A major matter goes to people by itself.
    expect(customer.status).to_contain_text(WAITS)

    entry = agent.locator(".k-entry", has_text="访客").first
    expect(entry).to_contain_text("紧急")
    entry.click()
    expect(agent.get_by_role("log")).to_contain_text(COMPLAINT)
    expect(agent.get_by_role("log")).to_contain_text("三室的户型有哪些")
    _see_ticket(agent, number)
    agent.get_by_role("button", name="接入会话").click()
    expect(customer.status).to_contain_text("小李")

    customer.say("你们到底什么时候来修？")
    expect(agent.get_by_role("log")).to_contain_text("你们到底什么时候来修？")
    _try_taboo_words(agent, customer)
    take_picture(agent, "workbench")
    _use_suggestion(agent, customer)
    _promise_with_a_reason(agent, customer)
    # From the hand-over on the bot has been silent.
    last_bot = customer.log.locator(".row.bot").last
    expect(last_bot).not_to_contain_text("什么时候来修")

    take_picture(customer.page, "customer")
    qa = windows.staff("zhijian", "/desk/qa")
    _review(qa, tmp_path)
    take_picture(qa, "qa")


def _complain(customer: Any) -> str:
    """Complain, answer what the bot asks, and return the ticket's number."""
    rows = customer.log.locator(".row.bot, .row.system")
    saying = COMPLAINT
    for _ in range(14):
        answered = rows.count()
        customer.say(saying)
        expect(rows.nth(answered)).to_be_visible()
        expect(customer.place.locator("#typing")).to_be_hidden()
        found = TICKET.search(customer.log.inner_text())
        if found:
            return found[0]
        saying = _answer(customer.log.locator(".row.bot").last.locator(".bubble").inner_text())
    raise AssertionError("no ticket after 14 answers")


def _answer(question: str) -> str:
    asked = question.splitlines()[-1]
    for text in (asked, question):
        for pattern, answer in ANSWERS:
            if answer and re.search(pattern, text):
                return answer
    return "是的"


def _see_ticket(agent: Page, number: str) -> None:
    ticket = agent.locator(f'[data-ticket="{number}"]')
    expect(ticket).to_contain_text("投诉")
    expect(ticket).to_contain_text("重大")
    expect(ticket).to_contain_text(re.compile(r"最迟 \d+月\d+日"))
    ticket.get_by_text("时限怎么算的").click()
    expect(ticket.locator("li").first).to_be_visible()
    ticket.get_by_text("工单内容").click()
    expect(ticket).to_contain_text("138****8000")
    expect(ticket).not_to_contain_text("13800138000")


def _try_taboo_words(agent: Page, customer: Any) -> None:
    reply = agent.get_by_label("回复内容")
    reply.press_sequentially(BLOCKED)
    findings = agent.get_by_role("region", name="用语检查")
    expect(agent.locator(".k-mirror .k-block").first).to_be_visible()
    expect(findings).to_contain_text("依据：")
    expect(findings.get_by_role("button", name="采用").first).to_be_visible()
    expect(agent.get_by_role("button", name="请先修改标红用语")).to_be_disabled()
    # The button is only a courtesy: the shortcut reaches the backend, which refuses.
    reply.press("Control+Enter")
    expect(agent.get_by_text("没有发出")).to_be_visible()
    expect(customer.row("急什么")).to_have_count(0)


def _use_suggestion(agent: Page, customer: Any) -> None:
    expect(agent.get_by_text("针对「你们到底什么时候来修？」")).to_be_visible()
    cards = agent.locator("[data-script]")
    expect(cards.nth(2)).to_be_visible()
    reply = agent.get_by_label("回复内容")
    reply.fill("")
    cards.first.get_by_role("button", name="采用").click()
    expect(reply).not_to_have_value("")
    text = re.sub(r"【请填写：[^】]*】", "明天上午", reply.input_value())
    reply.fill(text)
    agent.get_by_role("button", name="发送", exact=True).click()
    expect(customer.log.locator(".row.agent .bubble").last).to_have_text(text.strip())
    expect(reply).to_have_value("")


def _promise_with_a_reason(agent: Page, customer: Any) -> None:
    reply = agent.get_by_label("回复内容")
    reply.fill(WARNED)
    expect(agent.locator(".k-mirror .k-warn").first).to_be_visible()
    agent.get_by_role("button", name="发送", exact=True).click()
    dialog = agent.get_by_role("dialog")
    dialog.get_by_label("理由").fill(REASON)
    dialog.get_by_role("button", name="仍要发送").click()
    expect(customer.row(WARNED)).to_be_visible()


def _review(qa: Page, folder: Path) -> None:
    sent = qa.locator("tbody tr", has_text=REASON).first
    blocked = qa.locator("tbody tr", has_text=BLOCKED).first
    expect(blocked).to_contain_text("已拦截")
    expect(sent).to_contain_text("已发出")
    sent.click()
    expect(qa.locator(".k-qa-detail")).to_contain_text("你们到底什么时候来修？")
    expect(qa.locator(".k-qa-detail .is-marked")).to_contain_text(WARNED)
    qa.get_by_role("button", name="需辅导").click()
    expect(qa.get_by_text("请写明需要辅导的内容")).to_be_visible()
    qa.get_by_label("备注").fill("承诺时限前先说明依据")
    qa.get_by_role("button", name="需辅导").click()
    expect(qa.locator("tbody tr", has_text=REASON).first).to_contain_text("需辅导")
    blocked.click()
    expect(qa.locator(".k-qa-detail .k-verdict-text")).to_contain_text(BLOCKED)
    qa.get_by_role("button", name="确认违规").click()
    expect(qa.locator("tbody tr", has_text=BLOCKED).first).to_contain_text("确认违规")

    qa.get_by_label("结论").click()
    qa.get_by_role("option", name="需辅导").click()
    expect(qa.locator("tbody tr", has_text=BLOCKED)).to_have_count(0)
    with qa.expect_download() as download:
        qa.get_by_role("button", name="导出 XLSX").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".xlsx"
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert any(REASON in row and WARNED in row for row in rows)
    assert not any(BLOCKED in row for row in rows)
