"""Drafts in an open page: what is saved when, and what another window's sending does to them."""

from contextlib import contextmanager
from time import monotonic

import pytest

from desk.console import drafting
from desk.console.drafting import Drafts
from desk.conversations.drafts import Begun
from desk.conversations.models import Message
from desk.errors import NotLoggedIn


class Page:
    """Stands in for an open page: keeps what would be written."""

    def __init__(self):
        self.client = self
        self.written = []
        self.is_over = False

    def on_delete(self, work):
        self.at_the_end = work

    @contextmanager
    def errors_shown(self):
        yield

    async def write(self, work):
        if self.is_over:
            raise NotLoggedIn("errors.not_logged_in")
        self.written.append(work)


@pytest.fixture
def page(monkeypatch):
    # The tests save themselves; nothing waits for a clock.
    monkeypatch.setattr(drafting.background_tasks, "create", _never)
    return Page()


def _never(work):
    work.close()
    return


@pytest.fixture
def kept():
    return []


@pytest.fixture
def drafts(page, kept):
    return Drafts(page, lambda *values: kept.append(values))


def typed(drafts, text, conversation="a"):
    drafts.of(conversation).text = text
    drafts.changed(conversation)


async def test_what_was_typed_is_saved_once(drafts, page, kept):
    typed(drafts, "您好")
    await drafts.save()
    await drafts.save()
    assert len(page.written) == 1
    assert kept == [("a", "您好")]


async def test_after_a_login_that_ended_it_is_tried_again(drafts, page, kept):
    typed(drafts, "您好")
    page.is_over = True
    with pytest.raises(NotLoggedIn):
        await drafts.save()
    await page.at_the_end()
    assert kept == []
    page.is_over = False
    await drafts.save()
    assert kept == [("a", "您好")]


async def test_what_is_read_while_a_draft_is_written_is_older(drafts, page):
    typed(drafts, "新的")
    began = monotonic()
    write = page.write

    async def slow(work):
        drafts.take("a", None, read_at=began)
        await write(work)

    page.write = slow
    await drafts.save()
    drafts.take("a", None, read_at=began)
    assert drafts.of("a").text == "新的"
    await drafts.save()
    assert len(page.written) == 1, "nothing empty is written over it"


async def test_what_this_page_has_not_saved_is_newer_than_the_database(drafts):
    typed(drafts, "新的")
    drafts.take("a", Begun("c1", "旧的"), read_at=monotonic())
    assert drafts.of("a").text == "新的"
    await drafts.save()
    drafts.take("a", Begun("c1", "别处写的"), read_at=monotonic())
    assert drafts.of("a").text == "别处写的"
    drafts.take("a", None, read_at=monotonic())
    assert drafts.of("a").text == ""


def test_what_was_typed_while_sending_stays(drafts):
    typed(drafts, "第一句。第二句")
    first = drafts.of("a").client_id
    assert drafts.sent("a", "第一句。") == "第二句"
    assert drafts.of("a").text == "第二句"
    assert drafts.of("a").client_id != first
    assert drafts.sent("a", "第二句") == ""
    assert drafts.of("a").text == ""


def test_another_window_sent_the_same_draft(drafts):
    typed(drafts, "您好 ")
    sent = Message(client_id=drafts.of("a").client_id, text="您好")
    assert drafts.heard("a", [Message(client_id="x", text="在吗")]) is False
    assert drafts.heard("a", [sent]) is True
    assert drafts.of("a").text == ""


def test_another_window_sent_an_earlier_state_of_the_draft(drafts):
    typed(drafts, "您好，请稍等")
    before = drafts.of("a").client_id
    assert drafts.heard("a", [Message(client_id=before, text="您好")]) is False
    assert drafts.of("a").text == "您好，请稍等"
    assert drafts.of("a").client_id != before
