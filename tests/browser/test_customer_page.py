"""The customer's page: nothing typed is lost, nothing is doubled, everything is text."""

import re
import signal
from typing import Any

from playwright.sync_api import Route, WebSocketRoute, expect


def test_greets_and_answers_with_quick_replies(customer: Any) -> None:
    expect(customer.log.locator(".row.bot").first).to_contain_text("请问有什么可以帮您")
    customer.say("你好")
    customer.place.get_by_role("button", name="看房与价格").click()
    expect(customer.row("看房与价格").last).to_contain_text("您选择了：看房与价格")
    expect(customer.place.get_by_role("button", name="看房与价格")).to_have_count(0)


def test_message_is_marked_as_sent(customer: Any) -> None:
    customer.say("三室的户型有哪些")
    row = customer.log.locator(".row.customer")
    expect(row.locator(".state")).to_have_text("已送达")
    expect(customer.log).to_contain_text("收到：三室的户型有哪些")
    expect(customer.input).to_have_value("")


def test_reload_brings_the_conversation_back_once(customer: Any) -> None:
    customer.say("第一句")
    expect(customer.log).to_contain_text("收到：第一句")
    customer.page.reload()
    expect(customer.log.locator(".row.customer", has_text="第一句")).to_have_count(1)
    expect(customer.log.locator(".row", has_text="收到：第一句")).to_have_count(1)


def test_unsent_words_survive_a_reload(customer: Any) -> None:
    customer.input.fill("还没写完")
    customer.page.reload()
    expect(customer.input).to_have_value("还没写完")


def test_message_typed_while_the_desk_is_away_arrives_once(windows: Any, running_kefu: Any) -> None:
    customer = windows.customer()
    customer.say("断线之前")
    expect(customer.log).to_contain_text("收到：断线之前")
    running_kefu.stop(signal.SIGKILL)
    customer.say("断线期间写的")
    expect(customer.log.locator(".row.pending", has_text="断线期间写的")).to_have_count(1)
    expect(customer.place.get_by_text("自动重连")).to_be_visible()
    expect(customer.place.get_by_role("button", name="立即重连")).to_be_visible()
    running_kefu.start()
    # As the browser does when the network is back: no wait for the next try.
    customer.page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(customer.row("断线期间写的").first.locator(".state")).to_have_text("已送达")
    expect(customer.log).to_contain_text("收到：断线期间写的")
    expect(customer.log.locator(".row.customer", has_text="断线期间写的")).to_have_count(1)
    expect(customer.log.locator(".row", has_text="收到：断线之前")).to_have_count(1)


