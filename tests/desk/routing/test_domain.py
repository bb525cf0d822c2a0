"""Who gets a waiting conversation: the rules alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.routing.domain import (
    TRADITIONAL,
    URGENT,
    Agent,
    Team,
    Waiting,
    assign,
    not_again,
    order_of_teams,
)

START = datetime(2026, 11, 24, tzinfo=UTC)
TOPICS = ["ask_price", "indoor_repair", TRADITIONAL, URGENT]

topics = st.frozensets(st.sampled_from(TOPICS))
ids = st.integers(1, 6)
agents = st.lists(
    st.builds(
        Agent,
        id=st.integers(1, 12),
        load=st.integers(0, 6),
        capacity=st.integers(0, 6),
        took_at=st.none() | st.integers(0, 90).map(lambda n: START + timedelta(minutes=n)),
        groups=st.frozensets(ids, max_size=3),
        is_free=st.booleans(),
    ),
    unique_by=lambda one: one.id,
    max_size=12,
)
teams = st.lists(st.builds(Team, id=ids, topics=topics), unique_by=lambda one: one.id, max_size=5)
waiting = st.lists(
    st.builds(
        Waiting,
        id=st.text("abcdef", min_size=2, max_size=4),
        queued_at=st.integers(0, 90).map(lambda n: START + timedelta(minutes=n)),
        is_urgent=st.booleans(),
        topics=topics,
        wanted_group=st.none() | ids,
        last_agent=st.none() | st.integers(1, 12),
        asked=st.frozensets(st.integers(1, 12), max_size=4),
    ),
    unique_by=lambda one: one.id,
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(waiting, agents, teams)
def test_nobody_is_asked_who_cannot_take_one(waiting, agents, teams):
    found = assign(waiting, agents, teams)
    by_id, matters = {one.id: one for one in agents}, {one.id: one for one in waiting}
    assert len({one.agent_id for one in found}) == len(found), "one offer at a time"
    assert len({one.conversation_id for one in found}) == len(found)
    for one in found:
        agent, matter = by_id[one.agent_id], matters[one.conversation_id]
        assert agent.is_free and agent.load < agent.capacity
        assert agent.id not in matter.asked
        assert one.group_id is None or one.group_id in agent.groups
        if teams and one.group_id is None:
            assert agent.id == matter.last_agent


@settings(max_examples=200, deadline=None)
@given(waiting, agents, teams, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(waiting, agents, teams, random):
    before = assign(waiting, agents, teams)
    random.shuffle(waiting)
    random.shuffle(agents)
    assert assign(waiting, agents, teams) == before


@settings(max_examples=200, deadline=None)
@given(waiting, agents)
def test_nobody_waits_while_somebody_could_take_it(waiting, agents):
    found = assign(waiting, agents, [])
    given_out = {one.conversation_id for one in found}
    busy = {one.agent_id for one in found}
    left = [one for one in agents if one.is_free and one.load < one.capacity and one.id not in busy]
    for matter in waiting:
        if matter.id not in given_out:
            assert all(one.id in matter.asked for one in left)


def matter(name="c", minutes=0, **values):
    return Waiting(id=name, queued_at=START + timedelta(minutes=minutes), **values)


def test_urgent_first_then_the_longest_wait():
    one_agent = [Agent(1, load=0, capacity=5)]
    late, early = matter("a", 5), matter("b", 1)
    urgent = matter("c", 9, is_urgent=True)
    assert assign([late, early], one_agent, [])[0].conversation_id == "b"
    assert assign([late, early, urgent], one_agent, [])[0].conversation_id == "c"


def test_a_returning_customer_gets_the_same_agent_if_free():
    people = [Agent(1, 0, 5), Agent(2, 4, 5)]
    assert assign([matter(last_agent=2)], people, [])[0].agent_id == 2
    busy = [Agent(1, 0, 5), Agent(2, 5, 5)]
    assert assign([matter(last_agent=2)], busy, [])[0].agent_id == 1


def test_the_group_that_suits_best_then_the_general_one_then_the_others():
    sales, repair = Team(1, frozenset({"ask_price"})), Team(2, frozenset({"indoor_repair"}))
    general = Team(3)
    one = matter(topics=frozenset({"indoor_repair"}))
    assert [team.id for team in order_of_teams(one, [sales, repair, general])] == [2, 3, 1]
    wanted = matter(topics=frozenset({"indoor_repair"}), wanted_group=1)
    assert [team.id for team in order_of_teams(wanted, [sales, repair, general])] == [1, 2, 3]


def test_the_least_loaded_for_their_size_then_the_longest_idle():
    small, big = Agent(1, 1, 2), Agent(2, 2, 10)
    assert assign([matter()], [small, big], [])[0].agent_id == 2
    just_now = Agent(1, 1, 5, took_at=START + timedelta(minutes=9))
    long_ago = Agent(2, 1, 5, took_at=START)
    assert assign([matter()], [just_now, long_ago], [])[0].agent_id == 2


def test_a_wish_for_a_group_goes_before_the_agent_they_had():
    people = [Agent(1, 0, 5), Agent(2, 0, 5, groups=frozenset({7}))]
    found = assign([matter(wanted_group=7, last_agent=1)], people, [Team(7)])
    assert (found[0].agent_id, found[0].group_id) == (2, 7)


def test_when_all_let_it_pass_it_goes_round_again_but_not_to_who_declined():
    assert not_again(frozenset(), {1: 1}, [1, 2]) == {1}
    assert not_again(frozenset(), {1: 1, 2: 1}, [1, 2]) == frozenset()
    assert not_again(frozenset({2}), {1: 1}, [1, 2]) == {2}
    assert not_again(frozenset({1, 2}), {}, [1, 2]) == {1, 2}
