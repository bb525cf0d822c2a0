"""The ladder without a database: what is due when, and who is told."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.escalation.domain import Facts, Told, cause_at, plan
from desk.escalation.people import Matter, Person, Roster, find
from desk.escalation.roster import Ladder

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WARN, DUE = START + 6 * HOUR, START + 8 * HOUR


def place(level, is_duty, at):
    """One hour to acknowledge at the lowest level, two above, half an hour on duty."""
    return Told(level), at + (HOUR / 2 if is_duty else HOUR if level == 0 else 2 * HOUR)


def facts(**values):
    defaults = {
        "since": START,
        "warn_at": WARN,
        "due_at": DUE,
        "is_paused": False,
        "is_urgent": False,
        "raised": (),
    }
    return Facts(**{**defaults, **values})


def names(raises):
    return [(one.cause.split(":2026")[0], one.level) for one in raises]


def test_nothing_is_due_before_the_warning():
    found = plan(facts(), START + HOUR, place)
    assert found.raises == ()
    assert found.check_at == WARN


def test_warning_then_breach_then_director():
    warned = plan(facts(), WARN, place)
    assert names(warned.raises) == [("warning", 0)]
    assert warned.check_at == WARN + HOUR
    taken = (warned.raises[0]._replace(is_acknowledged=True),)
    assert plan(facts(raised=taken), WARN, place).check_at == DUE
    breached = plan(facts(raised=taken), DUE, place)
    assert names(breached.raises) == [("breach", 1)]
    assert breached.check_at == DUE + 2 * HOUR
    silent = plan(facts(raised=taken + breached.raises), DUE + 2 * HOUR, place)
    assert names(silent.raises) == [("silent:breach", 2)]
    assert silent.check_at is None


def test_a_recipient_who_stays_silent_brings_in_the_supervisor_before_the_breach():
    warned = plan(facts(), WARN, place).raises
    silent = plan(facts(raised=warned), WARN + HOUR, place)
    assert names(silent.raises) == [("silent:warning", 1)]
    assert silent.check_at == DUE


def test_a_breach_makes_a_silent_recipient_no_news():
    late = facts(warn_at=DUE - HOUR / 2)
    warned = plan(late, DUE - HOUR / 2, place).raises
    breached = plan(facts(warn_at=DUE - HOUR / 2, raised=warned), DUE, place).raises
    again = plan(facts(warn_at=DUE - HOUR / 2, raised=warned + breached), DUE + HOUR, place)
    assert names(breached) == [("breach", 1)]
    assert again.raises == ()


def test_the_manager_on_duty_is_told_at_once_and_then_the_director():
    urgent = plan(facts(is_urgent=True), START, place)
    assert [(one.cause, one.level, one.is_duty) for one in urgent.raises] == [("urgent", 1, True)]
    assert urgent.check_at == START + HOUR / 2
    silent = plan(facts(is_urgent=True, raised=urgent.raises), START + HOUR / 2, place)
    assert names(silent.raises) == [("silent:urgent", 2)]


def test_a_paused_ticket_is_not_late_but_still_waits_for_an_acknowledgement():
    urgent = plan(facts(is_urgent=True, is_paused=True), DUE + HOUR, place)
    assert [one.cause for one in urgent.raises] == ["urgent", "silent:urgent"]
    assert plan(facts(is_paused=True), DUE + HOUR, place) == plan(
        facts(is_paused=True), START, place
    )
    assert plan(facts(is_paused=True), DUE + HOUR, place).check_at is None


def test_after_a_long_sleep_it_goes_up_step_by_step_at_once_and_calls_only_the_top():
    now = DUE + timedelta(days=3)
    found = plan(facts(), now, place)
    assert names(found.raises) == [
        ("warning", 0),
        ("silent:warning", 1),
        ("breach", 1),
        # The supervisor knew since the recipient was silent: their two hours ended first.
        ("silent:silent:warning", 2),
    ]
    assert [one.is_passed for one in found.raises] == [True, True, True, False]
    assert found.raises[-1].acknowledge_by == now + 2 * HOUR
    assert plan(facts(raised=found.raises), now, place).raises == ()


def test_each_raise_names_who_is_told_and_for_whom():
    def by_substitute(level, is_duty, at):
        return Told(level, 10 + level, 20 + level), at + HOUR

    found = plan(facts(), DUE, by_substitute)
    told = [(one.staff_id, one.substitute_for_id) for one in found.raises]
    assert told == [(10, 20), (11, 21), (11, 21), (12, 22)]


def test_nobody_is_waited_for_at_a_level_that_was_passed():
    """The warning is younger than what the director knows, and its hour is not over."""
    found = plan(facts(is_urgent=True), WARN + HOUR / 2, place)
    assert names(found.raises) == [("urgent", 1), ("silent:urgent", 2), ("warning", 0)]
    assert [one.acknowledge_by is None for one in found.raises] == [True, False, True]
    assert found.check_at == DUE


def test_whoever_is_told_late_has_the_full_time():
    found = plan(facts(), WARN + HOUR / 2, place)
    assert found.raises[0].acknowledge_by == WARN + HOUR / 2 + HOUR
    assert found.check_at == WARN + HOUR / 2 + HOUR


def test_a_moved_deadline_can_be_broken_again():
    first = plan(facts(), DUE, place).raises
    done = tuple(one._replace(is_acknowledged=True) for one in first)
    moved = facts(warn_at=WARN, due_at=DUE + 24 * HOUR, raised=done)
    assert plan(moved, DUE + HOUR, place).raises == ()
    assert names(plan(moved, DUE + 24 * HOUR, place).raises) == [("breach", 1)]


def test_a_level_where_nobody_is_there_is_passed_over():
    def no_supervisor(level, is_duty, at):
        return Told(2 if level == 1 else level), at + HOUR

    found = plan(facts(warn_at=None), DUE, no_supervisor)
    assert names(found.raises) == [("breach", 2)]
    assert found.check_at is None


@given(
    st.booleans(),
    st.booleans(),
    st.lists(st.integers(0, 40 * 60), min_size=1, max_size=12).map(sorted),
    st.randoms(),
)
def test_however_often_one_looks_nothing_is_raised_twice_or_goes_down(
    is_urgent, may_acknowledge, minutes, random
):
    raised, levels = (), []
    for minute in minutes:
        now = START + timedelta(minutes=minute)
        found = plan(facts(is_urgent=is_urgent, raised=raised), now, place)
        assert all(one.at <= now for one in found.raises)
        assert found.check_at is None or found.check_at > now
        told = tuple(one._replace(at=now) for one in found.raises)
        raised += told
        if may_acknowledge and raised and random.random() < 0.5:
            raised = tuple(one._replace(is_acknowledged=True) for one in raised)
        levels.append(max((one.level for one in raised), default=-1))
    causes = [one.cause for one in raised]
    assert len(causes) == len(set(causes))
    assert levels == sorted(levels)


def test_one_long_look_reaches_the_level_of_many_short_ones():
    raised = ()
    for minute in range(0, 40 * 60, 5):
        raised += plan(facts(raised=raised), START + timedelta(minutes=minute), place).raises
    at_once = plan(facts(), START + timedelta(hours=40), place).raises
    assert {one.cause for one in raised} == {one.cause for one in at_once}


def test_causes_fit_their_column():
    cause = cause_at("warning", DUE)
    assert len(f"silent:silent:{cause}") <= 48


# People.


def roster(*roles, away=None, on_duty=()):
    """People 1, 2, 3 … with these roles (`department:engineering` for a handler)."""
    people = {}
    for number, role in enumerate(roles, start=1):
        name, _, department = role.partition(":")
        people[number] = Person(number, name, department or None)
    return Roster(people, away or {}, on_duty)


MATTER = Matter(recipient_id=1, department="engineering", turn=0)

PEOPLE = [
    ("the-recipient", roster("agent", "supervisor"), 0, False, Told(0, 1)),
    ("the-substitute", roster("agent", "agent", away={1: 2}), 0, False, Told(0, 2, 1)),
    (
        "along-the-chain",
        roster("agent", "agent", "agent", away={1: 2, 2: 3}),
        0,
        False,
        Told(0, 3, 1),
    ),
    (
        "a-circle-goes-to-the-handler",
        roster("agent", "agent", "department:engineering", away={1: 2, 2: 1}),
        0,
        False,
        Told(0, 3),
    ),
    (
        "no-substitute-goes-to-the-supervisor",
        roster("agent", "supervisor", away={1: None}),
        0,
        False,
        Told(1, 2),
    ),
    (
        "another-departments-handler-is-not-asked",
        roster("agent", "department:sales", "supervisor", away={1: None}),
        0,
        False,
        Told(1, 3),
    ),
    ("supervisor", roster("agent", "supervisor", "director"), 1, False, Told(1, 2)),
    (
        "absent-supervisor-without-substitute",
        roster("agent", "supervisor", "director", away={2: None}),
        1,
        False,
        Told(2, 3),
    ),
    (
        "a-substitute-who-left-is-nobody",
        roster("agent", "supervisor", "director", away={2: 99}),
        1,
        False,
        Told(2, 3),
    ),
    ("not-the-recipient-again", roster("supervisor", "director"), 1, False, Told(2, 2)),
    ("admin-at-last", roster("agent", "admin"), 1, False, Told(2, 2)),
    ("nobody-at-all", roster("agent"), 1, False, Told(1, None)),
    (
        "on-duty",
        roster("agent", "manager", "manager", on_duty=(3,)),
        1,
        True,
        Told(1, 3),
    ),
    (
        "absent-on-duty",
        roster("agent", "manager", "supervisor", away={2: 3}, on_duty=(2,)),
        1,
        True,
        Told(1, 3, 2),
    ),
    ("nobody-on-duty-any-manager", roster("agent", "supervisor", "manager"), 1, True, Told(1, 3)),
    ("no-manager-the-supervisor", roster("agent", "supervisor"), 1, True, Told(1, 2)),
    ("director", roster("agent", "supervisor", "director"), 2, False, Told(2, 3)),
]


@pytest.mark.parametrize(
    ("who", "level", "is_duty", "told"), [p[1:] for p in PEOPLE], ids=[p[0] for p in PEOPLE]
)
def test_who_is_told(who, level, is_duty, told):
    assert find(who, MATTER, level, is_duty=is_duty) == told


def test_tickets_are_shared_out_among_supervisors():
    who = roster("agent", "supervisor", "supervisor")
    told = [find(who, Matter(1, "engineering", turn), 1).staff_id for turn in range(4)]
    assert told == [2, 3, 2, 3]


def test_what_the_ladder_remembers_is_what_it_would_find_for_each_ticket():
    who = roster(
        "agent",
        *["supervisor"] * 3,
        *["manager"] * 2,
        "director",
        "department:sales",
        away={3: None, 6: 2},
        on_duty=(5,),
    )
    ladder = Ladder(who)
    for turn in range(30):
        for recipient in (None, 1, 2):
            matter = Matter(recipient, ("sales", "finance")[turn % 2], turn)
            for level, is_duty in ((0, False), (1, False), (1, True), (2, False)):
                found = find(who, matter, level, is_duty=is_duty)
                told, acknowledge_by = ladder.place_for(matter)(level, is_duty, START)
                assert told == found
                assert acknowledge_by > START