def test_lost_acknowledgement_does_not_double_a_message(windows: Any) -> None:
    page = windows.open()
    lost: list[str] = []

    def tamper(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def to_page(frame: str | bytes) -> None:
            # The first acknowledgement and all after it get lost with the connection.
            if not lost and '"ack"' in str(frame):
                lost.append(str(frame))
                socket.close(code=1011)
            elif not lost or socket is not first[0]:
                socket.send(frame)

        first.append(socket)
        server.on_message(to_page)

    first: list[WebSocketRoute] = []
    page.route_web_socket(re.compile("/ws/chat"), tamper)
    page.goto(windows.url)
    expect(page.get_by_role("log")).to_contain_text("请问有什么可以帮您")
    page.get_by_label("请输入您的问题").fill("只要一次")
    page.keyboard.press("Enter")
    own = page.locator(".row.customer", has_text="只要一次")
    expect(own.locator(".state")).to_have_text("已送达")
    expect(page.locator(".row.bot", has_text="收到：只要一次")).to_have_count(1)
    expect(own).to_have_count(1)
    assert lost
    page.reload()
    expect(own).to_have_count(1)


def test_html_is_shown_and_not_run(customer: Any) -> None:
    hostile = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
    customer.say(hostile)
    expect(customer.log.locator(".row.bot").last).to_contain_text(f"收到：{hostile}")
    expect(customer.log.locator(".row.customer .bubble")).to_have_text(hostile)
    assert customer.log.locator("img, script, a").count() == 0
    assert customer.page.title() != "ran"


def test_forged_unsent_messages_are_shown_as_text(customer: Any) -> None:
    customer.page.evaluate(
        """() => localStorage.setItem("kefu.outbox", JSON.stringify(
            [{client_id: "forged-1", text: "<b>粗</b>", payload: null, at: "2027-01-01T00:00:00Z"},
             {nonsense: true}, null]))"""
    )
    customer.page.reload()
    expect(customer.log.locator(".row.customer .bubble")).to_have_text("<b>粗</b>")


def test_enter_breaks_no_composition_and_shift_enter_breaks_the_line(customer: Any) -> None:
    customer.input.press_sequentially("你好")
    customer.input.dispatch_event("compositionstart")
    customer.input.press("Enter")
    expect(customer.input).to_have_value(re.compile("你好"))
    expect(customer.log.locator(".row.customer")).to_have_count(0)
    customer.input.dispatch_event("compositionend")
    customer.input.fill("第一行")
    customer.input.press("Shift+Enter")
    customer.input.press_sequentially("第二行")
    customer.input.press("Enter")
    expect(customer.log.locator(".row.customer .bubble")).to_have_text("第一行\n第二行")


def test_too_long_text_is_counted_and_kept(customer: Any) -> None:
    customer.input.fill("好" * 3990)
    expect(customer.place.get_by_text("还可输入 10 字")).to_be_visible()
    customer.input.fill("😀" * 4001)
    expect(customer.place.get_by_text("已超出 1 字")).to_be_visible()
    expect(customer.send_button).to_be_disabled()
    customer.input.press("Enter")
    expect(customer.log.locator(".row.customer")).to_have_count(0)


def test_refused_message_says_why_and_can_be_thrown_away(customer: Any) -> None:
    customer.say("\u200b\u200b")
    failed = customer.log.locator(".row.failed")
    expect(failed).to_contain_text("消息是空的")
    failed.get_by_role("button", name="删除").click()
    expect(failed).to_have_count(0)
    customer.page.reload()
    expect(customer.log).to_contain_text("请问有什么可以帮您")
    expect(failed).to_have_count(0)


def test_two_tabs_show_the_same_conversation(customer: Any) -> None:
    second = customer.page.context.new_page()
    second.goto(customer.page.url)
    expect(second.get_by_role("log")).to_contain_text("请问有什么可以帮您")
    customer.say("在第一个标签页里说")
    expect(second.locator(".row.customer", has_text="在第一个标签页里说")).to_have_count(1)
    expect(second.locator(".row.bot", has_text="收到：在第一个标签页里说")).to_have_count(1)


def test_fits_a_small_phone(windows: Any) -> None:
    customer = windows.customer(width=360, height=640)
    customer.say("很长的话" * 60 + "a" * 200)
    expect(customer.log).to_contain_text("收到：很长的话")
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert customer.page.evaluate(overflow) == 0
    for element in (customer.input, customer.place.get_by_role("button", name="转人工")):
        area = element.bounding_box()
        assert area is not None and area["x"] >= 0 and area["x"] + area["width"] <= 360
    note = customer.place.get_by_role("button", name="个人信息如何使用").bounding_box()
    assert note is not None and note["y"] + note["height"] <= 640


def test_works_with_the_keyboard_alone(customer: Any) -> None:
    customer.say("你好")
    expect(customer.place.get_by_role("button", name="看房与价格")).to_be_visible()
    customer.page.keyboard.press("Tab")
    focused = "() => document.activeElement.id || document.activeElement.textContent"
    names = []
    for _ in range(20):
        names.append(customer.page.evaluate(focused))
        customer.page.keyboard.press("Tab")
    assert {"privacy", "human", "input", "看房与价格"} <= set(names)


def test_unknown_token_begins_a_new_conversation_with_what_was_unsent(customer: Any) -> None:
    customer.page.evaluate(
        """() => {
            localStorage.setItem("kefu.token", JSON.stringify("unknown-token"));
            localStorage.setItem("kefu.outbox", JSON.stringify(
                [{client_id: "kept-1", text: "还没送到的话", payload: null, at: new Date()}]));
        }"""
    )
    customer.page.reload()
    expect(customer.log).to_contain_text("收到：还没送到的话")


def test_page_says_so_when_its_texts_do_not_load(windows: Any) -> None:
    page = windows.open()
    page.route("**/chat/texts.json*", lambda route: _fail(route))
    page.goto(windows.url)
    expect(page.get_by_text("页面没有加载完整")).to_be_visible()


def _fail(route: Route) -> None:
    route.abort()
