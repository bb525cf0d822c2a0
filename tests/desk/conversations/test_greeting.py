"""The first words of a conversation: who answers, at what time of day, with or without the bot."""

from datetime import datetime

import pytest

from desk.clock import to_local
from desk.company import load_company
from desk.conversations.greeting import daypart, open_greeted
from desk.conversations.models import Sender
from desk.settings import Settings

MONDAY = datetime.fromisoformat("2026-03-02T10:00:00+08:00")


@pytest.fixture
def company():
    return load_company(Settings(_env_file=None).company_file)


def test_company_role_and_time_of_day(database, make, company):
    with database.transaction() as session:
        opened = open_greeted(session, company, source="widget", now=MONDAY)
    (stored,) = make.messages(opened.conversation)
    assert (stored.sender, stored.seq, stored.text) == (Sender.BOT, 1, opened.greeting.text)
    assert stored.text.startswith(daypart(MONDAY))
    assert company.role in stored.text
    assert company.bot_name in stored.text
    assert (opened.conversation.source, opened.conversation.last_seq) == ("widget", 1)


def test_without_the_bot_it_asks_for_a_message(database, company):
    with database.transaction() as session:
        opened = open_greeted(session, company, is_bot_away=True, now=MONDAY)
    assert company.short_name in opened.greeting.text
    assert "直接留言" in opened.greeting.text


def test_in_the_script_of_the_page(database, company):
    with database.transaction() as session:
        opened = open_greeted(session, company, is_traditional=True, now=MONDAY)
    assert "請問" in opened.greeting.text


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "晚上"), (4, "晚上"), (5, "上午"), (11, "中午"), (13, "下午"), (18, "晚上"), (23, "晚上")],
)
def test_parts_of_the_day_on_the_companys_clock(hour, words):
    assert daypart(to_local(MONDAY).replace(hour=hour)) == words
