"""An agent's day by keyboard; colleagues side by side; and what must not get lost."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import delete

from desk.accounts.models import StaffSession
from desk.conversations import service
from desk.demo import DEMO_PASSWORD

WithAgent = Callable[[Any], Page]
REPLY = "回复内容"


def test_a_day_by_keyboard(windows: Any, customer: Any, take_picture: Any) -> None:
    agent = windows.staff("xiaoli")
    customer.say("转人工，我家窗户漏水")
    expect(agent.locator(".k-entry", has_text="我家窗户漏水").first).to_be_visible()
    keys, reply = agent.keyboard, agent.get_by_label(REPLY)

    keys.press("?")
    expect(agent.get_by_role("dialog")).to_contain_text("接入下一位客户")
    take_picture(agent, "shortcuts")
    keys.press("Escape")
    expect(agent.get_by_role("dialog")).to_have_count(0)

    while "我家窗户漏水" not in agent.locator(".k-log").inner_text():
        keys.press("Alt+n")
        expect(agent.get_by_text("等待接入")).to_have_count(0)
        expect(reply).to_be_focused()

    keys.press("/")
    palette = agent.locator(".k-palette")
    palette.get_by_label("搜索话术").press_sequentially("daoqian")
    expect(palette.locator("[aria-selected=true]")).to_contain_text(re.compile("致歉|道歉|抱歉"))
    take_picture(agent, "scripts")
    keys.press("Enter")
    expect(reply).to_have_value(re.compile("."))
    expect(reply).to_be_focused()
    while "【请填写" in reply.input_value():
        before = reply.input_value()
        keys.press("Tab")
        keys.type("明天上午十点")
        expect(reply).not_to_have_value(before)
    sent = reply.input_value()
    keys.press("Control+Enter")
    expect(customer.row(sent[:12]).first).to_be_visible()
    expect(reply).to_have_value("")

    keys.type("您好，我不管。")
    expect(agent.locator(".k-mirror .k-block").first).to_have_text("我不管")
    keys.press("Alt+Enter")
    expect(reply).not_to_have_value(re.compile("我不管"))
    expect(agent.locator(".k-mirror .k-block")).to_have_count(0)
    reply.fill("")

    customer.say("门窗的保修期是多久")
    second = agent.locator("[data-script]").nth(1)
    expect(agent.get_by_text("针对「门窗的保修期是多久」")).to_be_visible()
    text = second.locator(".k-card-text").inner_text()
    keys.press("Alt+2")
    expect(reply).to_have_value(text)
    reply.fill("")

    keys.press("Alt+m")
    note = agent.get_by_role("dialog").get_by_label("内部备注")
    note.press_sequentially("@xw")
    agent.get_by_role("button", name="小王（客服专员）").click()
    expect(note).to_have_value("@小王 ")
    note.press_sequentially("请看一下")
    keys.press("Control+Enter")
    expect(agent.locator(".k-row.note")).to_contain_text("@小王 请看一下")

    keys.press("Alt+w")
    agent.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    expect(customer.status).to_contain_text("已结束")


def test_two_agents_see_each_other(customer: Any, windows: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    chief = windows.staff("zhuguan")
    chief.goto(f"{windows.url}/desk?conversation={customer.conversation_id}")
    expect(chief.get_by_text("小李 也在查看这个会话。只有 小李 可以回复客户。")).to_be_visible()
    expect(chief.get_by_label(REPLY)).to_be_hidden()
    expect(agent.locator(".k-colleagues")).to_contain_text("也在查看这个会话。只有您可以回复客户。")
    agent.get_by_label(REPLY).press_sequentially("您好")
    expect(chief.locator(".k-colleagues")).to_contain_text("小李 正在输入")
    chief.close()
    expect(agent.locator(".k-colleagues")).to_be_hidden()


def test_a_colleague_takes_over_with_a_note(
    customer: Any, windows: Any, with_agent: WithAgent
) -> None:
    agent = with_agent(customer)
    colleague = windows.staff("xiaowang")
    agent.keyboard.press("Alt+t")
    dialog = agent.get_by_role("dialog")
    dialog.get_by_label("搜索同事或小组，支持拼音").fill("xw")
    dialog.locator(".k-choice", has_text="小王").click()
    dialog.get_by_label("给接手同事的备注").fill("客户很急，先回电")
    dialog.get_by_role("button", name="转交", exact=True).click()
    expect(customer.status).to_contain_text("小王")
    entry = colleague.locator(f'[data-conversation="{customer.conversation_id}"]').first
    entry.click()
    expect(colleague.locator(".k-row.note").last).to_contain_text("转交说明：客户很急，先回电")
    expect(colleague.get_by_label(REPLY)).to_be_visible()


def test_a_draft_is_there_after_a_reload_and_on_another_device(
    customer: Any, windows: Any, with_agent: WithAgent
) -> None:
    agent = with_agent(customer)
    agent.get_by_label(REPLY).press_sequentially("您好，我正在核")
    agent.goto(f"{windows.url}/desk?conversation={customer.conversation_id}")
    expect(agent.get_by_label(REPLY)).to_have_value("您好，我正在核")
    entry = agent.locator(f'.k-entry[data-conversation="{customer.conversation_id}"]').first
    expect(entry).to_contain_text("草稿")
    # The page that was left is no window any more.
    expect(agent.get_by_text("您在另一个窗口也打开了这个会话")).to_be_hidden()
    other = windows.staff("xiaoli")
    other.goto(f"{windows.url}/desk?conversation={customer.conversation_id}")
    expect(other.get_by_label(REPLY)).to_have_value("您好，我正在核")
    expect(other.get_by_text("您在另一个窗口也打开了这个会话")).to_be_visible()


def test_a_login_that_ends_keeps_what_was_typed(
    customer: Any, windows: Any, running_kefu: Any, with_agent: WithAgent
) -> None:
    agent = with_agent(customer)
    reply = agent.get_by_label(REPLY)
    reply.fill("您好，已经安排师傅，十分钟后到。")
    with running_kefu.database.transaction() as session:
        session.execute(delete(StaffSession).where(StaffSession.staff.has(login="xiaoli")))
    windows.states.pop("xiaoli")
    # The next thing the page does for its agent finds the login over.
    customer.say("在吗")
    agent.wait_for_url("**/desk/login**")
    agent.get_by_label("登录名").fill("xiaoli")
    agent.get_by_label("密码").fill(DEMO_PASSWORD)
    agent.get_by_role("button", name="登录").click()
    agent.wait_for_url(f"**/desk?conversation={customer.conversation_id}")
    expect(agent.get_by_label(REPLY)).to_have_value("您好，已经安排师傅，十分钟后到。")


def test_a_second_click_and_a_long_paste(customer: Any, with_agent: WithAgent) -> None:
    agent = with_agent(customer)
    reply = agent.get_by_label(REPLY)
    reply.fill("长" * 5000)
    reply.press("Control+Enter")
    expect(agent.get_by_text("回复太长了，最多 4000 个字")).to_be_visible()
    expect(reply).to_have_value("长" * 5000)
    reply.fill("只发一次。")
    agent.get_by_role("button", name="发送", exact=True).dblclick()
    expect(customer.row("只发一次。")).to_have_count(1)
    expect(reply).to_have_value("")
    expect(agent.locator(".k-row.agent", has_text="只发一次。")).to_have_count(1)


def test_a_long_talk_comes_in_pieces(
    customer: Any, running_kefu: Any, with_agent: WithAgent
) -> None:
    agent = with_agent(customer)
    with running_kefu.database.transaction() as session:
        for number in range(300):
            service.add_customer_message(
                session, customer.conversation_id, client_id=f"n{number}", text=f"第{number}句"
            )
    agent.reload()
    agent.wait_for_function("() => window.did_handshake")
    agent.locator(f'[data-conversation="{customer.conversation_id}"]').first.click()
    expect(agent.locator(".k-row", has_text="第299句")).to_be_visible()
    expect(agent.locator(".k-row")).to_have_count(50)
    agent.keyboard.press("Alt+u")
    agent.locator(".k-scroll").evaluate("place => place.scrollTo(0, -place.scrollHeight)")
    expect(agent.locator(".k-row")).to_have_count(150)
    expect(agent.locator(".k-row").first).to_contain_text("第1")


def test_nothing_typed_is_lost_when_the_desk_goes_away(
    customer: Any, running_kefu: Any, with_agent: WithAgent
) -> None:
    agent = with_agent(customer)
    reply = agent.get_by_label(REPLY)
    reply.press_sequentially("第一半，")
    expect(
        agent.locator(f'.k-entry[data-conversation="{customer.conversation_id}"]').first
    ).to_contain_text("草稿")
    running_kefu.stop()
    reply.press_sequentially("第二半")
    running_kefu.start()
    agent.goto(f"{agent.url.split('?')[0]}?conversation={customer.conversation_id}")
    expect(agent.get_by_label(REPLY)).to_have_value("第一半，第二半")
