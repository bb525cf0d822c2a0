"""Trends over real rows, on both databases."""

import io
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from desk.clock import LOCAL_ZONE
from desk.conversations.models import Message, QueueWait
from desk.errors import Forbidden
from desk.feedback.models import Survey
from desk.reports.periods import PeriodKind, period_of
from desk.reviews.models import FlaggedReply, SuggestionUse
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from desk.trends.reading import trends
from desk.trends.spreadsheet import trends_xlsx

NOW = datetime(2026, 11, 12, 15, 0, tzinfo=LOCAL_ZONE)
NOVEMBER = period_of(PeriodKind.MONTH, date(2026, 11, 1))


def at(day, hour=10, month=11):
    return datetime(2026, month, day, hour, tzinfo=LOCAL_ZONE)


@pytest.fixture
def filled(make):
    agent, talk = make.staff(), make.conversation()
    with make.database.transaction() as session:
        for day, seconds in ((3, 60), (3, 180), (12, 600)):
            waited = at(day)
            session.add(
                QueueWait(
                    conversation_id=talk.id,
                    reason="requested",
                    is_urgent=False,
                    staff_id=agent.id,
                    queued_at=waited,
                    taken_at=waited,
                    first_reply_at=waited + timedelta(seconds=seconds),
                    outcome="talk",
                )
            )
        for seq in range(2, 6):
            session.add(
                Message(
                    conversation_id=talk.id,
                    seq=seq,
                    sender="agent",
                    staff_id=agent.id,
                    text="您好",
                    buttons=[],
                    created_at=at(3),
                )
            )
        for decision in ("confirmed", "false_alarm", "false_alarm", "open"):
            session.add(
                FlaggedReply(
                    conversation_id=talk.id,
                    after_seq=1,
                    agent_id=agent.id,
                    text="不知道",
                    flags=[{"rule": "ignorance.dont-know"}, {"rule": "ignorance.dont-know"}],
                    categories="|ignorance|",
                    worst="warn",
                    ruleset_version="1",
                    outcome="sent",
                    decision=decision,
                    created_at=at(3),
                )
            )
        for outcome in ("shown", "used", "edited", "rejected"):
            session.add(
                SuggestionUse(
                    conversation_id=talk.id,
                    script_id="x",
                    staff_id=agent.id,
                    outcome=outcome,
                    created_at=at(4),
                )
            )
        for opened in (at(1, 0), at(30, 23), at(1, month=10), at(20, month=10)):
            ticket = open_ticket(session, NewTicket(kind="repair", description="漏水"), now=opened)
        ticket = open_ticket(session, NewTicket(kind="repair", description="漏水"), now=at(5))
        ticket.resolved_at = at(6)
        session.add(
            Survey(
                ticket_id=ticket.id,
                round=1,
                channel="chat",
                asked_at=at(6),
                expires_at=at(9),
                score=4,
                answered_at=at(7),
            )
        )
    return make


def read(make, period=NOVEMBER, now=NOW, role="supervisor"):
    leader = make.staff(role)
    with make.database.reading() as session:
        return trends(session, leader, period, now=now)


def test_each_line_counts_what_it_says(filled):
    found = read(filled).trends
    assert len(found["tickets"].points) == 30
    assert [found["tickets"].points[place].value for place in (0, 4, 29)] == [1, 1, 1]
    assert found["tickets"].points[0].before == 1
    assert (found["tickets"].total, found["tickets"].total_before) == (3, 1), "as far as now only"
    assert found["waits"].points[2].value == 2
    assert found["first_response"].points[2].value == pytest.approx(2.0)
    assert found["first_response"].total == pytest.approx(14 / 3)
    assert found["first_response"].points[0].value is None
    assert found["resolution"].points[5].value == pytest.approx(24.0)
    assert (found["satisfaction"].total, found["satisfaction"].points[6].value) == (4.0, 4.0)
    assert found["flags"].points[2].value == pytest.approx(100.0)
    assert found["suggestions"].points[3].value == pytest.approx(0.5)


def test_a_period_that_is_over_is_compared_with_the_whole_one_before(filled):
    found = read(filled, now=at(15, month=12)).trends
    assert found["tickets"].total_before == 2


def test_each_point_leads_to_its_rows(filled):
    points = read(filled).trends["tickets"].points
    assert points[0].rows.url.startswith("/desk/tickets?opened_from=2026-10-31T16")
    assert "list=answers" in read(filled).trends["satisfaction"].points[6].rows.url


def test_a_rules_precision_counts_a_reply_once_and_open_ones_not(filled):
    (line,) = read(filled).rules
    assert (line.rule_id, line.right, line.wrong) == ("ignorance.dont-know", 1, 2)
    assert line.precision == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("kind", "parts"), [("day", 24), ("week", 7), ("quarter", 14), ("year", 12)]
)
def test_every_length_of_time(filled, kind, parts):
    found = read(filled, period_of(kind, date(2026, 11, 3)))
    assert len(found.trends["waits"].points) == parts
    assert sum(point.value for point in found.trends["waits"].points) >= 2
    day = read(filled, period_of("day", date(2026, 11, 3))).trends["waits"]
    assert day.points[10].value == 2


def test_without_data_nothing_is_made_up(make):
    found = read(make)
    assert found.is_empty
    assert found.trends["satisfaction"].total is None


def test_for_leaders_only(make):
    for role in ("agent", "qa", "department"):
        with pytest.raises(Forbidden):
            read(make, role=role)


def test_the_spreadsheet_holds_numbers(filled):
    book = load_workbook(io.BytesIO(trends_xlsx(read(filled))))
    sheet, rules = book.worksheets
    assert [cell.value for cell in sheet[2]][:3] == ["时间", "受理工单（件）", "受理工单（上期）"]
    assert [cell.value for cell in sheet[3]][:3] == ["11/1", 1, 1]
    assert [cell.value for cell in rules[2]] == ["ignorance.dont-know", 1, 2, pytest.approx(1 / 3)]
