"""Passing entries on: once, in order, and one that fails holds up nothing."""

import threading
from datetime import timedelta

from desk.outbox.models import Webhook
from desk.outbox.service import publish
from desk.tickets.models import PendingEntry
from desk.tickets.timeline import EntryKind
from tests.desk.outbox.conftest import CONTACT, NOW


def test_an_entry_is_passed_on_once(post):
    post.opened(reply_channel="sms", **CONTACT)
    assert post.publish() == 2
    assert post.publish() == 0
    assert len(post.messages("sms")) == 1


def test_the_followers_own_entries_are_passed_on_too(post):
    ticket = post.opened(reply_channel="sms", **CONTACT)
    post.happens(ticket, EntryKind.FEEDBACK_GIVEN, text="已处理", data={"after": "resolved"})
    post.publish()
    assert post.publish() == 0
    bodies = [one.body for one in post.messages("sms")]
    assert len(bodies) == 3
    assert "已经登记" in bodies[0]
    assert "已处理" in bodies[1]
    assert "满意吗" in bodies[2]


def test_two_publishers_pass_each_entry_on_once(post, database):
    tickets = [post.opened(reply_channel="sms", **CONTACT) for _ in range(20)]
    done = []

    def run():
        while True:
            with database.transaction() as session:
                count = publish(session, NOW, 3)
            done.append(count)
            if not count:
                return

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    post.publish()
    bodies = [one.body for one in post.messages("sms")]
    assert len(bodies) == len(tickets)
    assert all(sum(ticket.number in body for body in bodies) == 1 for ticket in tickets)


def test_one_that_fails_is_put_off_and_holds_up_nothing(post, database):
    broken = post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    entry = post.happens(broken, EntryKind.SURVEY_ASKED, data={"survey_id": 4711})
    later = post.happens(
        broken, EntryKind.STATE_CHANGED, data={"before": "open", "after": "in_progress"}
    )
    other = post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    post.publish()
    bodies = [one.body for one in post.messages("sms")]
    assert sum(other.number in body for body in bodies) == 1
    assert sum("已有专人受理" in body for body in bodies) == 1
    with database.reading() as session:
        pending = session.get_one(PendingEntry, entry.id)
        assert session.get(PendingEntry, later.id) is None
        assert (pending.failures, pending.next_try_at) == (1, NOW + timedelta(seconds=30))
    post.publish(NOW + timedelta(minutes=1))
    with database.reading() as session:
        assert session.get_one(PendingEntry, entry.id).failures == 2


def test_half_of_a_failed_entry_is_not_kept(post, database, make):
    """The webhooks come last: what went before them is undone with the entry."""
    admin = make.staff("admin")
    with database.transaction() as session:
        session.add(
            Webhook(
                url="https://example.com/",
                secret="s",
                events=5,
                created_by_id=admin.id,
                created_at=NOW,
            )
        )
    ticket = post.opened(reply_channel="sms", **CONTACT)
    post.publish()
    assert post.messages("sms") == []
    assert post.told(ticket) == []
