"""Groups, handing on, stepping in, the board, and the same by REST."""

from datetime import timedelta

import pytest

from desk.conversations import service as conversations
from desk.conversations.models import Mode, QueueWait, Sender
from desk.conversations.waits import expected_wait
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.routing.board import read_board
from desk.routing.groups import colleagues, groups
from desk.routing.managing import remove_group, save_group, set_capacity
from desk.routing.offering import offers_to
from desk.routing.presence import Presence


def saved(floor, leader, **values):
    with floor.database.transaction() as session:
        return save_group(session, leader, **values)


def test_a_leader_keeps_the_groups(floor):
    leader, agent = floor.make.staff("supervisor"), floor.make.staff()
    first = saved(floor, leader, name=" 售后 ", topics=["request_repair"], members=[agent.id])
    saved(floor, leader, name="售前")
    with floor.database.reading() as session:
        found = groups(session)
    assert [(one.name, one.topics, one.members) for one in found] == [
        ("售后", ("request_repair",), (agent.id,)),
        ("售前", (), ()),
    ]
    with floor.database.transaction() as session:
        save_group(session, leader, first.id, name="售后组", members=[])
    with floor.database.reading() as session:
        assert (groups(session)[0].name, groups(session)[0].members) == ("售后组", ())


def test_what_a_group_cannot_be(floor):
    leader, agent = floor.make.staff("supervisor"), floor.make.staff()
    department = floor.make.staff("department")
    saved(floor, leader, name="售前")
    for values, error in (
        ({"name": "　"}, InvalidInput),
        ({"name": "长" * 33}, InvalidInput),
        ({"name": "售前"}, Conflict),
        ({"name": "x", "topics": ["no_such_topic"]}, InvalidInput),
        ({"name": "x", "members": [department.id]}, InvalidInput),
        ({"name": "x", "members": [999]}, InvalidInput),
    ):
        with pytest.raises(error):
            saved(floor, leader, **values)
    with pytest.raises(Forbidden):
        saved(floor, agent, name="x")
    with floor.database.transaction() as session, pytest.raises(NotFound):
        save_group(session, leader, 999, name="x")
    with floor.database.reading() as session:
        assert [one.name for one in groups(session)] == ["售前"], "nothing half-written"


def test_passed_on_to_a_group_which_is_asked_first(floor):
    repair = floor.group("维修")
    others = floor.group("其他小组")
    holder, fitter = floor.agent(others), floor.agent(repair)
    floor.agent(others)
    held = floor.make.claimed(holder)
    with floor.database.transaction() as session:
        passed = conversations.transfer_to_group(session, held.id, holder, repair.id, now=floor.now)
    assert (passed.mode, passed.group_id, passed.assigned_to_id) == (Mode.QUEUED, repair.id, None)
    assert "负责这类问题" in floor.make.messages(held)[-1].text
    floor.round()
    with floor.database.reading() as session:
        assert [one.group_id for one in offers_to(session, fitter, now=floor.now)] == [repair.id]
    with floor.database.transaction() as session:
        remove_group(session, floor.make.staff("supervisor"), repair.id)
    assert floor.make.fresh(held).group_id is None


def test_only_its_holder_passes_a_conversation_on(floor):
    group, held = floor.group("维修"), floor.make.claimed(floor.make.staff())
    with floor.database.transaction() as session, pytest.raises(NotFound):
        conversations.transfer_to_group(session, held.id, floor.make.staff(), group.id)


@pytest.mark.parametrize("before", ["bot", "queued", "agent"])
def test_a_leader_steps_in_whoever_speaks(floor, before):
    leader = floor.make.staff("supervisor")
    talk = {
        "bot": floor.make.conversation,
        "queued": floor.make.queued,
        "agent": lambda: floor.make.claimed(floor.make.staff()),
    }[before]()
    with floor.database.transaction() as session:
        taken = conversations.step_in(session, talk.id, leader)
    assert (taken.mode, taken.assigned_to_id) == (Mode.AGENT, leader.id)
    last = floor.make.messages(talk)[-1]
    assert last.sender == Sender.SYSTEM and leader.display_name in last.text
    with floor.database.transaction() as session:
        assert conversations.step_in(session, talk.id, leader).version == taken.version, "again"


def test_nobody_else_steps_in_and_nobody_into_what_has_ended(floor):
    agent, leader = floor.make.staff(), floor.make.staff("manager")
    held = floor.make.claimed(agent)
    with floor.database.transaction() as session, pytest.raises(Forbidden):
        conversations.step_in(session, held.id, floor.make.staff())
    with floor.database.transaction() as session:
        conversations.close(session, held.id, agent)
    with floor.database.transaction() as session, pytest.raises(Conflict):
        conversations.step_in(session, held.id, leader)


