"""The QA page: pages, filters, empty state, hostile texts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.conversations import service as conversations
from desk.reviews.models import Decision, FlaggedReply

# A noon in China that no other test writes of, younger than what the desk deletes by itself.
OLD = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=40)
ROWS = 25
RULESET = "test"
HOSTILE = "<img src=x onerror=\"document.title='ran'\">{{ 1 + 1 }}=cmd|' /C calc'!A0"


def _row(agent: Staff, conversation_id: str, number: int) -> FlaggedReply:
    text = f"旧记录第{number:02}条，急什么" if number else HOSTILE
    start = len(text) - 3
    flag = {
        "rule": "impatience.hurry",
        "category": "insult" if number == 7 else "impatience",
        "severity": "block",
        "start": start,
        "end": len(text),
        "clause": "物业客服手册 服务忌语第25条",
        "reason": "指责客户着急",
        "better": ["请您不要着急。"],
        "surface": text[start:],
    }
    return FlaggedReply(
        conversation_id=conversation_id,
        after_seq=1,
        agent_id=agent.id,
        text=text,
        flags=[flag],
        categories=f"|{flag['category']}|",
        worst="block",
        ruleset_version=RULESET,
        outcome="blocked",
        created_at=OLD + timedelta(minutes=number),
    )


@pytest.fixture(scope="module")
def old_rows(running_kefu: Any) -> None:
    """Flagged replies of one day long ago."""

    def store(session: Session) -> None:
        agent = session.scalars(select(Staff).where(Staff.login == "xiaowang")).one()
        conversation, _token = conversations.open_conversation(session, now=OLD)
        conversations.add_customer_message(
            session, conversation.id, client_id="old-1", text=HOSTILE, now=OLD
        )
        session.add_all(_row(agent, conversation.id, number) for number in range(ROWS))
        # One of the day before and one of the day after: only both dates together leave them out.
        session.add_all(_row(agent, conversation.id, days * 24 * 60) for days in (-1, 1))

    with running_kefu.database.transaction() as session:
        store(session)


@pytest.fixture
def qa(windows: Any, old_rows: None, running_kefu: Any) -> Page:
    """The QA page with the old day's rows, undecided."""
    with running_kefu.database.transaction() as session:
        undecided = {"decided_by_id": None, "decided_at": None, "decision_note": None}
        session.execute(
            update(FlaggedReply)
            .where(FlaggedReply.ruleset_version == RULESET)
            .values(decision=Decision.OPEN, **undecided)
        )
    page = windows.staff("zhijian", "/desk/qa")
    page.get_by_label("从").fill(f"{OLD:%Y-%m-%d}")
    page.get_by_label("到").fill(f"{OLD:%Y-%m-%d}")
    expect(page.get_by_text(f"共 {ROWS} 条，第 1 / 2 页")).to_be_visible()
    return page


def test_rows_come_in_pages(qa: Page) -> None:
    rows = qa.locator("tbody tr")
    expect(rows).to_have_count(20)
    expect(rows.first).to_contain_text("旧记录第24条")
    expect(qa.get_by_role("button", name="上一页")).to_be_disabled()
    qa.get_by_role("button", name="下一页").click()
    expect(rows).to_have_count(5)
    expect(qa.get_by_role("button", name="下一页")).to_be_disabled()


def test_filters_narrow_and_reset(qa: Page) -> None:
    qa.get_by_label("类别").click()
    qa.get_by_role("option", name="辱骂").click()
    expect(qa.locator("tbody tr")).to_have_count(1)
    expect(qa.locator("tbody tr")).to_contain_text("旧记录第07条")
    qa.get_by_label("客服").click()
    qa.get_by_role("option", name="小李").click()
    expect(qa.get_by_text("没有符合条件的记录")).to_be_visible()
    qa.get_by_role("button", name="清除筛选").click()
    expect(qa.locator("tbody tr")).to_have_count(20)
    expect(qa.get_by_label("从")).to_have_value("")


def test_wrong_date_is_explained(qa: Page) -> None:
    qa.get_by_label("到").fill("昨天")
    expect(qa.get_by_text("日期不正确")).to_be_visible()


def test_hostile_texts_stay_texts(qa: Page) -> None:
    qa.get_by_role("button", name="下一页").click()
    row = qa.locator("tbody tr").last
    expect(row.locator(".k-marked")).to_have_text(HOSTILE)
    row.click()
    expect(qa.locator(".k-verdict-text")).to_have_text(HOSTILE)
    expect(qa.locator(".k-qa-detail .k-row.customer .k-bubble")).to_have_text(HOSTILE)
    assert qa.locator(".k-qa img").count() == 0
    assert qa.title() == "客服工作台"


def test_row_opens_with_the_keyboard(qa: Page) -> None:
    qa.locator("tbody tr").first.focus()
    qa.keyboard.press("Enter")
    expect(qa.locator(".k-verdict-text")).to_contain_text("旧记录第24条")
    expect(qa.locator("tbody tr").first).to_have_attribute("aria-selected", "true")
    expect(qa.locator("tbody tr").first).to_be_focused()


def test_a_day_of_qa_without_the_mouse(qa: Page) -> None:
    """Down the queue by keys: confirm, false alarm, coach with a note; and what the keys are."""
    rows = qa.locator("tbody tr")
    detail = qa.locator(".k-qa-detail")
    # The keys are the page's outside of fields only, and the filter was typed into.
    qa.get_by_label("到").blur()
    qa.keyboard.press("?")
    expect(qa.get_by_role("dialog")).to_contain_text("下一条")
    qa.keyboard.press("Escape")
    expect(qa.get_by_role("dialog")).to_have_count(0)

    qa.keyboard.press("j")
    expect(rows.nth(0)).to_have_attribute("aria-selected", "true")
    qa.keyboard.press("c")
    expect(rows.nth(0)).to_contain_text("确认违规")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    qa.keyboard.press("f")
    expect(rows.nth(1)).to_contain_text("误报")
    expect(rows.nth(2)).to_have_attribute("aria-selected", "true")

    expect(detail.locator(".k-verdict-text")).to_contain_text("旧记录第22条")
    # Coaching asks for a note first, and letters typed there are no keys of the page.
    qa.keyboard.press("o")
    expect(detail.get_by_label("备注（需辅导时请写明要点）")).to_be_focused()
    qa.keyboard.type("cf 先称呼客户")
    qa.keyboard.press("Control+Enter")
    expect(rows.nth(2)).to_contain_text("需辅导")
    expect(rows.nth(3)).to_have_attribute("aria-selected", "true")

    qa.keyboard.press("k")
    expect(detail).to_contain_text("cf 先称呼客户")
    qa.keyboard.press("k")
    expect(detail.get_by_role("button", name="起草例外")).to_be_visible()
    for _ in range(19):
        qa.keyboard.press("j")
    expect(qa.get_by_text(f"共 {ROWS} 条，第 2 / 2 页")).to_be_visible()
    expect(rows.first).to_have_attribute("aria-selected", "true")
