"""Conversations that read like complaints and led to no ticket."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from desk.clock import utc_now
from desk.conversations.models import Message
from desk.errors import Conflict, Forbidden, NotFound
from desk.reviews import suspects
from desk.reviews.models import Suspect
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket

COMPLAINT = ("厨房漏水报修三次都没人管", "再不处理我要投诉到12345")
QUESTION = ("请问这套房多少钱", "周六可以看房吗")


@pytest.fixture
def desk(make):
    """The job and QA's list on one database, half an hour after the last message."""
    return Desk(make)


class Desk:
    def __init__(self, make):
        self.make = make
        self.qa = make.staff("qa")
        self.now = utc_now() + timedelta(minutes=31)

    def run(self, function, *args, **values):
        with self.make.database.transaction() as session:
            return function(session, *args, **values)

    def screen(self, limit=50):
        found = self.run(suspects.unscreened, now=self.now, limit=limit)
        return self.run(suspects.store, suspects.judge(found), now=self.now)

    def listed(self, **values):
        return self.run(suspects.list_suspects, self.qa, **values).rows

    def ticket(self, conversation, kind):
        new = NewTicket(kind=kind, description="漏水", conversation_id=conversation.id)
        return self.run(open_ticket, new)


def test_a_complaint_without_a_ticket_is_listed_with_score_and_words(desk):
    hidden = desk.make.conversation(*COMPLAINT)
    desk.make.conversation(*QUESTION)
    assert desk.screen() == 1
    (suspect,) = desk.listed()
    assert suspect.conversation_id == hidden.id
    assert suspect.score >= 0.8
    assert {"12345", "没人管"} & set(suspect.words)


def test_nothing_is_judged_twice_until_the_customer_writes_again(desk):
    conversation = desk.make.conversation(*COMPLAINT)
    assert desk.screen() == 1
    assert desk.run(suspects.unscreened, now=desk.now) == []
    desk.make.says(conversation, "你们太过分了")
    (again,) = desk.run(suspects.unscreened, now=desk.now)
    assert [said.text for said in again.messages] == ["你们太过分了"]


def test_two_processes_list_a_conversation_once(desk):
    desk.make.conversation(*COMPLAINT)
    found = desk.run(suspects.unscreened, now=desk.now)
    judged = suspects.judge(found)
    assert desk.run(suspects.store, judged, now=desk.now) == 1
    assert desk.run(suspects.store, judged, now=desk.now) == 0


def test_a_talk_that_goes_on_is_left_alone(desk):
    desk.make.conversation(*COMPLAINT)
    assert desk.run(suspects.unscreened, now=utc_now()) == []


def test_the_job_takes_a_bounded_number(desk):
    for _ in range(3):
        desk.make.conversation(*COMPLAINT)
    assert desk.screen(limit=2) == 2
    assert desk.screen(limit=2) == 1


@pytest.mark.parametrize(("kind", "is_listed"), [("complaint", False), ("inquiry", True)])
def test_an_inquiry_does_not_hide_a_complaint(desk, kind, is_listed):
    desk.ticket(desk.make.conversation(*COMPLAINT), kind)
    assert desk.screen() == int(is_listed)


def test_a_ticket_opened_later_takes_it_off_the_list(desk):
    conversation = desk.make.conversation(*COMPLAINT)
    desk.screen()
    desk.ticket(conversation, "complaint")
    assert desk.listed() == []


def test_the_intent_that_the_bot_recorded_counts(desk):
    conversation = desk.make.conversation("服务费不明不白")
    desk.run(lambda session: session.execute(update(Message).values(intent="file_complaint")))
    assert desk.screen() == 1
    assert desk.listed()[0].conversation_id == conversation.id


def test_qa_opens_the_ticket_that_nobody_did(desk):
    conversation = desk.make.conversation(*COMPLAINT)
    desk.screen()
    ticket = desk.run(suspects.open_from_suspect, desk.qa, conversation.id)
    assert (ticket.kind, ticket.conversation_id) == ("complaint", conversation.id)
    assert ticket.description == "\n".join(COMPLAINT)
    assert desk.listed() == []
    (done,) = desk.listed(decision="complaint")
    assert (done.ticket_id, done.decided_by_id) == (ticket.id, desk.qa.id)
    with pytest.raises(Conflict):
        desk.run(suspects.dismiss, desk.qa, conversation.id)


def test_what_is_no_complaint_comes_back_only_with_new_words(desk):
    conversation = desk.make.conversation(*COMPLAINT)
    desk.screen()
    desk.run(suspects.dismiss, desk.qa, conversation.id)
    assert desk.listed() == []
    desk.make.says(conversation, "好的，谢谢")
    assert desk.screen() == 0
    desk.make.says(conversation, "骗子，我要投诉你们不作为")
    assert desk.screen() == 1
    assert desk.listed()[0].conversation_id == conversation.id


def test_later_courtesy_does_not_excuse_an_open_suspicion(desk):
    conversation = desk.make.conversation(*COMPLAINT)
    desk.screen()
    before = desk.listed()[0].score
    desk.make.says(conversation, "算了，投诉也没用")
    desk.screen()
    assert desk.listed()[0].score >= before


def test_only_qa_and_leaders_see_the_list(desk):
    conversation = desk.make.conversation(*COMPLAINT)
    desk.screen()
    agent = desk.make.staff()
    for work in (suspects.dismiss, suspects.open_from_suspect, suspects.find_suspect):
        with pytest.raises(Forbidden):
            desk.run(work, agent, conversation.id)
    with pytest.raises(Forbidden):
        desk.run(suspects.list_suspects, agent)
    with pytest.raises(NotFound):
        desk.run(suspects.dismiss, desk.qa, "0" * 32)
    assert desk.run(lambda session: session.get(Suspect, conversation.id)).decision == "open"
