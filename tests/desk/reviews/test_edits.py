"""How far a reply is from its suggestion, and what the ledger keeps of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from desk.conversations.drafts import Begun, draft_of, keep_draft
from desk.reviews.edits import edit_distance, outcome_of
from desk.reviews.models import SuggestionUse
from desk.reviews.replies import send_reply


def plain_distance(one, other):
    """The textbook's table, row by row."""
    row = list(range(len(other) + 1))
    for place, char in enumerate(one, 1):
        before, row = row, [place]
        for column, against in enumerate(other, 1):
            changed = before[column - 1] + (char != against)
            row.append(min(before[column] + 1, row[-1] + 1, changed))
    return row[-1] / max(len(one), len(other), 1)


@given(st.text("您好abc，𠮷", max_size=70), st.text("您好abc，𠮷", max_size=70))
def test_the_distance_is_levenshteins(one, other):
    assert edit_distance(one, other) == pytest.approx(plain_distance(one, other))
    assert edit_distance(one, other) == edit_distance(other, one)


@pytest.mark.parametrize(
    ("suggested", "text", "outcome"),
    [
        ("您好，请稍等。", " 您好，请稍等。\n", "used"),
        ("您好，【请填写：时间】前答复您。", "您好，明天下午三点前答复您。", "edited"),
        ("您好，请稍等。", "门窗保修五年，配件两年", None),
    ],
)
def test_what_became_of_a_suggestion(suggested, text, outcome):
    found = outcome_of(suggested, text)
    assert (found[0] if found else None) == outcome


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("您好，请稍等。", [("used", 0.0)]),
        ("您好，请您稍等。", [("edited", 0.125)]),
        ("门窗保修五年，配件两年", []),
    ],
)
def test_sending_notes_the_use_and_forgets_the_draft(database, make, checker, text, rows):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        keep_draft(session, agent, conversation.id, Begun("c1", text))
        send_reply(
            session,
            checker,
            conversation.id,
            agent,
            client_id="c1",
            text=text,
            script_id="a.one",
            suggested="您好，请稍等。",
        )
    with database.reading() as session:
        uses = session.scalars(select(SuggestionUse)).all()
        assert [(use.outcome, use.edit_distance) for use in uses] == rows
        assert draft_of(session, agent, conversation.id) is None


def test_a_blocked_reply_keeps_its_draft(database, make, checker):
    agent = make.staff()
    conversation = make.claimed(agent)
    with database.transaction() as session:
        keep_draft(session, agent, conversation.id, Begun("c1", "我不管，该找谁找谁"))
        send_reply(
            session, checker, conversation.id, agent, client_id="c1", text="我不管，该找谁找谁"
        )
    with database.reading() as session:
        assert draft_of(session, agent, conversation.id) is not None
