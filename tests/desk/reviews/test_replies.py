"""Agents' replies: sent, blocked, or to be confirmed with a reason; and what QA finds of them."""

import pytest

from desk.conversations import service as conversations
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.reviews import service
from desk.reviews.models import FlaggedReply, SuggestionUse
from desk.reviews.replies import REASON_LIMIT, send_reply
from scripts_library.checking.verdict import Flag, Severity, Verdict

GOOD = "您好，请问有什么可以帮您？"
BLOCKED = "急什么，没看到我在忙着吗"


class Verdicts:
    """A checker whose findings the test sets: words of warnings, blocks and hints."""

    WORDS = {"警": Severity.WARN, "禁": Severity.BLOCK, "示": Severity.HINT}  # noqa: RUF012

    def check(self, text):
        flags = tuple(
            Flag(
                start=at,
                end=at + 1,
                rule_id=f"test.{char}",
                category="refusal" if char == "禁" else "overpromise",
                severity=self.WORDS[char],
                clause="R-C2",
                reason="测试",
                better=("请稍等",),
                surface=char,
            )
            for at, char in enumerate(text)
            if char in self.WORDS
        )
        return Verdict(text, flags, (), (), "test-1")


@pytest.fixture
def agent(make):
    return make.staff(display_name="小李")


@pytest.fixture
def conversation(make, agent):
    return make.claimed(agent)


@pytest.fixture
def send(database, agent, conversation):
    def send(text, client_id="r1", *, checker=None, by=None, **more):
        with database.transaction() as session:
            return send_reply(
                session,
                checker or Verdicts(),
                conversation.id,
                by or agent,
                client_id=client_id,
                text=text,
                **more,
            )

    return send


def rows(database, model=FlaggedReply):
    with database.reading() as session:
        return session.query(model).order_by(model.id).all()


def replies(make, conversation):
    return [m.text for m in make.messages(conversation) if m.sender == "agent"]


def test_a_clean_reply_goes_out(database, make, conversation, send):
    result = send(GOOD)
    assert (result.status, result.message.text) == ("sent", GOOD)
    assert replies(make, conversation) == [GOOD]
    assert rows(database) == []


def test_a_blocked_reply_is_kept_for_qa_and_never_sent(database, make, conversation, send):
    result = send("这是禁语", override_reason="客户要求")
    assert (result.status, result.message) == ("blocked", None)
    assert result.verdict.flags[0].surface == "禁"
    assert replies(make, conversation) == []
    (row,) = rows(database)
    assert (row.outcome, row.worst, row.categories) == ("blocked", "block", "|refusal|")
    assert (row.text, row.message_id, row.ruleset_version) == ("这是禁语", None, "test-1")
    assert row.flags[0]["better"] == ["请稍等"]


def test_the_same_blocked_try_is_counted_once(database, send):
    for _ in range(3):
        send("这是禁语")
    send("又是禁语")
    assert [row.text for row in rows(database)] == ["这是禁语", "又是禁语"]


def test_a_warning_needs_a_reason(database, make, conversation, send):
    assert send("警告的话").status == "needs_reason"
    assert send("警告的话", override_reason=" \x00 ").status == "needs_reason"
    assert rows(database) == []
    result = send("警告的话", override_reason="客户坚持要听")
    assert result.status == "sent"
    (row,) = rows(database)
    assert (row.outcome, row.worst, row.override_reason) == ("sent", "warn", "客户坚持要听")
    assert row.message_id == result.message.id
    assert replies(make, conversation) == ["警告的话"]


def test_hints_neither_stop_nor_are_recorded(database, send):
    assert send("提示而已").status == "sent"
    assert rows(database) == []


def test_a_block_outweighs_a_warning_with_a_reason(send):
    assert send("警告和禁语", override_reason="理由").status == "blocked"


def test_a_retry_of_a_sent_reply_is_not_checked_or_recorded_again(
    database, make, conversation, send
):
    first = send("警告的话", override_reason="理由")
    again = send("警告的话")
    assert (again.status, again.message.id) == ("sent", first.message.id)
    assert len(rows(database)) == 1
    assert len(replies(make, conversation)) == 1


def test_the_use_of_a_script_is_recorded_with_the_reply(database, send):
    send(GOOD, script_id="greeting.hello")
    send("这是禁语", client_id="r2", script_id="greeting.hello")
    (use,) = rows(database, SuggestionUse)
    assert (use.script_id, use.outcome) == ("greeting.hello", "used")


@pytest.mark.parametrize(
    ("text", "key"), [("", "errors.empty_message"), ("长" * 4001, "errors.message_too_long")]
)
def test_unusable_replies_are_refused(send, text, key):
    with pytest.raises(InvalidInput) as caught:
        send(text)
    assert caught.value.key == key


