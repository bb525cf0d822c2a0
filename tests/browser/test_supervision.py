"""A supervisor's day: sees the queue, looks on, whispers, steps in; three browsers at once."""

import pytest
from playwright.sync_api import expect


def test_a_supervisor_watches_whispers_and_steps_in(customer, with_agent, windows, take_picture):
    board = windows.staff("zhuguan", "/desk/live")
    agent = with_agent(customer)
    row = board.locator(f'[data-part=talks] [data-conversation="{customer.conversation_id}"]')
    expect(row).to_contain_text("小李")
    row.click()
    watch = board.get_by_label("旁观会话")
    expect(watch.get_by_role("log")).to_contain_text("转人工")

    customer.say("我家的灯修了三次还没好")
    expect(watch.get_by_role("log")).to_contain_text("修了三次")
    expect(row).to_contain_text("我家的灯修了三次还没好")

    watch.get_by_role("button", name="悄悄话").click()
    board.get_by_label("内容").fill("先道歉，再约明天上午上门")
    take_picture(board, "live-board")
    board.get_by_role("button", name="发送").click()
    expect(agent.get_by_role("log")).to_contain_text("先道歉，再约明天上午上门")
    expect(watch.get_by_role("log")).to_contain_text("先道歉")
    expect(customer.log).not_to_contain_text("先道歉")

    watch.get_by_role("button", name="接管").click()
    board.get_by_role("dialog").get_by_role("button", name="接管").click()
    expect(customer.log).to_contain_text("主管陈静已接手")
    expect(agent.get_by_label("回复内容")).to_be_hidden()
    expect(board.get_by_label("回复内容")).to_be_visible()


@pytest.mark.usefixtures("no_open_talks")
def test_an_offer_comes_to_whoever_is_available(customer, windows):
    agent = windows.staff("xiaowang", "/desk/tickets")
    agent.set_viewport_size({"width": 1024, "height": 768})
    agent.get_by_role("button", name="我的状态").click()
    agent.get_by_text("在线，接待客户").click()
    other = windows.staff("xiaoli", "/desk/tickets")
    other.get_by_role("button", name="我的状态").click()
    other.get_by_text("离开：会议").click()
    expect(other.get_by_role("button", name="我的状态：离开（会议）")).to_be_visible()

    customer.say("转人工，空调滴水")
    offer = agent.locator(".k-offer", has_text="空调滴水")
    expect(offer).to_contain_text("剩")
    # It lies over nothing: the page above ends where it begins.
    page_end, top = agent.locator("main.k-tickets").bounding_box(), offer.bounding_box()
    assert page_end["y"] + page_end["height"] <= top["y"] and top["y"] + top["height"] <= 768
    assert top["width"] == 1024
    offer.get_by_role("button", name="接入").click()
    expect(agent.get_by_label("回复内容")).to_be_visible()
    expect(customer.log).to_contain_text("小王已接入")

    other.get_by_role("button", name="我的状态").click()
    other.get_by_text("在线，接待客户").click()
    expect(other.get_by_role("button", name="我的状态：在线")).to_be_visible()
