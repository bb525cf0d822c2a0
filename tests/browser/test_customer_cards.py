"""Photos, cards, read marks, Traditional, leaving word, coming back: as a customer meets them."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from desk.conversations.models import Conversation, Message

DROP = """(bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "漏水.jpg", { type: "image/jpeg" }));
    document.getElementById("%s").dispatchEvent(%s);
}"""
DROPPED = 'new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true})'
PASTED = 'new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true})'


@pytest.fixture(scope="module")
def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG")
    return out.getvalue()


def chosen(page: Page, content: bytes, name: str = "漏水.jpg", kind: str = "image/jpeg") -> None:
    page.locator("#files").set_input_files({"name": name, "mimeType": kind, "buffer": content})


def shown(page: Page) -> Any:
    """The pictures that have really been loaded."""
    return page.locator("button.photo img[src^='blob:']")


def test_a_photo_is_sent_shown_opened_and_there_after_a_reload(customer: Any, photo: bytes) -> None:
    page = customer.page
    chosen(page, photo)
    expect(customer.log.locator(".row.customer .state")).to_have_text("已送达")
    expect(customer.log).to_contain_text("照片收到了")
    page.reload()
    expect(shown(page)).to_have_count(1)
    page.get_by_role("button", name="我发送的照片").click()
    expect(page.locator("#viewer img[src^='blob:']")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()


@pytest.mark.parametrize(("target", "event"), [("chat", DROPPED), ("input", PASTED)])
def test_photos_can_be_dropped_and_pasted(
    customer: Any, photo: bytes, target: str, event: str
) -> None:
    customer.page.evaluate(DROP % (target, event), list(photo))
    expect(shown(customer.page)).to_have_count(1)


def test_what_is_no_photo_is_said_at_once_and_a_lost_one_goes_out_again(
    customer: Any, photo: bytes
) -> None:
    page = customer.page
    chosen(page, b"hello", "notes.txt", "text/plain")
    expect(page.locator("#banner")).to_contain_text("「notes.txt」不是照片")
    chosen(page, b"no picture at all")
    failed = customer.log.locator(".row.failed")
    expect(failed).to_contain_text("只能上传 JPEG")
    failed.get_by_role("button", name="删除").click()
    expect(failed).to_have_count(0)
    page.route("**/chat/photos", lambda route: route.abort())
    chosen(page, photo)
    expect(failed).to_contain_text("照片还没有发出去")
    page.unroute("**/chat/photos")
    failed.get_by_role("button", name="重试").click()
    expect(customer.log.locator(".row.customer .state")).to_have_text("已送达")
    expect(customer.log.locator(".row.customer")).to_have_count(1)


def test_the_summary_is_a_form_to_change_or_confirm(customer: Any) -> None:
    customer.say("请核对")
    card = customer.log.get_by_role("region", name="请核对登记内容")
    expect(card).to_contain_text("云栖雅苑3栋1201")
    expect(card.get_by_role("button")).to_have_count(3)
    card.get_by_role("button", name="修改位置").click()
    expect(customer.log).to_contain_text("您选择了：修改位置")
    expect(card.get_by_role("button", name="确认提交")).to_have_count(0)
    expect(card.locator(".edit")).to_be_disabled()
    customer.page.reload()
    expect(card).to_contain_text("云栖雅苑3栋1201")
    expect(card.locator(".edit")).to_be_disabled()


def test_a_second_click_sends_nothing_twice(customer: Any) -> None:
    customer.say("征求同意")
    customer.log.get_by_role("button", name="同意登记").dblclick(no_wait_after=True)
    expect(customer.log).to_contain_text("您选择了：同意登记")
    customer.input.fill("只发一次")
    customer.page.evaluate(
        "() => { const b = document.getElementById('send'); b.click(); b.click(); }"
    )
    expect(customer.log).to_contain_text("收到：只发一次")
    expect(customer.log.locator(".row.customer")).to_have_count(3)


def test_progress_and_consent_say_all_there_is(customer: Any) -> None:
    customer.say("查进度")
    card = customer.log.get_by_role("region", name="投诉进度")
    expect(card).to_contain_text(
        re.compile("T261122-0001-0.*处理中.*工程部.*已登记.*已转交责任部门")
    )
    customer.say("征求同意")
    notice = customer.log.get_by_role("region", name="个人信息使用说明")
    expect(notice).to_contain_text("版本 3f2a9c1b7d40")
    notice.get_by_role("button", name="我的数据").click()
    expect(customer.page.get_by_role("dialog", name="我的数据")).to_contain_text("聊天记录")


def test_the_agent_has_read_it(windows: Any, running_kefu: Any) -> None:
    customer = windows.customer()
    customer.say("读一读这句话")
    expect(customer.log).to_contain_text("收到：读一读这句话")
    with running_kefu.database.transaction() as session:
        message = session.query(Message).filter_by(text="读一读这句话").one()
        conversation = session.get_one(Conversation, message.conversation_id)
        assert conversation.customer_read_seq >= 1
        conversation.staff_read_seq = message.seq
    customer.page.reload()
    expect(customer.log.locator(".row.customer .state")).to_have_text("已读")


def test_the_other_script_keeps_conversation_and_draft(windows: Any) -> None:
    page = windows.open()
    page.goto(f"{windows.url}/?lang=zh-Hant")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.get_by_role("log")).to_contain_text("請問有什麼可以幫您")
    page.locator("#input").fill("還沒寫完")
    page.get_by_role("link", name="簡體").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_label("请输入您的问题")).to_have_value("還沒寫完")


def test_word_is_left_and_becomes_a_ticket(customer: Any) -> None:
    page = customer.page
    page.get_by_role("button", name="留言").click()
    sheet = page.get_by_role("dialog", name="给我们留言")
    sheet.get_by_label("您的问题").fill("门禁卡丢了，请回电")
    sheet.get_by_label("手机号码或邮箱").fill("13800138000")
    sheet.get_by_role("button", name="提交留言").click()
    expect(sheet.get_by_role("alert")).to_contain_text("勾选同意")
    sheet.get_by_role("checkbox").check()
    sheet.get_by_role("button", name="提交留言").click()
    expect(customer.log).to_contain_text(re.compile(r"您的留言已经登记，单号 T\d{6}-\d{4}"))
    expect(customer.log.get_by_role("region", name="咨询进度")).to_be_visible()


def test_ones_own_data_is_seen_taken_home_taken_back_and_deleted(customer: Any) -> None:
    page = customer.page
    page.get_by_role("button", name="留言").click()
    word = page.get_by_role("dialog", name="给我们留言")
    word.get_by_label("您的问题").fill("水表读数不对")
    word.get_by_label("手机号码或邮箱").fill("13800138001")
    word.get_by_role("checkbox").check()
    word.get_by_role("button", name="提交留言").click()
    expect(customer.log).to_contain_text("您的留言已经登记")
    page.get_by_role("button", name="我的数据").click()
    sheet = page.get_by_role("dialog", name="我的数据")
    expect(sheet).to_contain_text("登记的联系信息：138****8001")
    expect(sheet).to_contain_text("400-820-0000")
    with page.expect_download() as download:
        sheet.get_by_role("button", name="下载").click()
    kept = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert kept["tickets"][0]["phone"] == "13800138001"
    sheet.get_by_role("button", name="撤回同意").click()
    expect(sheet).to_contain_text("聊天记录不随撤回删除")
    sheet.get_by_role("button", name="返回").click()
    sheet.get_by_role("button", name="撤回同意").click()
    sheet.get_by_role("button", name="撤回同意").click()
    expect(sheet).to_contain_text("已撤回同意")
    sheet.get_by_role("button", name="知道了").click()
    expect(customer.log).to_contain_text("已撤回登记个人信息的同意")
    page.get_by_role("button", name="我的数据").click()
    expect(sheet).to_contain_text("保留到办结")
    expect(sheet.get_by_role("button", name="撤回同意")).to_have_count(0)
    sheet.get_by_role("button", name="删除").click()
    sheet.get_by_role("button", name="删除").click()
    expect(sheet).to_contain_text(re.compile(r"还没办结的 T\d{6}-\d{4}"))


def test_a_talk_that_was_deleted_begins_anew(customer: Any) -> None:
    page = customer.page
    customer.say("这句话不要留着")
    expect(customer.log).to_contain_text("收到：这句话不要留着")
    page.get_by_role("button", name="我的数据").click()
    sheet = page.get_by_role("dialog", name="我的数据")
    expect(sheet).to_contain_text("没有同意过")
    sheet.get_by_role("button", name="删除").click()
    sheet.get_by_role("button", name="删除").click()
    expect(sheet).to_contain_text("已删除")
    sheet.get_by_role("button", name="知道了").click()
    expect(customer.log).not_to_contain_text("这句话不要留着")
    expect(customer.log).to_contain_text("请问有什么可以帮您")


def test_another_device_goes_on_once(customer: Any, windows: Any) -> None:
    customer.say("在第一台设备上")
    expect(customer.log).to_contain_text("收到：在第一台设备上")
    customer.page.get_by_role("button", name="换设备继续").click()
    customer.page.get_by_role("button", name="生成链接").click()
    link = customer.page.get_by_label("您的链接").input_value()
    other = windows.open()
    other.goto(link)
    other.get_by_role("button", name="继续会话").click()
    expect(other.get_by_role("log")).to_contain_text("收到：在第一台设备上")
    assert "back=" not in other.url
    late = windows.open()
    late.goto(link)
    late.get_by_role("button", name="继续会话").click()
    expect(late.get_by_role("dialog", name="这个链接已经失效")).to_contain_text("400-820-0000")
    late.get_by_role("button", name="知道了").click()
    expect(late.get_by_role("log")).to_contain_text("请问有什么可以帮您")


def test_a_paste_too_long_loses_nothing(customer: Any) -> None:
    customer.input.fill("好" * 5000)
    expect(customer.place.get_by_text("已超出 1000 字")).to_be_visible()
    customer.page.reload()
    assert len(customer.input.input_value()) == 5000
    expect(customer.send_button).to_be_disabled()