def test_the_board_shows_who_waits_and_who_is_owed_an_answer(floor):
    leader, agent = floor.make.staff("supervisor"), floor.agent()
    floor.goes(agent, Presence.AWAY, "会议")
    waiting = floor.waits("电梯坏了", urgent=True)
    talk = floor.make.claimed(agent, "在吗")
    with floor.database.transaction() as session:
        conversations.add_agent_message(session, talk.id, agent, client_id="a1", text="您好")

    def board():
        with floor.database.reading() as session:
            return read_board(session, leader, now=floor.now)

    found = board()
    (row,) = found.waiting
    assert (row.conversation_id, row.is_urgent, row.preview) == (waiting.id, True, "电梯坏了")
    (held,) = found.talks
    assert (held.agent_name, held.waits_since) == (agent.display_name, None)
    said = floor.make.says(talk, "什么时候能修好")
    assert board().talks[0].waits_since == said.created_at
    (person,) = [one for one in board().people if one.id == agent.id]
    assert (person.standing.presence, person.standing.reason) == (Presence.AWAY, "会议")
    assert (person.load, person.capacity, board().count(Presence.AWAY)) == (1, 5, 1)


def test_colleagues_with_most_room_come_first(floor):
    busy, free, away = floor.agent(capacity=2), floor.agent(capacity=2), floor.agent()
    floor.make.claimed(busy)
    floor.goes(away, Presence.AWAY)
    gone = floor.make.staff()
    with floor.database.reading() as session:
        found = colleagues(session, gone, now=floor.now)
    assert [one.id for one in found][:3] == [free.id, busy.id, away.id]
    assert gone.id not in [one.id for one in found]


def test_a_capacity_of_ones_own(floor):
    leader, agent = floor.make.staff("supervisor"), floor.agent()
    with floor.database.transaction() as session:
        set_capacity(session, leader, agent.id, 0)
    floor.waits()
    assert floor.round().asked == set()
    for wrong in (-1, 51):
        with floor.database.transaction() as session, pytest.raises(InvalidInput):
            set_capacity(session, leader, agent.id, wrong)


def test_a_wait_is_foretold_only_from_what_happened_lately(floor):
    talk = floor.make.conversation()

    def taken(count, minutes):
        with floor.database.transaction() as session:
            for _ in range(count):
                at = floor.now - timedelta(minutes=minutes)
                session.add(
                    QueueWait(
                        conversation_id=talk.id,
                        reason="requested",
                        is_urgent=False,
                        queued_at=at,
                        taken_at=at,
                        outcome="talk",
                    )
                )

    def expected(place):
        with floor.database.reading() as session:
            return expected_wait(session, place, floor.now)

    taken(10, 40)
    taken(4, 10)
    assert expected(2) is None
    taken(2, 5)
    assert expected(2) == timedelta(minutes=10)
    floor.waits()
    floor.now += timedelta(seconds=1)
    second = floor.waits()
    assert "您前面还有 1 位，按最近的接待情况约需 10 分钟" in floor.make.messages(second)[-1].text


async def test_the_same_by_rest(running):
    make = running.make
    leader, agent = make.staff("supervisor"), make.staff()
    async with running.http(leader) as http:
        made = await http.post(
            "/api/v1/groups", json={"name": "售后", "members": [agent.id], "topics": ["urgent"]}
        )
        assert made.status_code == 201
        group_id = made.json()["id"]
        again = await http.post("/api/v1/groups", json={"name": "售后"})
        assert (again.status_code, again.json()["error"]["key"]) == (409, "errors.group_name_taken")
        await http.put(f"/api/v1/colleagues/{agent.id}/capacity", json={"capacity": 3})
    held = make.claimed(agent)
    async with running.http(agent) as http:
        chosen = await http.put("/api/v1/presence", json={"presence": "away", "reason": "小休"})
        assert chosen.json()["presence"] == "offline", "no console page of theirs is open"
        long = await http.put("/api/v1/presence", json={"presence": "away", "reason": "长" * 20})
        assert long.status_code == 422
        passed = await http.post(
            f"/api/v1/conversations/{held.id}/group", json={"group_id": group_id}
        )
        assert passed.json()["mode"] == "queued"
        assert (await http.get("/api/v1/offers")).json() == {"offers": []}
        assert (await http.post("/api/v1/offers/99/accept")).status_code == 404
    async with running.http(leader) as http:
        live = (await http.get("/api/v1/live")).json()
        assert [(one["id"], one["group"]) for one in live["waiting"]] == [(held.id, "售后")]
        given = await http.post(
            f"/api/v1/conversations/{held.id}/assignment", json={"staff_id": agent.id}
        )
        assert given.json()["agent_name"] == agent.display_name
        stepped = await http.post(f"/api/v1/conversations/{held.id}/step-in")
        assert stepped.json()["agent_name"] == leader.display_name
        people = (await http.get("/api/v1/colleagues")).json()["colleagues"]
        assert [one["capacity"] for one in people if one["id"] == agent.id] == [3]
        assert (await http.delete(f"/api/v1/groups/{group_id}")).status_code == 204
        assert (await http.get("/api/v1/groups")).json() == {"groups": []}