def test_a_reason_has_a_limit(send):
    with pytest.raises(InvalidInput):
        send("警告的话", override_reason="长" * (REASON_LIMIT + 1))


def test_other_agents_and_roles_cannot_reply(make, send):
    with pytest.raises(NotFound):
        send(GOOD, by=make.staff())
    with pytest.raises(Conflict):
        send(GOOD, by=make.staff("supervisor"))
    with pytest.raises(Forbidden):
        send(GOOD, by=make.staff("qa"))


def test_after_the_hand_back_the_agent_is_silent(database, make, agent, conversation, send):
    with database.transaction() as session:
        conversations.hand_back(session, conversation.id, agent)
    with pytest.raises(Conflict):
        send("这是禁语")
    assert rows(database) == []


def test_the_real_checker_blocks_a_taboo_phrase(send, checker):
    assert send(BLOCKED, checker=checker).status == "blocked"
    assert send(GOOD, checker=checker).status == "sent"


# QA


@pytest.fixture
def flagged(database, make, send):
    send("这是禁语", client_id="r1")
    send("警告的话", client_id="r2", override_reason="理由")
    send("禁语和警告", client_id="r3")
    return rows(database)


@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        ({}, ["禁语和警告", "警告的话", "这是禁语"]),
        ({"severity": "warn"}, ["警告的话"]),
        ({"category": "refusal"}, ["禁语和警告", "这是禁语"]),
        ({"category": "overpromise"}, ["禁语和警告", "警告的话"]),
        ({"category": "over%"}, []),
        ({"category": "' OR 1=1"}, []),
        ({"decision": "open", "limit": 2}, ["禁语和警告", "警告的话"]),
        ({"decision": "coach"}, []),
        ({"agent_id": 999}, []),
        ({"offset": 2}, ["这是禁语"]),
    ],
)
def test_filters(database, flagged, wanted, texts):
    with database.reading() as session:
        page = service.list_flagged(session, **wanted)
    assert [row.text for row in page.rows] == texts


def test_the_total_counts_beyond_the_page(database, flagged):
    with database.reading() as session:
        assert service.list_flagged(session, limit=1).total == 3


def test_since_counts_and_until_does_not(database, flagged):
    at = flagged[1].created_at
    with database.reading() as session:
        since = service.list_flagged(session, since=at).total
        until = service.list_flagged(session, until=at).total
    assert (since, until) == (2, 1)


def test_context_shows_what_was_said_around(database, make, conversation, flagged):
    make.says(conversation, "你们怎么回事")
    with database.reading() as session:
        context = service.context_of(session, flagged[1].id)
    texts = [message.text for message in context]
    assert "警告的话" in texts
    assert texts[-1] == "你们怎么回事"
    assert [m.seq for m in context] == sorted(m.seq for m in context)


@pytest.mark.parametrize("decision", ["confirmed", "false_alarm", "coach"])
def test_decisions_are_stored_with_who_and_when(database, make, flagged, decision):
    reviewer = make.staff("qa")
    with database.transaction() as session:
        service.decide(session, reviewer, flagged[0].id, decision, "请换一种说法")
    row = rows(database)[0]
    assert (row.decision, row.decided_by_id) == (decision, reviewer.id)
    assert row.decision_note == "请换一种说法"
    assert row.decided_at is not None


def test_a_decision_can_be_taken_back(database, make, flagged):
    reviewer = make.staff("supervisor")
    for decision in ("confirmed", "open"):
        with database.transaction() as session:
            service.decide(session, reviewer, flagged[0].id, decision)
    row = rows(database)[0]
    assert (row.decision, row.decided_by_id, row.decided_at) == ("open", None, None)


@pytest.mark.parametrize(
    ("decision", "note", "key"),
    [
        ("maybe", None, "errors.decision_unknown"),
        ("coach", " ", "errors.note_missing"),
        ("confirmed", "长" * 1001, "errors.note_too_long"),
    ],
)
def test_malformed_decisions_are_refused(database, make, flagged, decision, note, key):
    reviewer = make.staff("qa")
    with database.transaction() as session, pytest.raises(InvalidInput) as caught:
        service.decide(session, reviewer, flagged[0].id, decision, note)
    assert caught.value.key == key


@pytest.mark.parametrize("role", ["agent", "department"])
def test_only_qa_and_supervisors_decide(database, make, flagged, role):
    with database.transaction() as session, pytest.raises(Forbidden):
        service.decide(session, make.staff(role), flagged[0].id, "confirmed")


@pytest.mark.parametrize("wrong", [0, -1, 999_999, 2**40])
def test_unknown_rows_are_not_found(database, make, wrong):
    with database.reading() as session:
        with pytest.raises(NotFound):
            service.context_of(session, wrong)
        with pytest.raises(NotFound):
            service.decide(session, make.staff("qa"), wrong, "confirmed")
