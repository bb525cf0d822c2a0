"""The widget on a foreign site: one line, its own frame, unread messages, deaf to strangers."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests.browser.conftest import WAITS

SITE = "http://shop.example"


@pytest.fixture
def open_site(windows: Any) -> Callable[..., Page]:
    """Open a site of another origin that carries the widget's line."""

    def open_(extra: str = "", *, styles: str = "'none'", **size: int) -> Page:
        page = windows.open(**size)
        line = f'<script src="{windows.url}/widget.js" async></script>'
        html = f"<!doctype html><title>shop</title><h1>别人的网站</h1>{extra}{line}"

        def serve(route: Route) -> None:
            policy = f"style-src {styles}; script-src {windows.url}; frame-src {windows.url}"
            headers = {"Content-Security-Policy": policy}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

        page.route(f"{SITE}/**", serve)
        page.goto(f"{SITE}/index.html")
        return page

    return open_


def _frame(page: Page) -> FrameLocator:
    return page.frame_locator("kefu-chat iframe")


def _open(page: Page) -> FrameLocator:
    page.get_by_role("button", name="在线客服").click()
    frame = _frame(page)
    expect(frame.get_by_role("log")).to_contain_text("请问有什么可以帮您")
    return frame


def test_opens_talks_and_closes(open_site: Callable[..., Page]) -> None:
    page = open_site()
    frame = _open(page)
    frame.get_by_label("请输入您的问题").fill("在别的网站上问")
    frame.get_by_label("请输入您的问题").press("Enter")
    expect(frame.get_by_role("log")).to_contain_text("收到：在别的网站上问")
    frame.get_by_role("button", name="收起聊天窗口").click()
    expect(page.locator("kefu-chat iframe")).to_be_hidden()
    expect(page.get_by_role("button", name="在线客服")).to_be_focused()


def test_escape_closes_it(open_site: Callable[..., Page]) -> None:
    page = open_site()
    frame = _open(page)
    frame.get_by_label("请输入您的问题").press("Escape")
    expect(page.locator("kefu-chat iframe")).to_be_hidden()


def test_goes_on_after_the_site_changes_page(open_site: Callable[..., Page]) -> None:
    page = open_site()
    frame = _open(page)
    frame.get_by_label("请输入您的问题").fill("换页之前")
    frame.get_by_label("请输入您的问题").press("Enter")
    expect(frame.get_by_role("log")).to_contain_text("收到：换页之前")
    page.goto(f"{SITE}/other.html")
    expect(_frame(page).get_by_role("log")).to_contain_text("收到：换页之前")


def test_unread_messages_are_counted_while_closed(
    open_site: Callable[..., Page], windows: Any
) -> None:
    page = open_site()
    frame = _open(page)
    frame.get_by_label("请输入您的问题").fill("转人工，挂件客户")
    frame.get_by_label("请输入您的问题").press("Enter")
    expect(frame.locator("#status")).to_contain_text(WAITS)
    frame.get_by_role("button", name="收起聊天窗口").click()
    agent = windows.staff("xiaowang")
    agent.locator(".k-entry", has_text="挂件客户").click()
    agent.get_by_role("button", name="接入会话").click()
    agent.get_by_label("回复内容").fill("您好，请您稍等，我来为您查询。")
    agent.get_by_label("回复内容").press("Control+Enter")
    launcher = page.get_by_role("button", name="在线客服")
    expect(launcher).to_have_accessible_name("在线客服，2 条新消息")
    launcher.click()
    expect(_frame(page).get_by_role("log")).to_contain_text("我来为您查询")
    frame.get_by_role("button", name="收起聊天窗口").click()
    expect(launcher).to_have_accessible_name("在线客服")


def test_fills_a_phone(open_site: Callable[..., Page]) -> None:
    page = open_site(width=360, height=640)
    _open(page)
    area = page.locator("kefu-chat iframe").bounding_box()
    assert area == {"x": 0, "y": 0, "width": 360, "height": 640}


def test_side_colour_and_the_sites_own_style(open_site: Callable[..., Page]) -> None:
    hostile = """<style>* { display: none !important; font-size: 80px !important; color: red }
        kefu-chat { transform: scale(3) !important; position: static !important }
        html, body, h1 { display: block !important }</style>"""
    element = '<kefu-chat position="left" color="#ffe14d"></kefu-chat>'
    page = open_site(hostile + element, styles="'unsafe-inline'")
    expect(page.locator("kefu-chat")).to_have_count(1)
    launcher = page.get_by_role("button", name="在线客服")
    expect(launcher).to_have_css("background-color", "rgb(255, 225, 77)")
    expect(launcher).to_have_css("color", "rgb(17, 17, 17)")
    expect(launcher).to_have_css("font-size", "16px")
    area = launcher.bounding_box()
    assert area is not None and area["x"] == 24 and area["height"] == 52
    launcher.click()
    head = _frame(page).locator(".head")
    expect(head).to_have_css("background-color", "rgb(255, 225, 77)")


def test_two_on_one_page_share_the_conversation(open_site: Callable[..., Page]) -> None:
    page = open_site("<kefu-chat></kefu-chat><kefu-chat position='left'></kefu-chat>")
    page.get_by_role("button", name="在线客服").first.click()
    first = page.frame_locator("kefu-chat >> nth=0 >> iframe")
    first.get_by_label("请输入您的问题").fill("从第一个说")
    first.get_by_label("请输入您的问题").press("Enter")
    expect(first.get_by_role("log")).to_contain_text("收到：从第一个说")
    first.get_by_role("button", name="收起聊天窗口").click()
    page.get_by_role("button", name="在线客服").nth(1).click()
    second = page.frame_locator("kefu-chat >> nth=1 >> iframe")
    expect(second.get_by_role("log")).to_contain_text("收到：从第一个说")


def test_tab_goes_round_inside_the_open_chat(open_site: Callable[..., Page]) -> None:
    page = open_site("<button>别人的按钮</button>")
    frame = _open(page)
    frame.get_by_label("请输入您的问题").focus()
    seen = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.localName") == "kefu-chat"
        seen.add(frame.locator(":focus").get_attribute("id"))
    assert {"input", "close", "attach", "privacy"} <= seen


def test_messages_of_strangers_change_nothing(open_site: Callable[..., Page]) -> None:
    page = open_site()
    _open(page)
    page.evaluate('() => postMessage({kefu: "frame", kind: "close"}, "*")')
    page.evaluate('() => postMessage({kefu: "frame", kind: "unread", count: 7}, "*")')
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    expect(page.locator("kefu-chat iframe")).to_be_visible()


def test_whole_page_can_not_be_framed(windows: Any) -> None:
    page = windows.open()
    response = page.goto(windows.url)
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    embedded = page.goto(f"{windows.url}/chat/embed")
    assert "frame-ancestors *" in embedded.headers["content-security-policy"]


def test_demo_page_carries_the_widget(windows: Any) -> None:
    page = windows.open()
    page.goto(f"{windows.url}/demo/embed")
    expect(page.locator("pre")).to_contain_text(f'<script src="{windows.url}/widget.js" async>')
    _open(page)
