"""The customer's side of a survey: stars in the chat, a comment, an apology, news on the return."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from desk.accounts.models import Staff
from desk.feedback.service import give_feedback
from desk.feedback.surveys import newest_survey
from desk.tickets.models import Ticket
from desk.tickets.service import find_ticket

TICKET = re.compile(r"T\d{6}-\d{4}-\d")


@pytest.fixture
def complain(windows: Any) -> Callable[[], tuple[Any, str]]:
    """A customer who complained, and the ticket's number."""

    def begin() -> tuple[Any, str]:
        customer = windows.customer(width=420)
        customer.say("我要投诉，窗户一直漏水")
        expect(customer.log).to_contain_text(TICKET)
        found = TICKET.search(customer.log.inner_text())
        assert found
        return customer, found[0]

    return begin


@pytest.fixture
def answer(running_kefu: Any) -> Callable[[str, str], None]:
    """Have an agent tell the customer the result."""

    def tell(number: str, text: str) -> None:
        with running_kefu.database.transaction() as session:
            agent = session.query(Staff).filter_by(login="xiaoli").one()
            give_feedback(session, agent, find_ticket(session, number), text)

    return tell


def ticket(kefu: Any, number: str) -> Ticket:
    with kefu.database.reading() as session:
        return find_ticket(session, number)


def stars(page: Page) -> Any:
    return page.get_by_role("group", name="请为处理结果打分")


def test_one_tap_and_a_few_words(
    complain: Any, answer: Any, running_kefu: Any, take_picture: Any
) -> None:
    customer, number = complain()
    answer(number, "已更换密封条，现场试水正常。")
    expect(customer.row("已更换密封条")).to_be_visible()
    survey = stars(customer.page)
    expect(survey.get_by_role("button")).to_have_count(5)
    survey.get_by_role("button", name="4 星，满意").hover()
    take_picture(customer.page, "survey")
    survey.get_by_role("button", name="5 星，非常满意").click()
    expect(customer.row("谢谢您的评价")).to_be_visible()
    expect(survey).to_have_count(0)
    expect(customer.log.locator(".row.customer").last).to_contain_text("非常满意")

    customer.place.get_by_role("button", name="写几句意见").click()
    field = customer.place.get_by_label("写几句意见")
    expect(field).to_be_focused()
    customer.place.get_by_role("button", name="提交意见").click()
    expect(field).to_be_focused()
    field.fill("师傅很准时，<b>谢谢</b>")
    take_picture(customer.page, "survey-comment")
    customer.place.get_by_role("button", name="提交意见").click()
    expect(customer.row("您的意见已经记下")).to_be_visible()
    found = ticket(running_kefu, number)
    with running_kefu.database.reading() as session:
        survey_kept = newest_survey(session, found.id)
    assert (found.state, found.score) == ("closed", 5)
    assert survey_kept and survey_kept.comment == "师傅很准时，<b>谢谢</b>"
    customer.page.reload()
    expect(customer.row("您的意见已经记下")).to_be_visible()
    expect(stars(customer.page)).to_have_count(0)


def test_stars_by_keyboard_with_an_apology(
    complain: Any, answer: Any, running_kefu: Any, take_picture: Any
) -> None:
    customer, number = complain()
    answer(number, "已上门查看。")
    first = stars(customer.page).get_by_role("button").first
    expect(first).to_have_accessible_name("1 星，很不满意")
    first.focus()
    customer.page.keyboard.press("Enter")
    row = customer.row("没有让您满意")
    expect(row).to_contain_text("升级")
    expect(row).to_contain_text(number)
    take_picture(customer.page, "survey-sorry")
    found = ticket(running_kefu, number)
    assert (found.state, found.reopened) == ("in_progress", 1)
    assert found.level >= 1


def test_the_stars_stay_while_the_talk_goes_on(complain: Any, answer: Any) -> None:
    customer, number = complain()
    answer(number, "已更换密封条。")
    expect(stars(customer.page)).to_be_visible()
    customer.say("请问还需要我做什么吗")
    expect(customer.log.locator(".row.customer").last).to_contain_text("还需要我做什么")
    expect(stars(customer.page)).to_be_visible()
    stars(customer.page).get_by_role("button", name="3 星，一般").click()
    expect(customer.row("谢谢您的评价")).to_be_visible()


def test_news_wait_for_the_customers_return(
    complain: Any, answer: Any, windows: Any, take_picture: Any
) -> None:
    customer, number = complain()
    state = customer.page.context.storage_state()
    customer.page.context.close()
    windows.contexts.remove(customer.page.context)
    answer(number, "已更换密封条，现场试水正常。")
    page = windows.open(width=420, storage_state=state)
    page.goto(windows.url)
    log = page.get_by_role("log")
    expect(log).to_contain_text("已更换密封条")
    expect(log).to_contain_text("我要投诉，窗户一直漏水")
    expect(stars(page)).to_be_visible()
    take_picture(page, "survey-return")


def test_no_row_is_wider_than_the_page(complain: Any, answer: Any) -> None:
    customer, number = complain()
    customer.page.set_viewport_size({"width": 320, "height": 640})
    answer(number, "已更换密封条，" * 30)
    expect(stars(customer.page)).to_be_visible()
    assert customer.page.evaluate(
        "() => document.documentElement.scrollWidth <= window.innerWidth"
        " && document.getElementById('scroller').scrollWidth"
        " <= document.getElementById('scroller').clientWidth"
    )
