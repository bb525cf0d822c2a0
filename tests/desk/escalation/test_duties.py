"""Absences and the duty roster: dates are checked, overlaps told."""

import pytest

from desk.errors import Conflict, Forbidden, InvalidInput
from desk.escalation.duties import (
    absences,
    add_absence,
    add_duty,
    duties,
    remove_absence,
    remove_duty,
)
from tests.desk.escalation.conftest import at

NOW = at("08:00")
FRIDAY = {"begins_at": at("09:00"), "ends_at": at("18:00"), "now": NOW}


@pytest.fixture
def session(database):
    with database.transaction() as session:
        yield session


def test_an_absence_with_a_substitute(session, people, make):
    wang = make.staff("agent")
    saved = add_absence(
        session, people.supervisor, staff_id=people.agent.id, substitute_id=wang.id, **FRIDAY
    )
    assert saved.remarks == ()
    (one,) = absences(session, people.supervisor, now=NOW)
    assert (one.staff.login, one.substitute.login) == ("li", wang.login)
    assert absences(session, people.supervisor, now=at("18:00")) == []
    remove_absence(session, people.supervisor, saved.id)
    assert absences(session, people.supervisor, now=NOW) == []


@pytest.mark.parametrize(
    ("begins", "ends", "key"),
    [
        ("18:00", "09:00", "errors.span_order"),
        ("09:00", "09:00", "errors.span_order"),
        ("2026-11-18 09:00", "2026-11-19 18:00", "errors.span_past"),
        ("2026-11-20 09:00", "2028-01-01 18:00", "errors.span_long"),
    ],
)
def test_impossible_times(session, people, begins, ends, key):
    times = {"begins_at": at(begins), "ends_at": at(ends), "now": NOW}
    with pytest.raises(InvalidInput) as caught:
        add_absence(
            session, people.supervisor, staff_id=people.agent.id, substitute_id=None, **times
        )
    assert caught.value.key == key
    with pytest.raises(InvalidInput):
        add_duty(session, people.supervisor, staff_id=people.manager.id, **times)


def test_the_same_person_is_away_once_at_a_time(session, people):
    arguments = {"staff_id": people.agent.id, "substitute_id": None}
    add_absence(session, people.supervisor, **arguments, **FRIDAY)
    later = {"begins_at": at("17:00"), "ends_at": at("20:00"), "now": NOW}
    with pytest.raises(Conflict) as caught:
        add_absence(session, people.supervisor, **arguments, **later)
    assert caught.value.details["when"] == "2026-11-20 09:00 ～ 2026-11-20 18:00"
    after = {"begins_at": at("18:00"), "ends_at": at("20:00"), "now": NOW}
    add_absence(session, people.supervisor, **arguments, **after)


def test_what_to_think_of_is_told(session, people, make):
    wang = make.staff("agent", display_name="小王")
    add_absence(session, people.supervisor, staff_id=wang.id, substitute_id=None, **FRIDAY)
    add_duty(session, people.supervisor, staff_id=people.manager.id, **FRIDAY)
    saved = add_absence(
        session, people.supervisor, staff_id=people.manager.id, substitute_id=wang.id, **FRIDAY
    )
    assert any("小王也请假" in remark for remark in saved.remarks)
    assert any("排有值班" in remark for remark in saved.remarks)
    second = add_duty(session, people.supervisor, staff_id=people.director.id, **FRIDAY)
    assert any("同时值班" in remark for remark in second.remarks)
    with pytest.raises(Conflict):
        add_duty(session, people.supervisor, staff_id=people.director.id, **FRIDAY)
    assert len(duties(session, people.supervisor, now=NOW)) == 2
    remove_duty(session, people.supervisor, second.id)
    assert len(duties(session, people.supervisor, now=NOW)) == 1


def test_people_who_cannot(session, people, make):
    gone = make.staff("agent", is_active=False)
    agent = people.agent.id
    for staff_id, substitute_id in (
        (agent, agent),
        (agent, gone.id),
        (gone.id, None),
        (9999, None),
    ):
        with pytest.raises(InvalidInput):
            add_absence(
                session,
                people.supervisor,
                staff_id=staff_id,
                substitute_id=substitute_id,
                **FRIDAY,
            )
    with pytest.raises(InvalidInput):
        add_duty(session, people.supervisor, staff_id=agent, **FRIDAY)
    with pytest.raises(Forbidden):
        add_duty(session, people.agent, staff_id=people.manager.id, **FRIDAY)
    with pytest.raises(Forbidden):
        absences(session, people.agent)
