"""A customer's risk words make a ticket major, whenever they are said."""

import pytest

from desk.clock import utc_now
from desk.database import Database
from desk.tickets import service
from desk.tickets.risk import risk_words
from desk.tickets.view import entry_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("再不修我就打１２３４５，还要找律师", ["１２３４５", "律师"]),
        ("律師和消協都會找你們", ["律師", "消協"]),
        ("我在看新闻，请问几点开门", []),
        ("窗户还在漏水", []),
        ("楼道的烟雾报警器一直响", []),
        ("再不来我就报警", ["报警"]),
        ("", []),
    ],
)
def test_risk_words_are_found_as_written(text, words):
    assert risk_words(text) == words


def test_a_supplement_with_a_risk_word_makes_the_ticket_major(database: Database, opened):
    ticket = opened()
    assert ticket.severity == "general"
    due_at = ticket.due_at
    now = utc_now()
    with database.transaction() as session:
        mine = service.find_ticket(session, ticket.number)
        service.supplement(session, mine, "再不来修就去消协曝光", actor="customer", now=now)
    with database.reading() as session:
        mine = service.find_ticket(session, ticket.number)
        assert mine.severity == "major"
        assert set(mine.severity_reasons) == {"消协", "曝光"}
        assert mine.next_check_at == now
        assert mine.due_at <= due_at
        last = mine.entries[-1]
        assert last.data["words"] == "消协、曝光"
        assert "消协、曝光" in entry_text(last)


def test_the_same_words_again_change_nothing_and_new_ones_are_added(database, opened):
    ticket = opened()
    for said in ("我要找律师", "我要找律师", "我要找律师，找记者"):
        with database.transaction() as session:
            mine = service.find_ticket(session, ticket.number)
            service.urge(session, mine, actor="customer", said=said)
    with database.reading() as session:
        mine = service.find_ticket(session, ticket.number)
        assert mine.urged == 3
        assert sorted(mine.severity_reasons) == sorted(["律师", "记者"])
        assert [entry.kind for entry in mine.entries].count("reclassified") == 2


def test_what_is_said_plainly_changes_nothing(database, opened):
    ticket = opened()
    with database.transaction() as session:
        mine = service.find_ticket(session, ticket.number)
        service.supplement(session, mine, "是北边的窗户", actor="customer")
        service.urge(session, mine, actor="customer")
        assert mine.severity == "general"
        assert mine.severity_reasons == []


def test_a_repair_with_a_risk_word_is_major_from_the_start(opened):
    ticket = opened(kind="repair", description="水管爆了，再没人来我就打12345")
    assert (ticket.severity, ticket.severity_reasons) == ("major", ["12345"])
    assert ticket.next_check_at < ticket.due_at
    assert opened(kind="repair", description="水管滴水").severity == "general"
