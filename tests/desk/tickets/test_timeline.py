"""The timeline: what a ticket is follows from its entries, and every entry can be read."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk.tickets import service
from desk.tickets.models import PendingEntry, TicketEntry, TicketState
from desk.tickets.timeline import EntryKind, append, fold, standing_of
from desk.tickets.view import actor_name, entry_text

START = datetime(2026, 11, 20, 2, tzinfo=UTC)
VALUES = {
    EntryKind.ESCALATED: st.fixed_dictionaries({"level": st.integers(0, 2)}),
    EntryKind.VALIDITY_DECIDED: st.fixed_dictionaries(
        {"validity": st.sampled_from(["valid", "invalid"])}
    ),
    EntryKind.SURVEY_ANSWERED: st.fixed_dictionaries({"score": st.integers(1, 5)}),
    EntryKind.MERGED: st.just({"into_id": None}),
    EntryKind.SPLIT_UNDONE: st.just({}),
}
STATE = st.one_of(
    st.just({}), st.sampled_from(list(TicketState)).map(lambda one: {"after": one.value})
)


@st.composite
def happenings(draw):
    kind = draw(st.sampled_from(list(EntryKind)))
    data = {**draw(VALUES.get(kind, st.just({}))), **draw(STATE)}
    return kind, timedelta(minutes=draw(st.integers(0, 600))), data


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happened=st.lists(happenings(), max_size=12))
def test_the_columns_are_what_the_entries_add_up_to(happened, database, opened):
    number = opened(now=START).number
    at = START
    with database.transaction() as session:
        ticket = service.find_ticket(session, number)
        for kind, later, data in happened:
            at += later
            append(session, ticket, kind, actor="xiaoli", at=at, data=data)
    with database.reading() as session:
        ticket = service.find_ticket(session, number)
        assert standing_of(ticket) == fold(ticket.entries)
        assert len(ticket.entries) == len(happened) + 1


def test_the_actions_of_people_keep_columns_and_entries_together(database, opened):
    number = opened(now=START).number
    moves = ("in_progress", "waiting_customer", "in_progress", "resolved", "closed", "in_progress")
    with database.transaction() as session:
        ticket = service.find_ticket(session, number)
        for hours, state in enumerate(moves, start=1):
            now = START + timedelta(hours=hours)
            service.change_state(session, ticket, state, actor="xiaoli", now=now)
        service.urge(session, ticket, actor="customer", now=now)
    with database.reading() as session:
        ticket = service.find_ticket(session, number)
        assert standing_of(ticket) == fold(ticket.entries)
        assert (ticket.state, ticket.closed_at, ticket.urged) == ("in_progress", None, 1)
        assert ticket.first_response_at == START + timedelta(hours=1)


def test_every_entry_waits_to_be_passed_on_and_is_undone_with_its_transaction(database, opened):
    number = opened().number
    with pytest.raises(RuntimeError), database.transaction() as session:
        service.urge(session, service.find_ticket(session, number), actor="customer")
        raise RuntimeError
    with database.reading() as session:
        assert service.find_ticket(session, number).urged == 0
        assert len(session.scalars(select(PendingEntry)).all()) == 1


@pytest.mark.parametrize("kind", list(EntryKind))
def test_every_kind_can_be_read_with_and_without_values(kind):
    plain = entry_text(TicketEntry(kind=kind, actor="system", at=START, data={}))
    assert plain
    assert "{" not in plain
    full = {
        "before": "open", "after": "in_progress", "department": "engineering", "count": 2,
        "level": 1, "validity": "valid", "score": 4, "channel": "phone", "severity": "major",
        "reply_channel": "phone", "required_by": "2026-11-23T12:00:00+00:00",
        "due_at": "2026-11-23T12:00:00+00:00", "reason": "customer", "other": "T1", "into": "T2",
        "from": "T3", "recipient": "xiaoli", "changes": {"category": [None, "fees"]},
        "what": "回电",
    }  # fmt: skip
    rich = entry_text(TicketEntry(kind=kind, actor="system", at=START, data=full))
    assert "{" not in rich
    assert "T12:00" not in rich


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("state_changed", {"before": "open", "after": "in_progress"}, "状态由“待受理”变为“处理中”"),
        ("transferred", {"department": "engineering"}, "转办工程部"),
        ("escalated", {"level": 2}, "升级至分管副总"),
        ("assigned", {"recipient": "xiaoli"}, "指派给小李"),
        (
            "reclassified",
            {"changes": {"category": [None, "fees"], "severity": ["general", "major"]}},
            "重新归类：分类由“未填”改为“收费争议”；等级由“一般”改为“重大”",
        ),
        ("customer_told", {"channel": "sms"}, "已通过短信告知客户"),
        ("customer_told", {"channel": "phone"}, "已通过电话告知客户"),
        ("customer_told", {"channel": "phone", "is_automatic": True}, "请负责人电话告知客户"),
        (
            "customer_told",
            {"channel": "none", "is_automatic": True},
            "没有客户的联系方式，请负责人设法告知",
        ),
        ("paused", {"reason": "something new"}, "暂停计时"),
        ("customer_told", {"channel": "pigeon"}, "已通过pigeon告知客户"),
    ],
)
def test_entries_say_in_chinese_what_happened(kind, data, expected):
    entry = TicketEntry(kind=kind, actor="zhuguan", at=START, data=data)
    assert entry_text(entry, {"xiaoli": "小李"}) == expected


def test_actors_have_names():
    assert actor_name("bot") == "智能客服"
    assert actor_name("xiaoli", {"xiaoli": "小李"}) == "小李"
    assert actor_name("gone") == "gone"


def test_entries_added_at_the_same_time_all_count(database, opened):
    number, together = opened().number, threading.Barrier(4)

    def press():
        together.wait()
        with database.transaction() as session:
            service.urge(session, service.find_ticket(session, number), actor="customer")

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        ticket = service.find_ticket(session, number)
        assert standing_of(ticket) == fold(ticket.entries)
        assert ticket.urged == 4
