"""What suggestions know, and the ledger of what became of them."""

from typing import Any

import pytest
from sqlalchemy import select

from desk.accounts.models import Staff
from desk.company import load_company
from desk.console.suggesting import (
    known_values,
    last_customer_message,
    matter_at_hand,
    surname,
)
from desk.conversations.models import Conversation, Message
from desk.database import Database
from desk.reviews.ledger import note_outcome, read_feedback
from desk.reviews.models import SuggestionUse
from desk.settings import Settings
from desk.tickets.models import Ticket


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("小李", "李"),
        ("老赵", "赵"),
        ("陈静", "陈"),
        ("欧阳娜", "欧阳"),
        ("王小明", "王"),
        ("主管陈静", None),
        ("Li", None),
        ("", None),
    ],
)
def test_surname(name: str, expected: str | None) -> None:
    assert surname(name) == expected


def test_company_and_agent_are_known_without_a_ticket() -> None:
    company = load_company(Settings(_env_file=None).company_file)
    known = known_values(company, Staff(display_name="小李"))
    assert known["company"] == company.short_name
    assert known["agent_name"] == "李"
    assert "ticket_no" not in known
    assert "agent_name" not in known_values(company, Staff(display_name="客服三号"))


def test_last_customer_message() -> None:
    messages = [Message(sender=sender) for sender in ("customer", "customer", "bot", "note")]
    assert last_customer_message(messages) is messages[1]
    assert last_customer_message(messages[2:]) is None


def test_ledger_keeps_each_outcome(database: Database, make: Any) -> None:
    agent, conversation = make.staff(), make.conversation("在吗")
    with database.transaction() as session:
        note_outcome(
            session,
            agent,
            conversation_id=conversation.id,
            script_ids=["a.one", "a.two"],
            outcome="shown",
        )
    with database.reading() as session:
        uses = session.scalars(select(SuggestionUse).order_by(SuggestionUse.id)).all()
    assert [(use.script_id, use.outcome, use.staff_id) for use in uses] == [
        ("a.one", "shown", agent.id),
        ("a.two", "shown", agent.id),
    ]


def test_feedback_counts_what_agents_did(database: Database, make: Any) -> None:
    agent, conversation = make.staff(), make.conversation("在吗")
    with database.transaction() as session:
        for outcome in ("shown", "used", "used", "rejected"):
            note_outcome(
                session,
                agent,
                conversation_id=conversation.id,
                script_ids=["a.one"],
                outcome=outcome,
            )
    with database.reading() as session:
        assert read_feedback(session).counts == {"a.one": {"used": 2, "rejected": 1}}


@pytest.mark.parametrize(
    ("mode", "ticket", "expected"),
    [
        ("bot", Ticket(kind="complaint"), "ask_floor"),
        ("agent", Ticket(kind="complaint", intent="affirm"), "file_complaint"),
        ("agent", Ticket(kind="viewing", intent="ask_viewing"), "ask_viewing"),
        ("agent", None, "ask_floor"),
    ],
)
def test_what_the_talk_is_about(mode: str, ticket: Ticket | None, expected: str) -> None:
    conversation = Conversation(mode=mode, last_intent="ask_floor")
    assert matter_at_hand(conversation, ticket) == expected
