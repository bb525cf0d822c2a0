"""Which colleague is told of what."""

from datetime import timedelta

import pytest

from desk.locale import t
from desk.outbox.followers.colleagues import RULES
from desk.tickets.models import Ticket
from desk.tickets.timeline import EntryKind
from desk.transfers import service as transfers
from tests.desk.outbox.conftest import NOW


def keys(post, staff):
    return [notice.key for notice in post.notices(staff.id)]


def test_the_recipient_is_told_when_the_customer_presses(make, post):
    agent = make.staff("agent", email="zhou@example.com")
    ticket = post.opened(recipient_id=agent.id, actor=agent.login)
    post.happens(ticket, EntryKind.URGED, actor="customer")
    post.publish()
    assert "outbox.notice_urged" in keys(post, agent)
    (mail,) = post.messages("email")
    assert mail.address == "zhou@example.com"
    assert ticket.number in mail.subject


def test_what_is_not_urgent_stays_in_the_console(make, post):
    agent = make.staff("agent", email="zhou@example.com")
    ticket = post.opened(recipient_id=agent.id, actor=agent.login)
    post.happens(ticket, EntryKind.SUPPLEMENTED, actor="customer", text="还有阳台")
    post.publish()
    assert "outbox.notice_supplemented" in keys(post, agent)
    assert post.messages("email") == []


def test_nobody_is_told_what_they_did(make, post):
    agent = make.staff("agent")
    ticket = post.opened(recipient_id=agent.id, actor=agent.login)
    post.happens(ticket, EntryKind.URGED, actor=agent.login)
    post.publish()
    assert "outbox.notice_urged" not in keys(post, agent)


def test_a_transfer_goes_to_the_department_and_back(make, post, database):
    agent = make.staff("agent")
    handlers = [make.staff("department") for _ in range(2)]
    other = make.staff("department", department="finance")
    ticket = post.opened(actor=agent.login)

    def step(function, *args):
        with database.transaction() as session:
            return function(session, *args)

    with database.transaction() as session:
        transfer = transfers.create(
            session,
            agent,
            session.get_one(Ticket, ticket.id),
            department="engineering",
            matter="检查",
            required_by=NOW + timedelta(days=1),
            first_responsible=agent.id,
            now=NOW,
        )
    post.publish()
    for handler in handlers:
        assert keys(post, handler) == ["outbox.notice_transferred"]
    assert keys(post, other) == []
    step(transfers.accept, handlers[0], transfer.id, NOW)
    step(transfers.ask_back, handlers[0], transfer.id, "哪一扇窗？", NOW)
    post.publish()
    assert keys(post, agent)[-2:] == [
        "outbox.notice_transfer_accepted",
        "outbox.notice_transfer_asked_back",
    ]
    step(transfers.answer_back, agent, transfer.id, "主卧", NOW)
    post.publish()
    assert keys(post, handlers[0])[-1] == "outbox.notice_transfer_answered"
    assert keys(post, handlers[1]) == ["outbox.notice_transferred"]


def test_who_has_left_is_not_told(make, post):
    gone = make.staff("agent", is_active=False)
    supervisor = make.staff("supervisor")
    ticket = post.opened()
    with post.database.transaction() as session:
        session.get_one(Ticket, ticket.id).recipient_id = gone.id
    post.happens(ticket, EntryKind.URGED, actor="customer")
    post.publish()
    assert keys(post, gone) == []
    assert "outbox.notice_urged" in keys(post, supervisor)


@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_notice_has_its_text(kind):
    assert "T1" in t(f"outbox.notice_{kind}", number="T1", department="工程部")
