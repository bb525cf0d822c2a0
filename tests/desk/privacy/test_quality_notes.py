"""Colleagues' notes of quality work quote customers: they go with the conversation."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from desk.conversations.models import Message
from desk.privacy.service import erase_person
from desk.reviews.models import FlaggedReply
from desk.reviews.quality_models import (
    Appeal,
    QualityDraw,
    RandomSample,
    RiskSample,
    Scorecard,
    SecondJudgement,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MARK = "客户欧阳标记说的原话"
TABLES = (
    "flagged_reply",
    "second_judgement",
    "scorecard",
    "appeal",
    "random_sample",
    "risk_sample",
)


def judged(session, make, talk):
    """One conversation with every kind of judgement, each with a note that quotes."""
    agent, qa = make.staff("agent"), make.staff("qa")
    draw = QualityDraw(
        kind="second", day=date(2026, 11, 22), since=NOW, until=NOW, seed="s",
        population=1, drawn=1, drawn_at=NOW,
    )  # fmt: skip
    flag = FlaggedReply(
        conversation_id=talk.id, after_seq=1, agent_id=agent.id, text=MARK,
        flags=[{"surface": MARK}], categories="|refusal|", worst="warn", ruleset_version="1",
        outcome="sent", override_reason=MARK, created_at=NOW, decision="confirmed",
        decided_by_id=qa.id, decided_at=NOW, decision_note=MARK,
    )  # fmt: skip
    card = Scorecard(
        conversation_id=talk.id, agent_id=agent.id, scorer_id=qa.id, marks={}, total=80.0,
        note=MARK, served_at=NOW, created_at=NOW,
    )  # fmt: skip
    session.add_all([draw, flag, card])
    session.flush()
    line = session.scalars(select(Message.id).where(Message.conversation_id == talk.id)).first()
    sample = {
        "draw_id": draw.id, "message_id": line, "conversation_id": talk.id,
        "agent_id": agent.id, "weight": 1.0, "finding": "missed", "note": MARK,
    }  # fmt: skip
    appeal = {"agent_id": agent.id, "reason": MARK, "created_at": NOW, "decision_note": MARK}
    session.add_all(
        [
            SecondJudgement(
                draw_id=draw.id, flagged_id=flag.id, first_by_id=qa.id,
                first_decision="confirmed", second_decision="coach", second_note=MARK,
            ),
            RandomSample(**sample),
            RiskSample(**sample),
            Appeal(flagged_id=flag.id, **appeal),
            Appeal(scorecard_id=card.id, **appeal),
        ]
    )  # fmt: skip


@pytest.fixture
def held(database):
    def read():
        with database.reading() as session:
            rows = {one: session.execute(text(f"SELECT * FROM {one}")).all() for one in TABLES}
        return {name: str(found) for name, found in rows.items()}

    return read


def test_they_are_deleted_with_the_conversation_and_with_no_other(database, make, held):
    mine, other = make.conversation(MARK), make.conversation("别人的话")
    with database.transaction() as session:
        judged(session, make, mine)
    with database.transaction() as session:
        erase_person(session, make.staff("admin"), conversation_id=other.id, reason="来电")
    assert all(MARK in found for found in held().values())
    with database.transaction() as session:
        erase_person(session, make.staff("admin"), conversation_id=mine.id, reason="来电")
    for name, found in held().items():
        assert MARK not in found, name
        # JSON columns write Chinese as escapes.
        assert "\\u" not in found, name
    with database.reading() as session:
        flag, second = session.query(FlaggedReply).one(), session.query(SecondJudgement).one()
        assert (flag.decision, second.second_decision) == ("confirmed", "coach")
        assert session.query(Scorecard).one().total == 80.0
