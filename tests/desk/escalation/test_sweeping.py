"""Sweeping real tickets: who is told, once, whatever happened in between."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from desk.clock import to_local
from desk.errors import Conflict, NotFound
from desk.escalation.models import Absence, Duty, Escalation
from desk.escalation.service import acknowledge, open_escalations, raise_level, sweep
from desk.tickets import service as tickets
from desk.tickets.models import PendingEntry, TicketEntry
from desk.tickets.pausing import resume
from desk.tickets.timeline import fold, standing_of
from desk.tickets.view import entry_text
from tests.desk.escalation.conftest import at


@pytest.fixture
def swept(database):
    """Sweep at a time; return how many tickets were looked at."""

    def sweep_at(text, limit=500):
        with database.transaction() as session:
            return sweep(session, at(text), limit)

    return sweep_at


@pytest.fixture
def taken(database):
    """Acknowledge the newest open escalation of someone."""

    def take(staff, text):
        with database.transaction() as session:
            newest = open_escalations(session, staff, is_mine=True)[-1]
            return acknowledge(session, staff, newest.escalation.id, at(text))

    return take


def test_the_way_to_the_top(opened, look, swept, taken, people):
    ticket = opened()
    assert swept("16:22") == 0
    assert swept("16:23") == 1
    taken(people.agent, "16:30")
    assert swept("18:00") == 1
    assert look.told(ticket) == [("warning", 0, "li"), ("breach", 1, "chen")]
    # The supervisor has two working hours: Saturday, 9:00 to 11:00.
    assert look.rows(ticket)[1].acknowledge_by == at("2026-11-21 11:00")
    assert swept("2026-11-21 10:59") == 0
    assert swept("2026-11-21 11:00") == 1
    assert look.told(ticket)[2:] == [("silent", 2, "lin")]
    # The director works by an own calendar: Monday, 9:00 to 12:00 and 14:00 to 15:00.
    assert look.rows(ticket)[2].acknowledge_by == at("2026-11-23 15:00")
    assert look.ticket(ticket).level == 2
    assert [entry.data["level"] for entry in look.entries(ticket, "escalated")] == [0, 1, 2]
    assert swept("2026-12-24 10:00") == 0


def test_an_acknowledgement_ends_the_climb(opened, look, swept, taken, people):
    ticket = opened()
    swept("16:23")
    taken(people.agent, "16:30")
    swept("18:00")
    row = taken(people.supervisor, "18:20")
    assert row.acknowledged_by_id == people.supervisor.id
    assert swept("2026-12-01 10:00") == 1
    assert len(look.rows(ticket)) == 2
    (first, second) = look.entries(ticket, "acknowledged")
    assert (first.actor, second.actor) == ("li", "chen")


def test_the_director_takes_up_what_is_open_below(opened, look, swept, database, people):
    ticket = opened()
    swept("2026-11-24 10:00")
    with database.transaction() as session:
        (one,) = open_escalations(session, people.director, is_mine=True)
        acknowledge(session, people.director, one.escalation.id, at("2026-11-24 10:05"))
    assert all(row.acknowledged_at for row in look.rows(ticket))


def test_acknowledging_twice_or_what_is_anothers(opened, swept, database, people, make):
    opened()
    swept("16:23")
    stranger = make.staff("agent")
    with database.reading() as session:
        (one,) = open_escalations(session, people.agent)
        assert one.is_mine
        assert open_escalations(session, stranger) == []
        assert [row.is_mine for row in open_escalations(session, people.supervisor)] == [False]
    with database.transaction() as session, pytest.raises(NotFound):
        acknowledge(session, stranger, one.escalation.id, at("16:25"))
    with database.transaction() as session:
        acknowledge(session, people.supervisor, one.escalation.id, at("16:25"))
    with database.transaction() as session, pytest.raises(Conflict):
        acknowledge(session, people.agent, one.escalation.id, at("16:26"))


def test_danger_goes_to_the_manager_on_duty_at_once(opened, look, swept, database, people, make):
    duty = make.staff("manager", login="duty")
    with database.transaction() as session:
        session.add(Duty(staff_id=duty.id, begins_at=at("08:00"), ends_at=at("20:00")))
    ticket = opened(severity="major", category="safety", description="电梯困人")
    assert swept("10:00") == 1
    assert look.told(ticket) == [("urgent", 1, "duty")]
    assert look.rows(ticket)[0].duty
    assert look.rows(ticket)[0].acknowledge_by == at("10:30")
    swept("10:30")
    assert look.told(ticket)[1:] == [("silent", 2, "lin")]


def test_a_risk_word_is_urgent_and_a_leaking_roof_is_not(opened, look, swept):
    risky = opened(severity=None, category=None, description="再不处理我就找律师，打12345")
    leaking = opened(severity="major", description="屋顶漏水三个月了")
    assert swept("10:00") == 2
    assert look.told(risky) == [("urgent", 1, "zhou")]
    assert look.told(leaking) == []


def test_the_absent_are_substituted(opened, look, swept, database, people, make):
    other = make.staff("agent", login="wang")
    with database.transaction() as session:
        away = {"begins_at": at("08:00"), "ends_at": at("2026-11-30 08:00")}
        session.add(Absence(staff_id=people.agent.id, substitute_id=other.id, **away))
        session.add(Absence(staff_id=people.supervisor.id, substitute_id=None, **away))
    ticket = opened()
    swept("16:23")
    swept("18:00")
    # No supervisor is there: a manager stands at the same level.
    assert look.told(ticket) == [
        ("warning", 0, "wang"),
        ("silent", 1, "zhou"),
        ("breach", 1, "zhou"),
    ]
    assert look.rows(ticket)[0].substitute_for_id == people.agent.id


def test_nobody_there_drops_nothing(database, look, swept, make):
    agent = make.staff("agent")
    from desk.tickets.domain import NewTicket

    new = NewTicket(kind="complaint", description="灯不亮", category="fees", severity="general")
    with database.transaction() as session:
        ticket = tickets.open_ticket(session, new, now=at("10:00"))
    swept("18:00")
    assert {(level, who) for _, level, who in look.told(ticket)} <= {
        (0, None),
        (1, None),
        (2, None),
    }
    leader = make.staff("supervisor")
    with database.reading() as session:
        found = open_escalations(session, leader)
        assert found
        assert not any(one.is_mine for one in found)
        assert open_escalations(session, agent) == []


def test_after_a_sleep_each_step_has_its_row_and_one_entry_names_them_all(opened, look, swept):
    ticket = opened()
    assert swept("2026-11-25 10:00") == 1
    assert [cause for cause, *_ in look.told(ticket)] == ["warning", "silent", "breach", "silent"]
    rows = look.rows(ticket)
    assert [row.acknowledge_by is None for row in rows] == [True, True, True, False]
    assert rows[-1].staff.login == "lin"
    (entry,) = look.entries(ticket, "escalated")
    assert entry.data["escalation_id"] == rows[-1].id
    assert entry.data["passed_over"] == [
        {"escalation_id": row.id, "cause": row.cause, "level": row.level} for row in rows[:-1]
    ]
    assert entry_text(entry) == (
        "上一级未在规定时间内确认，升级至主管副总经理（已错过提醒首接人、主管的时间，直接上报）"
    )
    assert swept("2026-11-25 10:01") == 0


def test_a_paused_ticket_is_left_alone_and_taken_up_again(opened, look, swept, database):
    ticket = opened()
    with database.transaction() as session:
        mine = tickets.find_ticket(session, ticket.number)
        tickets.change_state(session, mine, "waiting_customer", actor="li", now=at("11:00"))
    assert swept("18:00") == 1
    assert look.rows(ticket) == []
    assert look.ticket(ticket).next_check_at is None
    with database.transaction() as session:
        mine = tickets.find_ticket(session, ticket.number)
        resume(session, mine, actor="li", now=at("2026-11-23 08:30"))
    assert swept("2026-11-23 08:30") == 1
    assert look.rows(ticket) == []
    check = look.ticket(ticket)
    assert check.next_check_at == check.warn_at
    assert f"{to_local(check.due_at):%m-%d %H:%M}" == "11-23 15:30"


def test_a_warning_is_not_given_again_after_a_pause(opened, look, swept, database):
    ticket = opened()
    swept("16:23")
    for state, when in (("waiting_customer", "16:30"), ("in_progress", "17:00")):
        with database.transaction() as session:
            mine = tickets.find_ticket(session, ticket.number)
            tickets.change_state(session, mine, state, actor="li", now=at(when))
    swept("17:00")
    assert [cause for cause, *_ in look.told(ticket)].count("warning") == 1


def test_settled_and_merged_tickets_are_done_with(opened, look, swept, database):
    ticket, other = opened(), opened()
    swept("16:23")
    with database.transaction() as session:
        mine = tickets.find_ticket(session, ticket.number)
        tickets.change_state(session, mine, "resolved", actor="li", now=at("17:00"))
    assert swept("18:00") == 2
    assert [cause for cause, *_ in look.told(ticket)] == ["warning"]
    assert all(row.acknowledged_at for row in look.rows(ticket))
    assert look.ticket(ticket).next_check_at is None
    assert ("breach", 1, "chen") in look.told(other)


def test_raising_for_a_cause_happens_once(opened, look, database, people, swept):
    ticket = opened()
    with database.transaction() as session:
        mine = tickets.find_ticket(session, ticket.number)
        first = raise_level(
            session, mine, cause="dissatisfied:1", actor="customer", now=at("11:00")
        )
        assert first is not None
        assert (first.level, first.staff_id) == (1, people.supervisor.id)
        again = raise_level(
            session, mine, cause="dissatisfied:1", actor="customer", now=at("11:00")
        )
        assert again is None
        second = raise_level(
            session, mine, cause="dissatisfied:2", actor="customer", now=at("11:05")
        )
        assert (second.level, second.staff_id) == (2, people.director.id)
        third = raise_level(
            session, mine, cause="dissatisfied:3", actor="customer", now=at("11:10")
        )
        assert third.level == 2
    assert swept("11:10") == 1
    assert look.ticket(ticket).level == 2


def test_every_entry_is_passed_on_and_adds_up(opened, look, swept, database):
    ticket = opened()
    swept("2026-11-25 10:00")
    with database.reading() as session:
        entries = session.scalars(
            select(TicketEntry).where(TicketEntry.ticket_id == ticket.id).order_by(TicketEntry.id)
        ).all()
        pending = set(session.scalars(select(PendingEntry.entry_id)))
        assert {entry.id for entry in entries} <= pending
        assert fold(entries) == standing_of(look.ticket(ticket))


def test_many_sweepers_at_once_never_double(opened, database, swept):
    for _ in range(40):
        opened()
    errors, handled = [], []

    def work():
        try:
            while True:
                with database.transaction() as session:
                    done = sweep(session, at("2026-11-25 10:00"), 7)
                handled.append(done)
                if not done:
                    return
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    while swept("2026-11-25 10:00"):
        pass
    assert sum(handled) == 40
    with database.reading() as session:
        per_ticket = session.execute(
            select(Escalation.ticket_id, func.count()).group_by(Escalation.ticket_id)
        ).all()
        assert [count for _, count in per_ticket] == [4] * 40
        entries = select(func.count()).where(TicketEntry.kind == "escalated")
        assert session.scalar(entries) == 40


def test_two_acknowledge_at_once_and_one_is_told(opened, swept, database, people):
    opened()
    swept("16:23")
    with database.reading() as session:
        escalation_id = open_escalations(session, people.agent)[0].escalation.id
    outcomes = []

    def work(staff):
        try:
            with database.transaction() as session:
                acknowledge(session, staff, escalation_id, at("16:24"))
            outcomes.append("taken")
        except Conflict:
            outcomes.append("told")

    threads = [
        threading.Thread(target=work, args=(who,)) for who in (people.agent, people.supervisor)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["taken", "told"]


def test_the_limit_is_kept(opened, swept):
    for minutes in range(5):
        opened(now=at("10:00") + timedelta(minutes=minutes))
    assert swept("2026-11-25 10:00", limit=3) == 3
    assert swept("2026-11-25 10:00", limit=3) == 2
