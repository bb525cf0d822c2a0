"""Fixtures of the feedback's tests: those of the outbox, and tickets that were answered."""

from datetime import UTC, datetime

import pytest

from desk.feedback.service import give_feedback
from desk.feedback.surveys import newest_survey
from desk.tickets.models import Ticket
from tests.desk.outbox.conftest import channels, post

__all__ = ["channels", "post"]

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def answered(make, post):
    """A ticket whose customer was told the result and asked about it."""

    def bring(conversation=None, **values):
        agent = values.pop("agent", None) or make.staff("agent")
        conversation = conversation or make.conversation("窗户漏水")
        ticket = post.opened(conversation_id=conversation.id, actor="bot", **values)
        post.publish()
        with post.database.transaction() as session:
            ticket = session.get_one(Ticket, ticket.id)
            give_feedback(session, agent, ticket, "已更换密封条，试水正常。", now=NOW)
        post.publish()
        with post.database.reading() as session:
            return session.get_one(Ticket, ticket.id), newest_survey(session, ticket.id)

    return bring
