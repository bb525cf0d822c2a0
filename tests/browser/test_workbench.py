"""The agent's page: one speaker, live check, suggestions, drafts, roles."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

WithAgent = Callable[[Any], Page]
BLOCKED, WARNED = "我不管，该找谁找谁", "保证三天内一定修好"


def test_queue_shows_who_waits_and_why(customer: Any, windows: Any) -> None:
    agent = windows.staff("xiaoli")
    customer.say("我要投诉，楼道灯坏了一个月")
    entry = agent.locator(".k-entry", has_text="楼道灯坏了一个月")
    expect(entry).to_contain_text("重大投诉")
    expect(entry).to_contain_text("紧急")
    expect(entry).to_contain_text(re.compile(r"等候 ?0\d:\d\d"))


def test_second_agent_comes_too_late(customer: Any, windows: Any) -> None:
    customer.say("转人工，两个人抢")
    pages = [windows.staff("xiaoli"), windows.staff("xiaowang")]
    for page in pages:
        page.locator(".k-entry", has_text="两个人抢").click()
        expect(page.get_by_role("button", name="接入会话")).to_be_visible()
    first, second = pages
    first.get_by_role("button", name="接入会话").click()
    expect(first.get_by_label("回复内容")).to_be_visible()
    expect(second.get_by_text("已由其他同事接待")).to_be_visible()
    expect(second.get_by_text("请从左侧选择一个会话")).to_be_visible()
    expect(second.locator(".k-log .k-row")).to_have_count(0)
    expect(second.locator(".k-entry", has_text="两个人抢")).to_have_count(0)


def test_words_are_marked_while_typing(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    agent.get_by_label("回复内容").press_sequentially(f"您好，{BLOCKED}。")
    expect(agent.locator(".k-mirror .k-block").first).to_have_text("我不管")
    findings = agent.get_by_role("region", name="用语检查")
    expect(findings).to_contain_text("依据：")
    expect(findings).to_contain_text("第16条")
    button = agent.get_by_role("button", name="请先修改标红用语")
    expect(button).to_be_disabled()
    findings.get_by_role("button", name="采用").first.click()
    expect(agent.get_by_label("回复内容")).not_to_have_value(re.compile("我不管"))
    expect(agent.get_by_role("button", name="发送", exact=True)).to_be_enabled()


def test_open_slot_is_not_sent(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    agent.get_by_label("回复内容").fill("您的单号是【请填写：工单号】。")
    agent.get_by_label("回复内容").press("Control+Enter")
    expect(agent.get_by_text("还有没填写的内容")).to_be_visible()
    expect(customer.row("您的单号是")).to_have_count(0)


def test_innocent_use_is_explained(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    agent.get_by_label("回复内容").fill("他不在，我帮您转告。")
    expect(agent.get_by_text("已考虑，放行：「他不在」")).to_be_visible()
    expect(agent.get_by_text("用语没有问题")).to_be_visible()


def test_warning_can_be_taken_back(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    agent.get_by_label("回复内容").fill(WARNED)
    agent.get_by_label("回复内容").press("Control+Enter")
    dialog = agent.get_by_role("dialog")
    expect(dialog).to_contain_text("发送前请确认")
    dialog.get_by_role("button", name="仍要发送").click()
    expect(dialog).to_contain_text("请填写理由")
    dialog.get_by_role("button", name="返回修改").click()
    expect(dialog).to_be_hidden()
    expect(agent.get_by_label("回复内容")).to_have_value(WARNED)
    expect(customer.row(WARNED)).to_have_count(0)


def test_suggestions_fill_the_input(customer: Any, with_agent: WithAgent) -> None:
    customer.say("我家的门窗保修期多久")
    agent = with_agent(customer)
    customer.say("门窗的保修期是多久")
    expect(agent.get_by_text("针对「门窗的保修期是多久」")).to_be_visible()
    cards = agent.locator("[data-script]")
    assert cards.count() >= 3
    expect(cards.first.locator(".k-card-source")).to_contain_text(".yml:")
    expect(cards.first.locator(".k-card-why")).to_contain_text("话题：")
    text = cards.first.locator(".k-card-text").inner_text()
    cards.first.get_by_role("button", name="采用").click()
    expect(agent.get_by_label("回复内容")).to_have_value(text)
    cards.nth(1).get_by_role("button", name="采用").click()
    expect(agent.get_by_label("回复内容")).not_to_have_value(text)


def test_rejected_suggestion_goes_away(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    customer.say("物业费怎么收")
    expect(agent.get_by_text("针对「物业费怎么收」")).to_be_visible()
    card = agent.locator("[data-script]").first
    script = card.get_attribute("data-script")
    card.get_by_role("button", name="不合适").click()
    expect(agent.locator(f'[data-script="{script}"]')).to_have_count(0)


def _select(agent: Page, customer: Any) -> None:
    agent.locator(f'[data-conversation="{customer.conversation_id}"]').click()
    expect(agent.get_by_role("log")).to_contain_text(str(id(customer)))


def test_drafts_stay_with_their_conversations(windows: Any, with_agent: WithAgent) -> None:
    one, other = windows.customer(), windows.customer()
    with_agent(one)
    agent = with_agent(other)
    agent.get_by_label("回复内容").fill("给第二位客户的话")
    _select(agent, one)
    expect(agent.get_by_label("回复内容")).to_have_value("")
    _select(agent, other)
    expect(agent.get_by_label("回复内容")).to_have_value("给第二位客户的话")


def test_unread_messages_of_other_conversations_are_counted(
    windows: Any, with_agent: WithAgent
) -> None:
    one, other = windows.customer(), windows.customer()
    # A window that shows the conversation would have read it.
    with_agent(one).close()
    agent = with_agent(other)
    _select(agent, one)
    _select(agent, other)
    one.say("在吗，第一位客户")
    one.say("请问好了没有")
    entry = agent.locator(".k-entry", has_text="请问好了没有")
    expect(entry.locator(".k-count")).to_have_text("2")
    entry.click()
    expect(entry.locator(".k-count")).to_have_count(0)


def test_customer_and_agent_see_each_other_typing(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    customer.input.press_sequentially("我想")
    expect(agent.get_by_text("客户正在输入")).to_be_visible()
    agent.get_by_label("回复内容").press_sequentially("您好")
    expect(customer.place.get_by_text("小李 正在输入")).to_be_visible()


def test_hand_back_and_close(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    agent.get_by_role("button", name="交还机器人").click()
    agent.get_by_role("dialog").get_by_role("button", name="交还机器人").click()
    expect(customer.status).to_contain_text("智能客服")
    customer.say("现在机器人回答")
    expect(customer.log).to_contain_text("收到：现在机器人回答")
    again = with_agent(customer)
    again.get_by_role("button", name="结束会话").click()
    again.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    expect(customer.status).to_contain_text("已结束")
    customer.say("还有一个问题")
    expect(customer.log).to_contain_text("收到：还有一个问题")


def test_note_is_for_staff_only(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    agent.get_by_role("button", name="备注").click()
    agent.get_by_role("dialog").get_by_label("内部备注").fill("客户很着急，先回电")
    agent.get_by_role("button", name="保存备注").click()
    expect(agent.locator(".k-row.note")).to_contain_text("客户很着急")
    customer.page.reload()
    expect(customer.log).to_contain_text("请问有什么可以帮您")
    expect(customer.log).not_to_contain_text("客户很着急")


def test_html_of_customers_is_text_for_agents(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    hostile = "<img src=x onerror=\"document.title='ran'\"> {{ constructor }} </script>"
    customer.say(hostile)
    expect(agent.locator(".k-row.customer .k-bubble").last).to_have_text(hostile)
    expect(agent.locator(".k-entry").first).to_be_visible()
    agent.get_by_label("回复内容").fill(f"{hostile}{BLOCKED}")
    expect(agent.locator(".k-mirror")).to_contain_text(hostile)
    expect(agent.locator(".k-mirror .k-block").first).to_be_visible()
    assert agent.locator(".k-log img, .k-mirror img, .k-lists img").count() == 0
    assert agent.title().endswith("客服工作台")


def test_everyone_gets_the_page_of_their_role(windows: Any) -> None:
    qa = windows.staff("zhijian", "/desk")
    qa.wait_for_url("**/desk/qa")
    expect(qa.get_by_role("link", name="会话")).to_have_count(0)
    agent = windows.staff("xiaoli", "/desk/qa")
    agent.wait_for_url(re.compile("/desk$"))
    handler = windows.staff("gongcheng")
    handler.wait_for_url("**/desk/transfers")
    expect(handler.get_by_role("link", name="会话")).to_have_count(0)


def test_logging_out_elsewhere_ends_the_page(customer: Any, windows: Any) -> None:
    first = windows.staff("xiaowang")
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_role("button", name="退出登录").click()
    second.wait_for_url("**/desk/login**")
    windows.states.pop("xiaowang")
    customer.say("转人工，登录失效之后")
    first.wait_for_url("**/desk/login**")
